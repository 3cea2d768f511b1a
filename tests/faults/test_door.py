"""Kill -9 of the doors (gunicorn as ``leitbake serve`` runs it) under load, judged by what the clients were told."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.beacons.domain.light import LightsStage
from services.suite.verify import verify
from shared.clock import SECOND_US, WallClock, from_micros
from shared.contracts.devices import DeviceRegistered
from shared.contracts.pings import Ping
from shared.contracts.topics import PINGS
from shared.eventlog.port import Mark
from shared.events.codec import encode
from shared.eventstore.memory import MemoryStore
from shared.projection.books_memory import MemoryBooks
from shared.projection.keyed import KeyedRunner
from tests.faults.test_kill import SPACING_M, City, drained
from tests.support.city import place
from tests.support.front import Front, opened, wait_for

SITES = 4
LIGHTS = 6
ROUNDS = 40
EVERY_US = 40 * SECOND_US
JSON = "application/json"


class Clients:
    """What is sent to the doors, again and again until it is answered, and what they acknowledged."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.gateway, self.clerk = front.key("fleet"), front.key("clerk")
        self.began = WallClock().now() - ROUNDS * EVERY_US
        self.acknowledged: list[tuple[str, int]] = []

    def order(self, number: int) -> None:
        """Apply and approve, each attempt named by its key."""
        now = from_micros(WallClock().now())
        line = [place(number * SPACING_M), place(number * SPACING_M + 120)]
        measure = {
            "measure": "road_closed",
            "street": f"Straße {number}",
            "start": (now - timedelta(hours=2)).isoformat(),
            "end": (now + timedelta(days=1)).isoformat(),
            "geometry": {"type": "LineString", "coordinates": line},
        }
        body = {"permit_number": f"61-{number}", "measures": [measure]}
        case = self.front.until_answered(lambda: self._post("/permits/api/v1/permits", body, f"submit-{number}"))
        path = f"/permits/api/v1/permits/{case['id']}/approve"
        assert self.front.until_answered(lambda: self._post(path, {}, f"approve-{number}"))["status"] == "approved"

    def order_all(self) -> None:
        for number in range(SITES):
            self.order(number)

    def have_heard(self, share: float) -> bool:
        return len(self.acknowledged) > share * SITES * LIGHTS * ROUNDS

    def _post(self, path: str, body: Any, key: str) -> Any:
        return self.clerk.post(path, msgspec.json.encode(body), JSON, {"Idempotency-Key": key})

    def speak(self, number: int) -> None:
        """The lights of a site speak round by round: three in a row at each end."""
        for round_ in range(ROUNDS):
            at = from_micros(self.began + round_ * EVERY_US)
            said = [
                Ping(
                    device_id=f"LT-{number}-{n}",
                    event_time=at,
                    fix_time=at,
                    lamp="on",
                    sequence=round_,
                    lon=lon,
                    lat=lat,
                )
                for n in range(LIGHTS)
                for lon, lat in [place(number * SPACING_M + (6 if n < LIGHTS // 2 else 114) + round_ % 3 * 0.4, 0.5)]
            ]
            items = [encode(ping) for ping in said]
            while self.front.until_answered(partial(self.gateway.pings, items)) < LIGHTS:
                time.sleep(0.05)  # not registered yet, as far as this door knows
            self.acknowledged += [(ping.device_id, round_) for ping in said]


@pytest.fixture
def city(city_url: Callable[[], str]) -> Iterator[City]:
    made = City(city_url())
    yield made
    for service in made.services:
        service.database.close()
    made.log.close()  # type: ignore[attr-defined]  # the embedded log's


def test_what_a_killed_door_had_acknowledged_is_on_the_log_and_has_its_effect_once(city: City, tmp_path: Path) -> None:
    with opened(city.url, tmp_path) as front:
        clients = Clients(front)
        load(city, clients)
        assert front.again > 0, "nobody noticed that the doors were gone"
        wait_for(lambda: drained(city), 60)
        wait_for(lambda: set_up(city) == SITES, 30)
        front.stop_working()
    assert len(clients.acknowledged) == SITES * LIGHTS * ROUNDS
    assert set(clients.acknowledged) <= logged(city)
    assert light_events(city) == decided_again(city)
    assert submitted(city) == SITES
    verdict = verify(city.services, city.log)
    assert (verdict.features, verdict.differences) == (SITES, [])


def load(city: City, clients: Clients) -> None:
    """All speak at once, and the doors are killed twice meanwhile."""
    for number in range(SITES):
        devices = [
            DeviceRegistered(device_id=f"LT-{number}-{n}", kind="warning_light", permit_number=f"61-{number}")
            for n in range(LIGHTS)
        ]
        city.services.beacons.registry.register(devices)
    threads = [threading.Thread(target=clients.speak, args=[number], daemon=True) for number in range(SITES)]
    threads.append(threading.Thread(target=clients.order_all, daemon=True))
    for thread in threads:
        thread.start()
    for strike, share in ((clients.front.kill_server, 0.2), (clients.front.kill_doors, 0.6)):
        wait_for(partial(clients.have_heard, share), 60)
        strike()
    for thread in threads:
        thread.join(60)


def logged(city: City) -> set[tuple[str, int]]:
    """Device and sequence of every ping on the log."""
    found: set[tuple[str, int]] = set()
    for chunk in city.log.read({partition: Mark() for partition in city.log.partitions(PINGS.name)}, 1_000_000):
        for record in chunk.records:
            if record.event.type == Ping.TYPE:
                ping = msgspec.json.decode(record.event.data)
                found.add((ping["device_id"], ping["sequence"]))
    return found


def set_up(city: City) -> int:
    document = city.services.navfeed.ledger.document("roadworks.geojson")
    return document.data.count(b'"on_site":"set_up"') if document else 0


def light_events(city: City) -> list[tuple[str, int, str, bytes]]:
    store = city.services.beacons.store
    stored = (found.event for found in store.after(0, store.last()))
    return sorted((e.stream, e.version, e.id, e.data) for e in stored if e.stream.startswith("light:"))


def decided_again(city: City) -> list[tuple[str, int, str, bytes]]:
    """What one pass over the log says, by lights that were never interrupted."""
    store = MemoryStore()
    runner = KeyedRunner(LightsStage(city.services.beacons.area), city.log, MemoryBooks(store))
    while runner.step():
        pass
    runner.close()
    return sorted((s.event.stream, s.event.version, s.event.id, s.event.data) for s in store.after(0, store.last()))


def submitted(city: City) -> int:
    store = city.services.permits.store
    return sum(found.event.type == "permits.submitted.v1" for found in store.after(0, store.last()))
