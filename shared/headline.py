"""One German sentence per measure: where, what, until when. Dates are those of Europe/Berlin.

The feed publishes it; the clerk reads the same words before deciding.
"""

import re
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from shared.clock import BERLIN
from shared.contracts.permits import Control, MeasureKind, Occupation

MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
EFFECTS: dict[MeasureKind, str] = {
    "road_closed": "Vollsperrung",
    "direction_closed": "Richtungssperrung",
    "alternating": "halbseitige Sperrung",
    "lanes_closed": "Fahrstreifeneinschränkung",
    "contraflow": "Überleitung auf die Gegenfahrbahn",
    "lane_shift": "Verschwenkung der Fahrstreifen",
    "narrowed": "Fahrbahneinengung",
    "footway_closed": "Gehwegsperrung",
    "cycleway_closed": "Radwegsperrung",
    "no_stopping": "Haltverbot",
    "speed_limit": "Geschwindigkeitsbeschränkung",
    "turn_banned": "Abbiegeverbot",
    "stop_closed": "Ausfall der Haltestelle",
    "detour": "Umleitung",
    "other": "Verkehrseinschränkung",
}
WITHIN = re.compile(r"(zeitweise|an einem Tag|an \d+ Tagen) im Zeitraum vom [^:]+(?=\.$)")
CONTROLS = {"signals": "mit Ampelregelung", "flagging": "mit Handregelung", "priority_signs": "mit Vorrangregelung"}


Status = Literal["planned", "active", "suspended", "overrunning", "ended", "cancelled"]


class Told(Protocol):
    """What the sentence needs to know of a measure; instants are aware, ``[start, end)``."""

    @property
    def measure(self) -> MeasureKind: ...
    @property
    def control(self) -> Control | None: ...
    @property
    def street(self) -> str: ...
    @property
    def from_street(self) -> str | None: ...
    @property
    def to_street(self) -> str | None: ...
    @property
    def lanes_total(self) -> int | None: ...
    @property
    def lanes_closed(self) -> int | None: ...
    @property
    def residual_width_m(self) -> float | None: ...
    @property
    def speed_limit_kph(self) -> int | None: ...
    @property
    def detour(self) -> str | None: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def occupation(self) -> Occupation: ...
    @property
    def status(self) -> Status: ...


def headline(
    told: Told,
    *,
    expected_days: int | None = None,
    house_numbers: str | None = None,
    ordered_end: datetime | None = None,
) -> str:
    """E.g. ``Rheinstraße zwischen Kaiserstraße und Bauhofstraße: Vollsperrung bis 14. März 2026.``.

    ``ordered_end``: that of an overrunning measure, whose own end is a rolling one.
    """
    return f"{_place(told, house_numbers)}: {_effect(told)} {_when(told, expected_days, ordered_end)}."


def within(headline: str) -> str:
    """Of a measure that takes some days of its period what ``headline`` says of both; else empty."""
    found = WITHIN.search(headline)
    return found[0] if found else ""


def dates(start: datetime, end: datetime | None) -> str:
    """``vom 3. bis 14. März 2026``, ``am 3. März 2026``, ``ab 3. März 2026``."""
    first, last = _day(start), None if end is None else _last_day(end)
    if last is None:
        return f"ab {_written(first)}"
    return f"am {_written(first)}" if last <= first else _period(first, last)


def metres(width: float) -> str:
    """``3,25 m``."""
    return f"{width:.2f} m".replace(".", ",")


def _place(told: Told, house_numbers: str | None) -> str:
    street = told.street.strip() or "Baustelle"
    if told.from_street and told.to_street:
        return f"{street} zwischen {told.from_street} und {told.to_street}"
    if house_numbers:
        return f"{street} {house_numbers.replace('-', '–')}"
    if told.from_street or told.to_street:
        return f"{street} ab {told.from_street}" if told.from_street else f"{street} bis {told.to_street}"
    return street


def _effect(told: Told) -> str:
    effect = EFFECTS[told.measure]
    match told.measure:
        case "alternating" if told.control:
            return f"{effect} {CONTROLS[told.control]}"
        case "lanes_closed" if told.lanes_closed and told.lanes_total:
            return f"{effect} ({told.lanes_closed} von {told.lanes_total} gesperrt)"
        case "narrowed" if told.residual_width_m:
            return f"{effect} (Restbreite {metres(told.residual_width_m)})"
        case "speed_limit" if told.speed_limit_kph:
            return f"{effect} auf {told.speed_limit_kph} km/h"
        case "detour" if told.detour:
            return f"{effect} {told.detour}"
    return effect


def _when(told: Told, expected_days: int | None, ordered_end: datetime | None) -> str:
    first, last = _day(told.start), None if told.end is None else _last_day(told.end)
    match told.status:
        case "planned":
            return _planned(told, first, last, expected_days)
        case "active":
            return _until(last)
        case "suspended":
            return f"{_until(last)}, derzeit unterbrochen"
        case "overrunning":
            return f"dauert über den {_written(_last_day(ordered_end or told.start))} hinaus an"
        case "ended":
            return f"am {_written(last or first)} beendet"
        case "cancelled":
            return "entfällt"


def _until(last: date | None) -> str:
    return "bis auf Weiteres" if last is None else f"bis {_written(last)}"


def _planned(told: Told, first: date, last: date | None, expected_days: int | None) -> str:
    if told.occupation == "within" and last is not None:
        days = {None: "zeitweise", 1: "an einem Tag"}.get(expected_days, f"an {expected_days} Tagen")
        return f"{days} im Zeitraum {_period(first, last)}"
    return dates(told.start, told.end)


def _period(first: date, last: date) -> str:
    if first.year != last.year:
        return f"vom {_written(first)} bis {_written(last)}"
    if first.month != last.month:
        return f"vom {first.day}. {MONTHS[first.month - 1]} bis {_written(last)}"
    return f"vom {first.day}. bis {_written(last)}"


def _written(day: date) -> str:
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def _day(instant: datetime) -> date:
    return instant.astimezone(BERLIN).date()


def _last_day(end: datetime) -> date:
    """The end is not part of the period: midnight belongs to the day before."""
    return _day(end - timedelta(microseconds=1))
