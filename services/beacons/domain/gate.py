"""Which pings may move a light: the first gate, on one ping alone.

Speed is judged in the stay (``stay.fold``), where the order of arrival cannot show.
"""

from datetime import timedelta
from typing import Literal, NamedTuple, cast

from shared.clock import HOUR_US, MINUTE_US, Micros
from shared.contracts.pings import Ping

Reason = Literal[
    "no_fix",
    "no_position",
    "null_island",
    "outside_service_area",
    "inaccurate",
    "stale_fix",
    "fix_after_event",
    "from_future",
    "too_late",
    "too_fast",
]

GERMAN: dict[Reason, str] = {
    "no_fix": "Das Gerät hat keine aktuelle Position bestimmt.",
    "no_position": "Die Meldung enthält keine Position.",
    "null_island": "Die Position ist 0° Nord, 0° Ost: Das Gerät kennt seinen Ort nicht.",
    "outside_service_area": "Die Position liegt außerhalb des Einsatzgebiets.",
    "inaccurate": "Die Position ist ungenauer als 100 m.",
    "stale_fix": "Die Position ist älter als 5 Minuten.",
    "fix_after_event": "Die Position wurde angeblich nach der Meldung bestimmt.",
    "from_future": "Der Zeitpunkt der Meldung liegt in der Zukunft.",
    "too_late": "Die Meldung kam mehr als eine Stunde nach einer neueren Meldung desselben Geräts.",
    "too_fast": "Die Position ist in der vergangenen Zeit nicht erreichbar.",
}

LATENESS_US = HOUR_US
MAX_FIX_AGE_US = 5 * MINUTE_US
MAX_FIX_AGE = timedelta(microseconds=MAX_FIX_AGE_US)
CLOCK_SLACK_US = 5 * MINUTE_US
FIX_SLACK = timedelta(minutes=1)
MAX_ACCURACY_M = 100.0
NULL_ISLAND_DEGREES = 0.01


def german(reason: str) -> str:
    """The sentence of a reason as it is stored; one that this version does not know stands as it is."""
    return GERMAN.get(cast("Reason", reason), reason)


class ServiceArea(NamedTuple):
    """WGS 84 degrees; positions outside are refused."""

    west: float
    south: float
    east: float
    north: float


def gate_time(event_time: Micros, newest: Micros, now: Micros) -> Reason | None:
    """Whether the message may be used at all: ``newest`` event time of the device so far, ``now`` log time."""
    if event_time > now + CLOCK_SLACK_US:
        return "from_future"
    if event_time < max(newest, 2 * LATENESS_US) - LATENESS_US:
        return "too_late"
    return None


def gate(ping: Ping, area: ServiceArea | None = None) -> Reason | None:
    """Whether the ping's position may move the light.

    ``no_fix`` is no refusal: the device is alive and honest. All others are counted and kept with their reason.
    """
    if ping.fix != "ok":
        return "no_fix"
    if ping.lon is None or ping.lat is None:
        return "no_position"
    if abs(ping.lon) < NULL_ISLAND_DEGREES and abs(ping.lat) < NULL_ISLAND_DEGREES:
        return "null_island"
    if area and not (area.west <= ping.lon <= area.east and area.south <= ping.lat <= area.north):
        return "outside_service_area"
    if ping.accuracy_m is not None and ping.accuracy_m > MAX_ACCURACY_M:
        return "inaccurate"
    return _gate_age(ping)


def _gate_age(ping: Ping) -> Reason | None:
    if ping.fix_time is None:
        return None
    age = ping.event_time - ping.fix_time
    if age > MAX_FIX_AGE:
        return "stale_fix"
    return "fix_after_event" if age < -FIX_SLACK else None
