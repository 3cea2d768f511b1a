"""One German sentence per measure: where, what, until when. Dates are those of Europe/Berlin."""

from datetime import date, datetime, timedelta

from services.navfeed.domain.feature import Feature
from shared.clock import BERLIN
from shared.contracts.permits import MeasureKind

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
CONTROLS = {"signals": "mit Ampelregelung", "flagging": "mit Handregelung", "priority_signs": "mit Vorrangregelung"}


def headline(feature: Feature, expected_days: int | None = None, house_numbers: str | None = None) -> str:
    """E.g. ``Rheinstraße zwischen Kaiserstraße und Bauhofstraße: Vollsperrung bis 14. März 2026.``."""
    return f"{_place(feature, house_numbers)}: {_effect(feature)} {_when(feature, expected_days)}."


def _place(feature: Feature, house_numbers: str | None) -> str:
    street = feature.street.strip() or "Baustelle"
    if feature.from_street and feature.to_street:
        return f"{street} zwischen {feature.from_street} und {feature.to_street}"
    if house_numbers:
        return f"{street} {house_numbers.replace('-', '–')}"  # noqa: RUF001 - a range has an en dash in German
    if feature.from_street or feature.to_street:
        return f"{street} ab {feature.from_street}" if feature.from_street else f"{street} bis {feature.to_street}"
    return street


def _effect(feature: Feature) -> str:
    effect = EFFECTS[feature.measure]
    match feature.measure:
        case "alternating" if feature.control:
            return f"{effect} {CONTROLS[feature.control]}"
        case "lanes_closed" if feature.lanes_closed and feature.lanes_total:
            return f"{effect} ({feature.lanes_closed} von {feature.lanes_total} gesperrt)"
        case "narrowed" if feature.residual_width_m:
            return f"{effect} (Restbreite {feature.residual_width_m:.2f} m)".replace(".", ",")
        case "speed_limit" if feature.speed_limit_kph:
            return f"{effect} auf {feature.speed_limit_kph} km/h"
        case "detour" if feature.detour:
            return f"{effect} {feature.detour}"
    return effect


def _when(feature: Feature, expected_days: int | None) -> str:
    first, last = _day(feature.start), None if feature.end is None else _last_day(feature.end)
    match feature.status:
        case "planned":
            return _planned(feature, first, last, expected_days)
        case "active":
            return _until(last)
        case "suspended":
            return f"{_until(last)}, derzeit unterbrochen"
        case "overrunning":
            return f"dauert über den {_written(_last_day(feature.ordered.end or feature.start))} hinaus an"
        case "ended":
            return f"am {_written(last or first)} beendet"
        case "cancelled":
            return "entfällt"


def _until(last: date | None) -> str:
    return "bis auf Weiteres" if last is None else f"bis {_written(last)}"


def _planned(feature: Feature, first: date, last: date | None, expected_days: int | None) -> str:
    if feature.occupation == "within" and last is not None:
        days = {None: "zeitweise", 1: "an einem Tag"}.get(expected_days, f"an {expected_days} Tagen")
        return f"{days} im Zeitraum {_period(first, last)}"
    if last is None:
        return f"ab {_written(first)}"
    return f"am {_written(first)}" if last <= first else _period(first, last)


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
