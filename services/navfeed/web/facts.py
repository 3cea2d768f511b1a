"""The detail of a measure: times, place and papers, each with who says so. Pure."""

import math
from datetime import datetime
from typing import NamedTuple

from services.navfeed.domain.feature import Schedule
from services.navfeed.web.shown import Shown
from services.navfeed.web.times import at, day, ending, moment
from shared.words import listed

SOURCES = {"ordered": "laut Anordnung", "reported": "gemeldet", "measured": "von Warnleuchten gemessen"}
# The end of what is late: the next one of a whole day more, not what a light tells.
ROLLED = "fortgeschrieben, solange Warnleuchten stehen"
WEEKDAYS = ("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags")


class Fact(NamedTuple):
    """``source``: who says so; empty where that goes without saying."""

    name: str
    value: str
    source: str = ""


def facts(measure: Shown, now: datetime) -> list[Fact]:
    """In the order of the page; what is unknown is left out."""
    return [fact for fact in (*_times(measure, now), *_place(measure, now), *_papers(measure, now)) if fact.value]


def _times(measure: Shown, now: datetime) -> list[Fact]:
    said, late = measure.provenance, measure.status == "overrunning"
    name = {"ended": "Beendet", "overrunning": "Vorläufiges Ende"}.get(measure.status, "Voraussichtliches Ende")
    end = ending(measure.end, now) if measure.end else "offen"
    return [
        Fact("Beginn", moment(measure.start, now), SOURCES[said.start]),
        Fact(name, end, ROLLED if late else SOURCES[said.end]),
        Fact("Gilt", daily(measure.schedule, now) if measure.schedule else "", SOURCES["ordered"]),
        Fact("Umleitung", measure.detour or "", SOURCES["ordered"]),
    ]


def daily(schedule: Schedule, now: datetime) -> str:
    """``montags bis freitags, 20:00 bis 05:00 Uhr, nicht am 3. März``."""
    noon = [datetime(d.year, d.month, d.day, 12, tzinfo=now.tzinfo) for d in schedule.except_]
    but = f"nicht am {listed([day(one, now) for one in noon])}" if noon else ""
    return ", ".join(part for part in (windows(schedule), but) if part)


def windows(schedule: Schedule) -> str:
    """Its weekdays and hours, without the days that are left out."""
    hours = f"{schedule.daily_from} bis {schedule.daily_to} Uhr" if schedule.daily_from and schedule.daily_to else ""
    days = _weekdays(schedule.weekdays) if schedule.weekdays else ""
    return ", ".join(part for part in (days, hours) if part)


def _weekdays(numbers: tuple[int, ...]) -> str:
    """ISO weekdays: ``montags bis freitags``."""
    ordered = sorted(set(numbers))
    names = [WEEKDAYS[number - 1] for number in ordered]
    in_a_row = len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1
    return f"{names[0]} bis {names[-1]}" if in_a_row else listed(names)


def _place(measure: Shown, now: datetime) -> list[Fact]:
    begin, end = measure.provenance.place_from, measure.provenance.place_to
    seen = f" {at(measure.observed_at, now)}" if measure.observed_at else ""
    measured = f"gemessen{seen}" + (
        f", auf etwa {math.ceil(measure.place_accuracy_m)} m genau" if measure.place_accuracy_m is not None else ""
    )
    said = {"measured": measured, "ordered": SOURCES["ordered"]}
    lights = f"{measure.observed_lights} erkannt" if measure.observed_lights else ""
    if measure.place_kind != "line":
        place = [Fact("Lage", said[begin])]
    elif begin == end:
        place = [Fact("Lage", "Anfang und Ende", said[begin])]
    else:
        place = [Fact("Anfang", "Lage", said[begin]), Fact("Ende", "Lage", said[end])]
    return [*place, Fact("Warnleuchten", lights, f"zuletzt{seen}" if seen else "")]


def _papers(measure: Shown, now: datetime) -> list[Fact]:
    published = f"veröffentlicht {at(measure.version_time, now)}" if measure.version_time else ""
    return [
        Fact("Behörde", measure.authority),
        Fact("Aktenzeichen", measure.permit_number),
        Fact("Fassung", str(measure.version), published),
    ]
