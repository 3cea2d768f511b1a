"""A city for faults: its settings, a worker that can be killed, and what must hold after each fault."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec

from services.beacons.application.door import judge, ticks
from services.beacons.domain.light import LightsStage
from services.permits.domain import commands
from services.permits.domain.content import Content
from services.permits.domain.people import Actor
from services.suite.city_services import Services, build_all
from services.suite.verify import Verdict, verify
from shared.clock import MINUTE_US, WallClock, from_micros
from shared.contracts.base import LineString
from shared.contracts.devices import DeviceRegistered
from shared.contracts.permits import Measure, Permit
from shared.contracts.pings import Ping
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, SITUATIONS, TOPICS, Topic
from shared.db.errors import DatabaseUnavailableError
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog, LogUnavailableError, Mark, Message, Partition, Record
from shared.events.codec import encode
from shared.eventstore.as_log import OWN_STORE
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import EventStore
from shared.projection.books_memory import MemoryBooks
from shared.projection.keyed import KeyedRunner
from shared.settings import Settings
from tests.support.city import place

ROOT = Path(__file__).parents[2]
CLERK = Actor("clerk", "c-1")
KEY = b"x" * 32
LIGHTS = 6
SPACING_M = 2_000
ROUNDS = 8
CONSUMERS = {"onsite@1", "lights", "sites", "fleet@1", "orders@1", "publisher"}


class City:
    """On its own database and its own topics; ``acknowledged``: device and sequence of what the log took."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.url = settings, settings.database_url
        self.services: Services = build_all(settings, self.url)
        self.log: EventLog = open_log(self.url, WallClock(), settings)
        self.acknowledged: list[tuple[str, int]] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this city has to know."""
        return {
            "LEITBAKE_DATABASE_URL": self.url,
            "LEITBAKE_MASTER_KEY": base64.b64encode(KEY).decode(),
            "LEITBAKE_KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "LEITBAKE_KAFKA_PREFIX": self.settings.kafka_prefix,
        }

    def work(self, *arguments: str, more: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """A worker as tests.faults.dying has it; it starts when its stdin is closed."""
        command = [sys.executable, "-m", "tests.faults.dying", *arguments]
        environment = os.environ | self.environment | dict(more or {})
        self.workers.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE))
        return self.workers[-1]

    def order(self, number: int) -> None:
        """Submit and approve a permit; what returns is acknowledged."""
        permit = permit_of(number)
        desk = self.services.permits.office.desk
        desk.execute(f"p{number}", commands.Submit(actor=CLERK, content=Content(permit=permit)), key=f"submit-{number}")
        desk.execute(f"p{number}", commands.Approve(actor=CLERK), key=f"approve-{number}")
        self.register(number)

    def register(self, number: int, lights: int = LIGHTS) -> None:
        """The lights of a site."""
        names = [f"LT-{number}-{n}" for n in range(lights)]
        devices = [DeviceRegistered(device_id=it, kind="warning_light", permit_number=f"61-{number}") for it in names]
        self.services.beacons.registry.register(devices)

    def ping_all(self, number: int, round_: int) -> None:
        """One message of each light of a site, as a gateway sends what it had kept."""
        now = WallClock().now()
        items = [encode(ping) for ping in pings(number, round_, now - (ROUNDS - round_) * MINUTE_US)]
        self.log.send([*self.messages(items, now), *ticks(self.log, now)[1]])
        self.acknowledged += [(f"LT-{number}-{n}", round_) for n in range(LIGHTS)]

    def messages(self, items: list[bytes], now: int) -> list[Message]:
        """What the ping door makes of them."""
        verdict = judge(items, known=lambda devices: devices, may=lambda _: True, now=now)
        assert not verdict.rejected
        return list(verdict.messages)

    def records(self, topic: Topic) -> list[Record]:
        """All there is."""
        found: list[Record] = []
        marks = {partition: Mark() for partition in self.log.partitions(topic.name)}
        while chunks := self.log.read(marks, 10_000):
            for chunk in chunks:
                found += chunk.records
                marks[chunk.partition] = chunk.mark
        return found

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.communicate()
        for service in self.services:
            service.database.close()
        self.log.close()


def go(worker: "subprocess.Popen[bytes]") -> None:
    assert worker.stdin is not None
    worker.stdin.close()


def end(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    assert worker.wait(60) == 0


def permit_of(number: int) -> Permit:
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
    return Permit(permit_id=f"p{number}", permit_number=f"61-{number}", authority="Amt 61", measures=(measure,))


def pings(number: int, round_: int, time: int) -> list[Ping]:
    """What the lights of a site say in a round: three in a row at each end."""
    at = from_micros(time)
    found = []
    for n in range(LIGHTS):
        lon, lat = place(number * SPACING_M + (6 if n < LIGHTS // 2 else 114) + round_ % 3 * 0.4, 0.5)
        device = f"LT-{number}-{n}"
        found.append(Ping(device_id=device, event_time=at, fix_time=at, lon=lon, lat=lat, lamp="on", sequence=round_))
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> float:
    """How long it took, in seconds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "not reached in time"
        time.sleep(0.1)
    return time.monotonic() - began


def drained(city: City) -> bool:
    """Every consumer has handled all there is, and the relays have nothing left."""
    with suppress(DatabaseUnavailableError, LogUnavailableError):  # our own connections break, too
        return _drained(city)
    return False


def _drained(city: City) -> bool:
    if not all(_outbox_empty(service.store, service.database) for service in city.services):
        return False
    ends = {place: end for topic in TOPICS for place, end in city.log.ends(topic.name).items()}
    read = {group: places for service in city.services for group, places in _places(service.database).items()}
    return all(_handled(read.get(group, {}), ends) for group in CONSUMERS)


def _handled(places: dict[Partition, int], ends: dict[Partition, int]) -> bool:
    """All there is of the topics that a group reads."""
    topics = {place.topic for place in places}
    return bool(places) and all(places.get(place, 0) >= end for place, end in ends.items() if place.topic in topics)


def _places(database: Database) -> dict[str, dict[Partition, int]]:
    """How far each group is on the log; a view of a service's own store reads no topic."""
    found: dict[str, dict[Partition, int]] = {}
    with database.connection() as connection:
        for group, topic, part, following in connection.execute("SELECT grp, topic, part, next FROM offsets"):
            if topic != OWN_STORE:
                found.setdefault(group, {})[Partition(topic, part)] = following
    return found


def _outbox_empty(store: EventStore, database: Database) -> bool:
    with database.connection() as connection:
        row = connection.execute("SELECT position FROM cursors WHERE name = 'relay'").fetchone()
    return store.last() == (row[0] if row else 0)


def set_up(city: City) -> int:
    """How many sites the feed shows as set up."""
    document = city.services.navfeed.ledger.document("roadworks.geojson")
    return document.data.count(b'"on_site":"set_up"') if document else 0


def logged(city: City) -> set[tuple[str, int]]:
    """Device and sequence of every ping on the log."""
    said = (msgspec.json.decode(r.event.data) for r in city.records(PINGS) if r.event.type == Ping.TYPE)
    return {(ping["device_id"], ping["sequence"]) for ping in said}


def dense_streams(city: City) -> bool:
    """In every topic of aggregates, each stream's versions are 1, 2, 3 … in the order of the log."""
    for topic in (PERMITS, DEVICES, SITES):
        seen: dict[str, int] = {}
        for record in city.records(topic):
            last = seen.get(record.event.stream, 0)
            assert record.event.version <= last + 1, record.event.stream
            seen[record.event.stream] = max(last, record.event.version)
    return True


def unsent(city: City) -> set[tuple[str, int]]:
    """Stream and version of what a service has decided and no topic tells."""
    stored = {
        (it.event.stream, it.event.version)
        for service in city.services
        for it in service.store.after(0, service.store.last())
    }
    topics = (PERMITS, DEVICES, SITES, SITUATIONS)
    return stored - {(it.event.stream, it.event.version) for topic in topics for it in city.records(topic)}


def light_events(city: City) -> list[tuple[str, int, str, bytes]]:
    """What the lights decided: streams, versions, ids and contents."""
    return sorted(_light_events(city.services.beacons.store))


def decided_again(city: City) -> list[tuple[str, int, str, bytes]]:
    """What one pass over the log says, by lights that were never interrupted."""
    store = MemoryStore()
    runner = KeyedRunner(LightsStage(city.services.beacons.area), city.log, MemoryBooks(store))
    while runner.step():
        pass
    runner.close()
    return sorted(_light_events(store))


def _light_events(store: EventStore) -> Iterator[tuple[str, int, str, bytes]]:
    for stored in store.after(0, store.last()):
        event = stored.event
        if event.stream.startswith("light:"):
            yield event.stream, event.version, event.id, event.data


def parked(city: City) -> dict[tuple[str, str], str]:
    """Group and stream of what is parked, with the first reason."""
    query = "SELECT grp, stream, reason FROM parked ORDER BY next DESC"
    found: dict[tuple[str, str], str] = {}
    for service in city.services:
        with service.database.connection() as connection:
            found |= {(group, stream): reason for group, stream, reason in connection.execute(query)}
    return found


def held(city: City) -> Verdict:
    """What must be true after every fault; returns the verdict over the feed. Nobody may be at work."""
    nothing_lost_or_twice(city)
    verdict = verify(city.services, city.log)
    assert verdict.differences == []
    return verdict


def nothing_lost_or_twice(city: City) -> None:
    assert set(city.acknowledged) <= logged(city), "something acknowledged is not on the log"
    assert unsent(city) == set(), "a relay left something out"
    assert light_events(city) == decided_again(city), "an effect is missing, or there twice"
    assert dense_streams(city)
