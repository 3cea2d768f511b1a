"""What the suite stands on goes away under load and comes back: nothing acknowledged is lost, and all recover.

One city per log goes through all of it. The worker, the doors and their clients are real processes and threads; after
each fault the feed equals the fold of the events, no light has an effect twice, and every readiness check is green.
"""

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from deploy.kafka.broker import free_port, missing
from services.suite.client import Doors, RefusedError, UnreachableError
from services.suite.database import migrate_all
from tests.faults.city import City, drained, held, set_up, wait_for
from tests.faults.conftest import Recovered, settings_of
from tests.faults.load import Traffic, traffic
from tests.faults.network import Link, own_link
from tests.faults.servers import Disk, OwnKafka, OwnPostgres, own_postgres, small_disk
from tests.faults.streaming import subscribed
from tests.support.front import Front, opened

pytestmark = pytest.mark.long
SITES = 2
CLERKS = 12  # more than a pool has connections
FROZEN_S = 60 if os.environ.get("LEITBAKE_LONG_FAULTS") else 12
LOST_S = 30  # longer than both ends of a connection wait
ANSWERED_S = 20  # yes or no: what a door waits for a connection and for an answer, on a busy machine
SUBSCRIBERS = 40  # more than a stream takes
THREADS = 4  # more than this are left behind by clients that were given up
both = pytest.mark.parametrize("stand", ["embedded", "kafka"], indirect=True)
on_kafka = pytest.mark.parametrize("stand", ["kafka"], indirect=True)


class Stand(NamedTuple):
    city: City
    front: Front
    postgres: OwnPostgres
    broker: OwnKafka | None
    numbers: "itertools.count[int]"

    @property
    def kafka(self) -> OwnKafka:
        assert self.broker is not None
        return self.broker

    def sites(self, count: int = SITES) -> range:
        """Sites that no test had before."""
        first = next(self.numbers)
        for _ in range(count - 1):
            next(self.numbers)
        return range(first, first + count)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPostgres]:
    folder = tmp_path_factory.mktemp("own") / "postgres"
    with own_link() as link, small_disk(folder, 400) as disk, own_postgres(disk, link) as made:
        with psycopg.connect(made.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_wal_size = '64MB'")  # the disk is small
            connection.execute("SELECT pg_reload_conf()")
        yield made


@pytest.fixture(scope="module")
def stand(
    request: pytest.FixtureRequest, postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    folder, log = tmp_path_factory.mktemp("stand"), str(request.param)
    if log == "kafka" and missing():
        pytest.skip(f"a broker to be broken needs {' and '.join(missing())}")
    with ExitStack() as stack:
        broker = None
        if log == "kafka":
            disk, link = small_disk(folder / "kafka", 200), own_link()
            broker = OwnKafka(stack.enter_context(disk), free_port(), stack.enter_context(link))
            broker.start()
            stack.callback(broker.kill)
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {log}")
        url, far_url = make_conninfo(postgres.url, dbname=log), make_conninfo(postgres.far_url, dbname=log)
        migrate_all(url)
        city = City(settings_of(url, broker.bootstrap if broker else ""))
        stack.callback(city.close)
        front = stack.enter_context(opened(url, folder, city.environment | {"LEITBAKE_DATABASE_URL": far_url}))
        yield Stand(city, front, postgres, broker, itertools.count())


def came_back(stand: Stand, clients: Traffic, restored: float, what: str, recovered: Recovered) -> None:
    """Call when the clients are done: how long it took, and whether all is as it should be."""
    again = [answer.at for answer in clients.answers if answer.status == 202 and answer.at > restored]
    recovered(f"{what}: pings taken again", min(again) - restored)
    wait_for(lambda: drained(stand.city), 90)
    recovered(f"{what}: all caught up, the rest of the load included", time.monotonic() - restored)
    wait_for(lambda: set_up(stand.city) == clients.sites.stop and drained(stand.city), 60)
    wait_for(lambda: ready(stand), 60)
    assert held(stand.city).features == clients.sites.stop


def ready(stand: Stand) -> bool:
    try:
        for service in ("permits", "beacons", "feed"):
            Doors(f"http://127.0.0.1:{stand.front.port}").get(f"/{service}/readyz")
    except (UnreachableError, RefusedError):
        return False
    return stand.front.worker.poll() is None


def slowest_no(clients: Traffic) -> str:
    return f"503 after at most {max(answer.seconds for answer in clients.refused()):.1f} s"


def until(condition: Callable[[], object]) -> None:
    wait_for(lambda: bool(condition()), 90)


@both
def test_postgresql_crashes_and_starts_again_under_load(stand: Stand, recovered: Recovered) -> None:
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(60)
        stand.postgres.crash_and_start()
        restored = time.monotonic()
        clients.hear(60)
    came_back(stand, clients, restored, "PostgreSQL crashed", recovered)


@both
def test_postgresql_that_answers_nobody_for_a_while_is_a_503(stand: Stand, recovered: Recovered) -> None:
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(60)
        with stand.postgres.frozen():
            began = time.monotonic()
            assert not ready(stand)
            assert time.monotonic() - began < ANSWERED_S
            time.sleep(FROZEN_S)
            assert clients.refused()
        restored = time.monotonic()
        clients.hear(60)
    assert max(answer.seconds for answer in clients.answers) < ANSWERED_S
    came_back(stand, clients, restored, f"PostgreSQL frozen ({slowest_no(clients)})", recovered)


@both
def test_a_network_that_swallows_packets_to_postgresql_is_a_503(stand: Stand, recovered: Recovered) -> None:
    swallow(stand, stand.postgres.link, LOST_S, "PostgreSQL", recovered)


@on_kafka
def test_a_network_that_swallows_packets_to_kafka_is_a_503(stand: Stand, recovered: Recovered) -> None:
    swallow(stand, stand.kafka.link, 60, "Kafka", recovered)


def swallow(stand: Stand, link: Link | None, seconds: float, server: str, recovered: Recovered) -> None:
    if link is None:
        pytest.skip("packets can only be swallowed where we may make a network namespace (root, ip)")
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(60)
        with link.swallowing():
            began = time.monotonic()
            until(clients.refused)
            assert not ready(stand)
            time.sleep(began + seconds - time.monotonic())
        restored = time.monotonic()
        clients.hear(60)
    assert max(answer.seconds for answer in clients.answers) < ANSWERED_S
    what = f"network to {server} dead for {seconds:.0f} s ({slowest_no(clients)})"
    came_back(stand, clients, restored, what, recovered)


@both
def test_a_pool_without_a_free_connection_is_a_503_and_other_pools_go_on(stand: Stand, recovered: Recovered) -> None:
    with traffic(stand.city, stand.front, stand.sites(CLERKS), clerks=CLERKS) as clients:
        with psycopg.connect(stand.city.url) as slow:
            slow.execute("LOCK TABLE permits.events")
            until(clients.refused)
            clients.hear(60)
        restored = time.monotonic()
        clients.hear(60)
    assert len(clients.refused()) < CLERKS * 10, "the pool was held for one lock's time only"
    came_back(stand, clients, restored, f"pool exhausted ({slowest_no(clients)})", recovered)


@both
def test_subscribers_who_do_not_read_hold_nobody_up(stand: Stand, recovered: Recovered) -> None:
    with ExitStack() as subscribers:
        with traffic(stand.city, stand.front, stand.sites()) as clients:
            came = time.monotonic()
            for _ in range(SUBSCRIBERS):
                subscribers.enter_context(subscribed(stand.front.port, "/feed/v1/stream?since=0"))
            clients.hear(300)
        came_back(stand, clients, came, f"{SUBSCRIBERS} subscribers do not read", recovered)


@both
def test_a_full_disk_of_postgresql_is_a_503_and_with_room_all_goes_on(stand: Stand, recovered: Recovered) -> None:
    fillable(stand.postgres.disk)
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(30)
        stand.postgres.disk.fill()
        if stand.broker is None:
            until(clients.refused)
        else:
            clients.hear(300)  # pings lie on Kafka
        stand.postgres.disk.make_room()
        stand.postgres.back()
        restored = time.monotonic()
        clients.hear(60)
    said = slowest_no(clients) if clients.refused() else "no 503: pings lie on Kafka"
    came_back(stand, clients, restored, f"disk of PostgreSQL full ({said})", recovered)


@on_kafka
def test_kafka_is_killed_and_starts_again_under_load(stand: Stand, recovered: Recovered) -> None:
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(60)
        threads = psutil.Process(stand.front.worker.pid).num_threads()
        stand.kafka.kill()
        until(clients.refused)
        stand.kafka.start()
        restored = time.monotonic()
        clients.hear(60)
    came_back(stand, clients, restored, f"Kafka killed ({slowest_no(clients)})", recovered)
    assert psutil.Process(stand.front.worker.pid).num_threads() < threads + THREADS


@on_kafka
def test_kafka_that_answers_nobody_for_a_while_is_a_503(stand: Stand, recovered: Recovered) -> None:
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(60)
        assert stand.kafka.process is not None
        stand.kafka.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(FROZEN_S)
            until(clients.refused)
        finally:
            stand.kafka.process.send_signal(signal.SIGCONT)
        restored = time.monotonic()
        clients.hear(60)
    came_back(stand, clients, restored, f"Kafka frozen for {FROZEN_S} s ({slowest_no(clients)})", recovered)


@on_kafka
def test_a_full_disk_of_kafka_is_a_503_and_with_room_all_goes_on(stand: Stand, recovered: Recovered) -> None:
    fillable(stand.kafka.disk)
    with traffic(stand.city, stand.front, stand.sites()) as clients:
        clients.hear(60)
        stand.kafka.disk.fill()
        until(clients.refused)
        stand.kafka.disk.make_room()
        stand.kafka.back()
        restored = time.monotonic()
        clients.hear(60)
    came_back(stand, clients, restored, f"disk of Kafka full ({slowest_no(clients)})", recovered)


def fillable(disk: Disk) -> None:
    if disk.size is None:
        pytest.skip("a disk can only be filled where we may mount a small one (root, tmpfs)")
