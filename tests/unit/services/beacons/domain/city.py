"""Drives the sites decider by hand, as its runner would, and feeds it from lights and permits."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from services.beacons.domain.depots import Depot
from services.beacons.domain.rows import AnyRow
from services.beacons.domain.sites import SitesDecider
from shared.clock import MINUTE_US, Micros, from_micros
from shared.contracts.base import Contract, Geometry, LineString
from shared.contracts.devices import DeviceRegistered, LampChanged, LightMovedAway, LightPlaced, LightRefined, Stand
from shared.contracts.permits import Measure, Permit, PermitApproved
from shared.contracts.sites import SiteEvent
from shared.eventlog.port import Partition, Record
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.geo.network import RoadNetwork
from shared.projection.protocols import Rows
from tests.unit.services.beacons.domain.lights import T0, shifted

PayloadT = TypeVar("PayloadT", bound=Contract)
GRID_US = 50_000


class DictRows(Rows):
    """A dict that notes what was set; whatever is read was packed and unpacked before."""

    def __init__(self) -> None:
        self._rows: dict[str, Any] = {}
        self.awake: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        return self._rows[key]

    def __setitem__(self, key: str, row: Any) -> None:
        self._rows[key] = msgspec.msgpack.decode(msgspec.msgpack.encode(row), type=AnyRow)
        self.awake.add(key)

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        self.awake.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def prefixed(self, prefix: str) -> Iterator[str]:
        return iter([key for key in self if key.startswith(prefix)])


class City:
    """The sites of a city; ``now`` is log time, and every record is decided at the grid point after it."""

    def __init__(self, depots: Sequence[Depot] = (), network: RoadNetwork | None = None) -> None:
        self.decider = SitesDecider(depots, network=network)
        self.rows = DictRows()
        self.now = T0
        self.said: list[SiteEvent] = []
        self.looked: set[str] = set()
        self._versions: dict[str, int] = {}

    def tell(self, stream: str, *facts: Contract, minute: float | None = None) -> list[SiteEvent]:
        """Fold facts of one stream that are recorded at ``minute`` (by default now), and decide."""
        before = len(self.said)
        if minute is not None:
            self.wait_until(minute)
        for fact in facts:
            self.fold(stream, fact)
        self.decide()
        return self.said[before:]

    def fold(self, stream: str, fact: Contract) -> None:
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        event = Event(
            id=f"{stream}/{version}",
            type=fact.TYPE,
            stream=stream,
            version=version,
            time=self.now,
            recorded=self.now,
            data=encode(fact),
        )
        known = self.decider.decode(event)
        if known is not None:
            self.decider.fold(self.rows, known, Record(Partition("any", 0), version, self.now, event))

    def decide(self) -> None:
        self.now += GRID_US
        due = {key for key in self.rows if self.rows[key].due is not None and self.rows[key].due <= self.now}
        awake = sorted(self.rows.awake | due)
        self.rows.awake.clear()
        for stream, payloads in self.decider.decide(self.rows, awake, self.now).decisions:
            row = self.rows[stream]
            self.rows[stream] = msgspec.structs.replace(row, version=row.version + len(payloads))
            self.said += [payload for payload in payloads if isinstance(payload, SiteEvent)]
        self.looked = self.rows.awake.copy()
        self.rows.awake.clear()
        late = [key for key in self.rows if self.rows[key].due is not None and self.rows[key].due <= self.now]
        assert not late, f"these would be woken for ever: {late}"

    def wait_until(self, minute: float) -> list[SiteEvent]:
        """Let log time pass, waking rows when they are due."""
        until, before = T0 + round(minute * MINUTE_US), len(self.said)
        while True:
            due = min((self.rows[key].due for key in self.rows if self.rows[key].due is not None), default=until)
            if due >= until:
                break
            self.now = max(self.now, due - GRID_US)
            self.decide()
        self.now = max(self.now, until)
        return self.said[before:]

    def of(self, kind: type[PayloadT]) -> list[PayloadT]:
        return [payload for payload in self.said if isinstance(payload, kind)]

    def kinds(self) -> list[str]:
        return [type(payload).__name__ for payload in self.said]


def line(*points: tuple[float, float]) -> LineString:
    return LineString(tuple(shifted(*point) for point in points))


def measure(name: str, geometry: Geometry, start: float = 0.0, end: float | None = None, **members: Any) -> Measure:
    """``start`` and ``end`` in minutes."""
    known: dict[str, Any] = {"kind": "lanes_closed", "street": "Kaiserstraße"} | members
    return Measure(
        id=f"mz-{name}",
        key=name,
        geometry=geometry,
        start=from_micros(T0 + round(start * MINUTE_US)),
        end=None if end is None else from_micros(T0 + round(end * MINUTE_US)),
        **known,
    )


STREET = line((0.0, 0.0), (100.0, 0.0))


def permit(*measures: Measure, number: str = "2026-0042", **members: Any) -> Permit:
    return Permit(permit_id="p-1", permit_number=number, authority="Stadt Mainz", measures=measures, **members)


def approved(*measures: Measure, **members: Any) -> PermitApproved:
    return PermitApproved(permit=permit(*(measures or (measure("a", STREET),)), **members))


def at(minute: float) -> Any:
    return from_micros(T0 + round(minute * MINUTE_US))


def micros(minute: float) -> Micros:
    return T0 + round(minute * MINUTE_US)


def stand(minute: float, east_m: float, north_m: float = 0.0, sigma_m: float = 2.0) -> Stand:
    lon, lat = shifted(east_m, north_m)
    return Stand(lon=lon, lat=lat, sigma_m=sigma_m, since=at(minute), observed_at=at(minute), fixes=3)


def place(
    city: City, name: str, minute: float, east_m: float, north_m: float = 0.0, *, lamp: Any = "on"
) -> list[SiteEvent]:
    """A light begins to stand at ``minute`` and is told of at once."""
    placed = LightPlaced(device_id=name, stand=stand(minute, east_m, north_m), lamp=lamp)
    return city.tell(f"light:{name}", placed, minute=minute)


def refine(city: City, name: str, minute: float, east_m: float, north_m: float = 0.0) -> list[SiteEvent]:
    refined = LightRefined(device_id=name, stand=stand(minute, east_m, north_m), lamp="on")
    return city.tell(f"light:{name}", refined, minute=minute)


def leave(city: City, name: str, minute: float, told: float | None = None) -> list[SiteEvent]:
    """The light left at ``minute``, told of at ``told``."""
    moved = LightMovedAway(device_id=name, at=at(minute))
    return city.tell(f"light:{name}", moved, minute=minute if told is None else told)


def switch(city: City, name: str, minute: float, lamp: Any) -> list[SiteEvent]:
    return city.tell(f"light:{name}", LampChanged(device_id=name, at=at(minute), lamp=lamp), minute=minute)


def register(city: City, name: str, number: str | None = "2026-0042") -> list[SiteEvent]:
    return city.tell(f"registry:{name}", DeviceRegistered(device_id=name, kind="warning_light", permit_number=number))


def rows_of_lights(count: int = 12) -> list[tuple[str, float, float]]:
    """Device, metres along the street and across: five at each end, the others along the side."""
    ends = [(f"L{place:02}", 0.0 if place < 5 else 100.0, place % 5 * 0.8) for place in range(min(count, 10))]
    return [*ends, *((f"L{place:02}", (place - 9) * 33.0, 3.2) for place in range(10, count))]


def set_up(city: City, minute: float = 1.0, shift_m: float = 0.0) -> None:
    """Twelve lights come within three minutes."""
    for number, (name, east, north) in enumerate(rows_of_lights()):
        place(city, name, minute + number * 0.25, east + shift_m, north)
