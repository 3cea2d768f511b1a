"""A broker with ACLs, where each service's log-in may only do what deploy/kafka/rights.py names: enough, no more."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from deploy.kafka.broker import free_port, missing, running_broker
from deploy.kafka.rights import SETUP
from shared.clock import WallClock
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, TOPICS
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.kafka_client import LACKING
from shared.eventlog.opening import kafka_log, open_log
from shared.eventlog.port import LogUnavailableError, Mark, Message, Partition
from shared.settings import Settings
from tests.faults.city import KEY, ROOT, ROUNDS, City, drained, held, set_up, wait_for
from tests.support.rights import LOG_INS, grant_all, let_in
from tests.support.toys import said

pytestmark = pytest.mark.long
PREFIX = "mainz."
WORD = "for-all"
PATIENCE_S = 20
PROPERTIES = r"""
listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_PLAINTEXT://127.0.0.1:{guarded},CONTROLLER://127.0.0.1:{{controller}}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_PLAINTEXT://127.0.0.1:{guarded}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \
  required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KafkaAdminClient, str]]:
    """Who may do everything, and where all others have to log in."""
    if lacking := missing():
        pytest.skip(f"a broker with ACLs needs {' and '.join(lacking)}")
    guarded = free_port()
    with running_broker(tmp_path_factory.mktemp("rights"), more=PROPERTIES.format(guarded=guarded)) as broker:
        client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        let_in(client, dict.fromkeys([*LOG_INS, "village"], WORD))
        grant_all(client, PREFIX)
        yield client, f"127.0.0.1:{guarded}"
        client.close()


Setting = Callable[[str], Settings]


@pytest.fixture(scope="module")
def setting(admin: tuple[KafkaAdminClient, str], city_url: Callable[[], str]) -> Setting:
    """What a process of that log-in is told; the topics are made."""
    url = city_url()

    def of(login: str) -> Settings:
        return Settings(
            database_url=url,
            master_key=KEY,
            kafka_bootstrap=admin[1],
            kafka_prefix=PREFIX,
            kafka_security="SASL_PLAINTEXT",
            kafka_username=f"leitbake-{login}",
            kafka_password=WORD,
        )

    log = kafka_log(WallClock(), of(SETUP))
    log.ensure(TOPICS)
    wait_for(lambda: log.set_right(TOPICS) == [], 20)  # a broker learns of new topics a moment later
    log.close()
    return of


@pytest.fixture
def log_of(setting: Setting) -> Iterator[Callable[[str], KafkaLog]]:
    made: list[KafkaLog] = []

    def of(login: str) -> KafkaLog:
        made.append(kafka_log(WallClock(), setting(login)))
        return made[-1]

    yield of
    for log in made:
        log.close()


def environment(settings: Settings) -> dict[str, str]:
    return {
        "LEITBAKE_KAFKA_SECURITY": settings.kafka_security,
        "LEITBAKE_KAFKA_USERNAME": settings.kafka_username,
        "LEITBAKE_KAFKA_PASSWORD": settings.kafka_password,
    }


def test_each_service_with_its_own_rights_does_all_it_must(
    setting: Setting, admin: tuple[KafkaAdminClient, str], tmp_path: Path
) -> None:
    city = City(setting("beacons"))  # whose doors write pings
    try:
        for service in ("permits", "beacons", "navfeed"):
            command = [sys.executable, "-m", f"services.{service}.worker"]
            told = os.environ | city.environment | environment(setting(service))
            with (tmp_path / service).open("wb") as file:
                city.workers.append(subprocess.Popen(command, cwd=ROOT, env=told, stdout=file, stderr=file))
        city.order(1)
        for round_ in range(ROUNDS):
            city.ping_all(1, round_)
        wait_for(lambda: drained(city) and set_up(city) == 1, 90)
        groups = {f"{PREFIX}leitbake.{it}" for it in ("permits.onsite@1", "beacons.lights", "navfeed.publisher")}
        wait_for(lambda: groups <= {found["group_id"] for found in admin[0].list_groups()}, 60)
        assert all(worker.poll() is None for worker in city.workers)
        wait_for(lambda: as_told(admin[0]) == dict(places(city)), 60)
        city.log.close()
        city.log = kafka_log(WallClock(), setting("ops"))  # who looks after all may read all
        assert held(city).features == 1
        for service in ("permits", "beacons", "navfeed"):
            assert LACKING not in (tmp_path / service).read_text()
    finally:
        city.close()


def as_told(admin: KafkaAdminClient) -> dict[tuple[str, str], int]:
    """What Kafka's tools see: group, topic and partition, and the next offset."""
    groups = {found["group_id"]: None for found in admin.list_groups()}
    of_groups = admin.list_group_offsets({name: None for name in groups if name.startswith(PREFIX)})
    return {
        (name.removeprefix(f"{PREFIX}leitbake."), f"{it.topic.removeprefix(PREFIX)}/{it.partition}"): found.offset
        for name, offsets in of_groups.items()
        for it, found in offsets.items()
    }


def places(city: City) -> Iterator[tuple[tuple[str, str], int]]:
    """The same, as our own books have it."""
    topics = {topic.name for topic in TOPICS}
    for service in (city.services.permits, city.services.beacons, city.services.navfeed):
        with service.database.connection() as connection:
            for group, topic, part, following in connection.execute("SELECT grp, topic, part, next FROM offsets"):
                if topic in topics:
                    yield (f"{service.database.schema}.{group}", f"{topic}/{part}"), following


def test_who_looks_after_all_sees_all_and_can_have_what_is_parked_retried(log_of: Callable[[str], KafkaLog]) -> None:
    log = log_of("ops")
    for topic in TOPICS:
        marks = {partition: Mark() for partition in log.partitions(topic.name)}
        log.read(marks, 10)
        log.waiting_since(marks)
        log.send([toy(topic.name)])


def toy(topic: str) -> Message:
    return Message(topic, said("a", 1, version=1, time=1), 0)


def read(log: KafkaLog, topic: str) -> None:
    """Until something comes; it never does."""
    for _ in range(100):
        log.read({Partition(topic, 0): Mark()}, 10)


FORBIDDEN: dict[str, tuple[str, Callable[[KafkaLog], object], str]] = {
    "writing where another service writes": ("permits", lambda log: log.send([toy(PINGS.name)]), PINGS.name),
    "reading what it has no use for": ("navfeed", lambda log: read(log, DEVICES.name), DEVICES.name),
    "taking over another service's relay": ("permits", lambda log: log.fence("relay beacons"), LACKING),
    "telling another service's place": (
        "permits",
        lambda log: log.hint("leitbake.beacons.lights", {Partition(SITES.name, 0): Mark(1)}),
        LACKING,
    ),
    "relaying to a topic that it only reads": (
        "permits",
        lambda log: log.send([toy(SITES.name)], log.fence("relay permits")),
        SITES.name,
    ),
    "making topics": ("village", lambda log: log.ensure(TOPICS), LACKING),
    "changing topics": ("permits", lambda log: log.set_right(TOPICS), LACKING),
    "asking where a topic that it may not see ends": ("village", lambda log: log.ends(PERMITS.name), PERMITS.name),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_a_log_in_may_not_do_is_told_in_a_sentence_and_soon(log_of: Callable[[str], KafkaLog], what: str) -> None:
    login, do, told = FORBIDDEN[what]
    log = log_of(login)
    log._topics |= {topic.name: topic.partitions for topic in TOPICS}
    began = time.monotonic()
    with pytest.raises(LogUnavailableError, match=told.replace(".", r"\.")):
        do(log)
    assert time.monotonic() - began < PATIENCE_S


def test_a_process_whose_log_in_has_no_rights_does_not_start_and_says_why(setting: Setting) -> None:
    with pytest.raises(LogUnavailableError, match=LACKING):
        open_log(setting("village").database_url, WallClock(), setting("village"))
