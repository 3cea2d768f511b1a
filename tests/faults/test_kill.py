"""Kill -9 at named points, in real processes under load: nothing acknowledged is lost, nothing has effect twice."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.beacons.application.door import judge, ticks
from services.permits.domain import commands
from services.permits.domain.content import Content
from services.permits.domain.people import Actor
from services.suite.city_services import Services, build_all
from services.suite.verify import verify
from shared.clock import MINUTE_US, WallClock, from_micros
from shared.contracts.base import LineString
from shared.contracts.devices import DeviceRegistered
from shared.contracts.permits import Measure, Permit
from shared.contracts.pings import Ping
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog, Mark
from shared.events.codec import encode
from shared.settings import Settings
from tests.faults.dying import POINTS
from tests.support.city import place

ROOT = Path(__file__).parents[2]
CLERK = Actor("clerk", "c-1")
PERMITS_COUNT = 6
LIGHTS = 6
SPACING_M = 2_000
ROUNDS = 8


class City:
    """A city on its own database, with a worker that can be killed and started again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.services: Services = build_all(Settings(database_url=url, master_key=b"x" * 32), url)
        self.log: EventLog = open_log(url, WallClock())
        self.acknowledged: list[str] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    def work(self, point: str = "never", count: int = 0) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.faults.dying", self.url, point, str(count)]
        self.workers.append(subprocess.Popen(command, cwd=ROOT))
        return self.workers[-1]

    def order(self, number: int) -> None:
        """Submit and approve a permit; what returns is acknowledged."""
        now = from_micros(WallClock().now())
        measure = Measure(
            id=f"de-mainz-m{number}",
            key="1",
            kind="road_closed",
            geometry=LineString((place(number * SPACING_M), place(number * SPACING_M + 120))),
            street=f"Straße {number}",
            start=now - timedelta(hours=1),
            end=now + timedelta(days=1),
        )
        permit = Permit(permit_id=f"p{number}", permit_number=f"61-{number}", authority="Amt 61", measures=(measure,))
        self.services.permits.office.desk.execute(
            f"p{number}", commands.Submit(actor=CLERK, content=Content(permit=permit)), key=f"submit-{number}"
        )
        self.services.permits.office.desk.execute(f"p{number}", commands.Approve(actor=CLERK), key=f"approve-{number}")
        devices = [
            DeviceRegistered(device_id=f"LT-{number}-{n}", kind="warning_light", permit_number=f"61-{number}")
            for n in range(LIGHTS)
        ]
        self.services.beacons.registry.register(devices)

    def ping_all(self, number: int, round_: int) -> None:
        """One message of each light of a site: three in a row at each end."""
        now = WallClock().now()
        items = []
        for n in range(LIGHTS):
            lon, lat = place(number * SPACING_M + (6 if n < LIGHTS // 2 else 114) + round_ % 3 * 0.4, 0.5)
            at = from_micros(now - (ROUNDS - round_) * MINUTE_US)  # as a gateway sends what it had kept
            device = f"LT-{number}-{n}"
            items.append(
                encode(Ping(device_id=device, event_time=at, fix_time=at, lon=lon, lat=lat, lamp="on", sequence=round_))
            )
        verdict = judge(items, known=lambda devices: devices, may=lambda _: True, now=now)
        self.log.send([*verdict.messages, *ticks(self.log, now)[1]])
        self.acknowledged += [message.event.id for message in verdict.messages]


@pytest.fixture
def city(city_url: Callable[[], str]) -> Iterator[City]:
    made = City(city_url())
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()
    for service in made.services:
        service.database.close()
    made.log.close()  # type: ignore[attr-defined]  # the embedded log's


def drained(city: City) -> bool:
    """Every consumer has handled all there is, and the relays have nothing left."""
    ends = {
        topic.name: sum(city.log.ends(topic.name).values())
        for topic in (PERMITS, PINGS, DEVICES, SITES)
    }
    wanted = [
        (city.services.beacons.database, "lights", (PINGS,)),
        (city.services.beacons.database, "sites", (PERMITS, DEVICES)),
        (city.services.beacons.database, "fleet@1", (DEVICES, SITES)),
        (city.services.navfeed.database, "publisher", (PERMITS, SITES)),
    ]
    for database, group, inputs in wanted:
        with database.connection() as connection:
            row = connection.execute("SELECT coalesce(sum(next), 0) FROM offsets WHERE grp = %s", (group,)).fetchone()
        if row is None or row[0] < sum(ends[topic.name] for topic in inputs):
            return False
    return all(_outbox_empty(service) for service in city.services)


def _outbox_empty(service: object) -> bool:
    store, database = service.store, service.database  # type: ignore[attr-defined]  # every service has both
    with database.connection() as connection:
        row = connection.execute("SELECT position FROM cursors WHERE name = 'relay'").fetchone()
    return bool(row) and store.last() == row[0]


def wait_for(condition: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "not reached in time"
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_under_load_loses_nothing_and_does_nothing_twice(city: City, point: str, count: int) -> None:
    dying = city.work(point, count)
    for round_ in range(ROUNDS):
        for number in range(PERMITS_COUNT):
            if round_ == 0:
                city.order(number)
            city.ping_all(number, round_)
        time.sleep(0.15)
    assert dying.wait(timeout=30) == -9, f"the worker never passed {point!r} {count} times"
    healthy = city.work()
    try:
        recovery = wait_for(lambda: drained(city), 60)
        wait_for(lambda: set_up(city) == PERMITS_COUNT, 30)
    finally:
        healthy.terminate()
        healthy.wait(timeout=30)
    print(f"{point}, {count}: drained {recovery:.1f} s after the restart")  # noqa: T201  # the figure is the point
    assert set(city.acknowledged) <= logged_pings(city)
    assert dense_streams(city)
    verdict = verify(city.services, city.log)
    assert verdict.features == PERMITS_COUNT
    assert verdict.differences == []


def set_up(city: City) -> int:
    document = city.services.navfeed.ledger.document("roadworks.geojson")
    return document.data.count(b'"on_site":"set_up"') if document else 0


def logged_pings(city: City) -> set[str]:
    found: set[str] = set()
    for chunk in city.log.read({partition: Mark() for partition in city.log.partitions(PINGS.name)}, 100_000):
        found |= {record.event.id for record in chunk.records}
    return found


def dense_streams(city: City) -> bool:
    """In every topic of aggregates, each stream's versions are 1, 2, 3 … in the order of the log."""
    for topic in (PERMITS, DEVICES, SITES):
        seen: dict[str, int] = {}
        for chunk in city.log.read({partition: Mark() for partition in city.log.partitions(topic.name)}, 100_000):
            for record in chunk.records:
                last = seen.get(record.event.stream, 0)
                assert record.event.version <= last + 1, record.event.stream
                seen[record.event.stream] = max(last, record.event.version)
    return True
