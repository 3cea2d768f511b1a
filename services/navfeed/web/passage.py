"""The answer to "Komme ich durch?" per means of travel, and what a measure does in one sentence. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from services.navfeed.web.facts import daily, windows
from services.navfeed.web.shown import Shown, sentence
from services.navfeed.web.times import TICK, day, ending
from shared.contracts.permits import MeasureKind, Traveller
from shared.headline import CONTROLS, dates, metres, within
from shared.words import listed

Group = Literal["closed", "restricted", "narrow", "path", "note"]
Verdict = Literal["free", "hindered", "blocked", "unknown"]

# Colour and form on the map; the heavier one is drawn on top and stands first in the list.
GROUPS: dict[Group, tuple[MeasureKind, ...]] = {
    "closed": ("road_closed", "direction_closed"),
    "restricted": ("alternating", "lanes_closed", "contraflow"),
    "narrow": ("lane_shift", "narrowed", "speed_limit", "turn_banned"),
    "path": ("footway_closed", "cycleway_closed"),
    "note": ("no_stopping", "stop_closed", "detour", "other"),
}
GROUP_OF: dict[MeasureKind, Group] = {kind: group for group, kinds in GROUPS.items() for kind in kinds}

PEOPLE: dict[Traveller | Literal["residents"], str] = {
    "car": "Auto",
    "truck": "Lkw",
    "bus": "Bus",
    "bicycle": "Fahrrad",
    "foot": "Zu Fuß",
    "residents": "Anwohner",
}
TRAFFIC: dict[Traveller, str] = {
    "car": "Autos",
    "truck": "Lkw",
    "bus": "Busse",
    "bicycle": "Radverkehr",
    "foot": "Fußverkehr",
}
MOTORISED: tuple[Traveller, ...] = ("car", "truck", "bus")
# Whom a kind concerns where the order does not say.
CONCERNS: dict[MeasureKind, tuple[Traveller, ...]] = {
    "alternating": (*MOTORISED, "bicycle"),  # who rides on the carriageway waits with the others
    "footway_closed": ("foot",),
    "cycleway_closed": ("bicycle",),
    "stop_closed": ("bus",),
    "no_stopping": ("car", "truck"),
    "detour": (),
}
BLOCKS: dict[MeasureKind, str] = {
    "road_closed": "gesperrt",
    "direction_closed": "in einer Richtung gesperrt",
    "footway_closed": "Gehweg gesperrt",
    "cycleway_closed": "Radweg gesperrt",
}
HINDERS: dict[MeasureKind, str] = {
    "alternating": "abwechselnd frei, Wartezeit möglich",
    "stop_closed": "Haltestelle entfällt",
    "no_stopping": "frei, Halten verboten",
    "turn_banned": "Abbiegen verboten",
}
EFFECTS: dict[MeasureKind, str] = {
    "alternating": "Halbseitig gesperrt",
    "lanes_closed": "Weniger Fahrstreifen frei",
    "contraflow": "Der Verkehr läuft über die Gegenfahrbahn",
    "lane_shift": "Die Fahrstreifen sind verschwenkt",
    "narrowed": "Die Fahrbahn ist verengt",
    "footway_closed": "Der Gehweg ist gesperrt",
    "cycleway_closed": "Der Radweg ist gesperrt",
    "no_stopping": "Halten verboten",
    "speed_limit": "Langsamer fahren",
    "turn_banned": "Abbiegen verboten",
    "stop_closed": "Die Haltestelle entfällt",
    "detour": "Hier führt eine Umleitung",
    "other": "Der Verkehr ist eingeschränkt",
}


class Answer(NamedTuple):
    person: Traveller | Literal["residents"]
    who: str
    verdict: Verdict
    words: str


def answers(measure: Shown, beside: Sequence[Shown] = ()) -> list[Answer]:
    """For each means of travel, in the order of the page: the gravest of this measure and those ``beside`` it."""
    found = {person: _answer(measure, person, beside) for person in PEOPLE}
    return [
        Answer(person, PEOPLE[person], one.verdict, f"{one.words} ({one.times})" if one.times else one.words)
        for person, one in found.items()
    ]


class _Way(NamedTuple):
    """``times``: when it is so; empty of what holds all the time."""

    verdict: Verdict
    words: str
    times: str = ""


FREE = _Way("free", "frei")


def _answer(measure: Shown, person: Traveller | Literal["residents"], beside: Sequence[Shown] = ()) -> _Way:
    traveller: Traveller = "car" if person == "residents" else person
    concerned = measure.affects or CONCERNS.get(measure.measure, MOTORISED)
    if measure.status in ("ended", "cancelled") or person in measure.exempt:
        return FREE
    own = FREE
    if traveller in concerned:
        own = _hindrance(measure, traveller)
    elif GROUP_OF[measure.measure] == "closed" and person != "residents" and not measure.affects:
        # An order that closes a road without saying to whom promises nobody a way; nor does one beside it.
        own = _Way("unknown", "keine Angabe")
    all_ = [own, *(_answer(one, person) for one in beside)]
    # "blocked" sorts before "hindered", and what holds all the time before what holds at times.
    grave = [one for one in all_ if one.verdict in ("blocked", "hindered")]
    return min(grave, key=lambda one: (one.verdict, one.times != ""), default=own)


def _hindrance(measure: Shown, traveller: Traveller) -> _Way:
    if measure.measure in BLOCKS:
        return _Way("blocked", BLOCKS[measure.measure], _times(measure))
    return _Way("hindered", HINDERS.get(measure.measure) or _narrowing(measure, traveller), _times(measure))


def _times(measure: Shown) -> str:
    """``20:00 bis 05:00 Uhr, derzeit unterbrochen``."""
    limits = (
        within(measure.headline).partition(" im ")[0],
        windows(measure.schedule) if measure.schedule else "",
        "derzeit unterbrochen" if measure.status == "suspended" else "",
    )
    return ", ".join(limit for limit in limits if limit)


def _narrowing(measure: Shown, traveller: Traveller) -> str:
    if measure.measure == "speed_limit" and measure.speed_limit_kph:
        return f"frei, höchstens {measure.speed_limit_kph} km/h"
    if measure.residual_width_m and traveller != "foot":
        return f"frei, Restbreite {metres(measure.residual_width_m)}"
    if measure.lanes_closed and measure.lanes_total:
        return f"{measure.lanes_total - measure.lanes_closed} von {measure.lanes_total} Fahrstreifen frei"
    return "frei, eingeschränkt"


def effect(measure: Shown, now: datetime, beside: Sequence[Shown] = ()) -> str:
    """What a reader must know first: what is closed to whom, who may pass, how long."""
    if measure.status in ("ended", "cancelled"):
        return "Diese Baustelle ist beendet." if measure.status == "ended" else "Diese Baustelle entfällt."
    told = _closed(measure, beside) if GROUP_OF[measure.measure] == "closed" else f"{_hindered(measure)}."
    times = daily(measure.schedule, now) if measure.schedule else ""
    return f"{told}{f' Gilt {times}.' if times else ''} {_until(measure, now)}"


def _closed(measure: Shown, beside: Sequence[Shown]) -> str:
    verdicts = {one.person: one.verdict for one in answers(measure, beside)}
    blocked = [one.person for one in answers(measure) if one.verdict == "blocked" and one.person != "residents"]
    names = [TRAFFIC[person] for person in blocked]
    if set(MOTORISED) <= set(blocked):
        names = ["Kfz", *names[len(MOTORISED) :]]
    free = [
        words
        for person, words in (("foot", "zu Fuß"), ("bicycle", "mit dem Rad"), ("bus", "mit dem Bus"))
        if verdicts[person] == "free"  # type: ignore[index]  # a literal of the tuple above
    ]
    free += ["für Anwohner"] * ("residents" in measure.exempt)
    closed = f"Gesperrt{f' für {listed(names)}' if names else ''}{_towards(measure)}."
    return f"{closed} {sentence(f'{listed(free)} frei')}" if free else closed


def _towards(measure: Shown) -> str:
    if measure.measure != "direction_closed":
        return ""
    to = {"forward": measure.to_street, "backward": measure.from_street}.get(measure.direction)
    return f" Richtung {to}" if to else " in einer Richtung"


def _hindered(measure: Shown) -> str:
    if measure.measure == "speed_limit" and measure.speed_limit_kph:
        return f"Höchstens {measure.speed_limit_kph} km/h"
    if measure.lanes_closed and measure.lanes_total:
        return f"{measure.lanes_total - measure.lanes_closed} von {measure.lanes_total} Fahrstreifen frei"
    width = f", {metres(measure.residual_width_m)} bleiben frei" if measure.residual_width_m else ""
    control = f" {CONTROLS[measure.control]}" if measure.control else ""
    return f"{EFFECTS.get(measure.measure, EFFECTS['other'])}{control}{width}"


def _until(measure: Shown, now: datetime) -> str:
    """``Bis voraussichtlich 14. März.``; of what is planned also from when, of what is late nothing new."""
    if measure.status == "planned":
        days = within(measure.headline) or dates(measure.start, measure.end)
        return f"Geplant {days}{'' if measure.end else ', Ende offen'}."
    if measure.status == "overrunning" and measure.ordered.end:
        return f"Sollte {ending(measure.ordered.end, now)} enden."
    paused = ", derzeit unterbrochen" if measure.status == "suspended" else ""
    if measure.end is None:
        return f"Ende offen{paused}."
    return f"Bis voraussichtlich {day(measure.end - TICK, now)}{paused}."
