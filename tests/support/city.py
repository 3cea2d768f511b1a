"""A small piece of a city for tests: one street, one permit, its lights, and what they would say."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from services.beacons.application.door import event_of
from shared.clock import MINUTE_US, SECOND_US, Micros, from_micros
from shared.contracts.base import LineString
from shared.contracts.devices import DeviceRegistered
from shared.contracts.permits import Measure, Permit, PermitApproved
from shared.contracts.pings import Ping
from shared.events.codec import encode, follow_up
from shared.events.envelope import Event

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
START_US = 1_772_431_200_000_000
WEST, SOUTH = 8.2700, 50.0000
METRES_LON = 1 / (111_320 * math.cos(math.radians(SOUTH)))
METRES_LAT = 1 / 110_574


def place(along_m: float, across_m: float = 0.0) -> tuple[float, float]:
    """A point east of the street's west end, lon-lat."""
    return round(WEST + along_m * METRES_LON, 7), round(SOUTH + across_m * METRES_LAT, 7)


def approved(permit_id: str = "p1", *, length_m: float = 120, days: float = 1) -> Event:
    measure = Measure(
        id=f"de-mainz-{permit_id}-1",
        key="1",
        kind="road_closed",
        geometry=LineString((place(0), place(length_m))),
        street="Rheinstraße",
        start=START,
        end=START + timedelta(days=days),
    )
    permit = Permit(permit_id=permit_id, permit_number="45-2026-0001", authority="Amt 61", measures=(measure,))
    return contract(PermitApproved(permit), f"permit:{permit_id}", 1, START_US)


def registered(device_id: str, permit_number: str | None = None) -> Event:
    payload = DeviceRegistered(device_id=device_id, kind="warning_light", permit_number=permit_number)
    return contract(payload, f"registry:{device_id}", 1, START_US)


def contract(payload: object, stream: str, version: int, time: Micros) -> Event:
    return follow_up(payload, decider="test", stream=stream, version=version, decided=time, cause=None)  # type: ignore[arg-type]  # any contract


def ping(
    device_id: str, at: Micros, along_m: float, across_m: float = 0.0, *, delay_us: Micros = 2 * SECOND_US
) -> Event:
    lon, lat = place(along_m, across_m)
    moment = from_micros(at)
    said = Ping(device_id=device_id, event_time=moment, fix_time=moment, lon=lon, lat=lat, accuracy_m=4.0, lamp="on")
    data = encode(said)
    return event_of(said, data, data, at + delay_us)


def standing(
    device_id: str, along_m: float, first: Micros, last: Micros, *, every: Micros = 5 * MINUTE_US
) -> Iterator[Event]:
    """Pings of a light that stands, with a deterministic wobble of about a metre."""
    for number, at in enumerate(range(first, last, every)):
        wobble = ((number * 7 + len(device_id) * 3) % 5 - 2) * 0.6
        yield ping(device_id, at, along_m + wobble, -wobble)


def rows(west_m: float, east_m: float) -> Sequence[tuple[str, float]]:
    """Device ids and where they stand: a transverse row of three at each end."""
    return [(f"LT-{n:04d}", west_m if n < 3 else east_m) for n in range(6)]
