"""A day of a city, for backtests: every behaviour at least once where there are sites enough."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import msgspec

from services.suite.simulate import layout
from services.suite.simulate.grounds import Ground, bound_to, lay_out, site_of
from services.suite.simulate.scenario import (
    Behaviour,
    Incident,
    IncidentKind,
    Leg,
    Light,
    Scenario,
    Signal,
    Site,
    Stand,
)
from shared.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Micros
from shared.geo.citymap import CityMap

START: Micros = 1_772_427_600_000_000  # Monday 2026-03-02, 06:00 in Mainz
EACH: tuple[Behaviour, ...] = (
    "normal",
    "shifted",
    "moved",
    "early",
    "ghost",
    "unpermitted",
    "late",
    "silent",
    "battery",
    "lamp",
    "fallen",
)
SHARE_NORMAL = 0.6  # of the sites beyond one of each
STAYS = 0.4  # of the sites stand beyond the end
ROUND_US = 5 * MINUTE_US
WAY_US = 12 * MINUTE_US  # from the depot to the site
APART_US = 40 * SECOND_US  # between two lights of a site while it is set up or cleared
NUDGE_M = (3.0, 8.0)
RUN_OFF_M = 300.0
LOW_PCT = 9
ONE_LIGHT: dict[Behaviour, tuple[IncidentKind, dict[str, object]]] = {
    "battery": ("battery_low", {"battery_pct": LOW_PCT}),
    "lamp": ("lamp_failed", {"lamp": "fault"}),
    "fallen": ("fell", {"fallen": True}),
}


class Times(NamedTuple):
    """Of one site; ``begins`` None: nobody comes, ``ends`` None: stands beyond the end. ``pace``: 1 in a whole day."""

    ordered: tuple[Micros, Micros] | None
    begins: Micros | None
    ends: Micros | None
    pace: float

    def stand(self, lights: int) -> Stand | None:
        if self.begins is None:
            return None
        return Stand(begins=self.begins, complete=self.begins + (lights - 1) * self.apart, ends=self.ends)

    @property
    def apart(self) -> Micros:
        return round(APART_US * self.pace)


def day(
    city: CityMap,
    seed: int,
    *,
    sites: int = 12,
    lights: int = 144,
    start: Micros = START,
    hours: float = 24.0,
    signal: Signal = Signal(),  # noqa: B008  # frozen
) -> Scenario:
    """``sites`` with ``lights`` on streets of ``city`` for so many hours; the same arguments give the same scenario.

    In fewer hours everything happens faster, down to a few. Raises ``TooFewStreetsError``.
    """
    rng = Random(seed)  # noqa: S311  # draws a day, guards nothing
    grounds, depots = lay_out(city, _behaviours(sites, rng), lights, rng)
    end = start + round(hours * HOUR_US)
    made: list[Site] = []
    shining: list[Light] = []
    for ground in grounds:
        times = _times(ground.behaviour, start, end, rng)
        made.append(site_of(ground, times.ordered, times.stand(len(ground.devices)), rng))
        shining += _lights(ground, made[-1], times, (start, end), rng)
    return Scenario(
        seed=seed,
        city=city.name,
        start=start,
        end=end,
        signal=signal,
        depots=depots,
        sites=tuple(made),
        lights=tuple(shining),
    )


def _behaviours(sites: int, rng: Random) -> list[Behaviour]:
    more: list[Behaviour] = [
        "normal" if rng.random() < SHARE_NORMAL else rng.choice(EACH) for _ in range(sites - len(EACH))
    ]
    return [*EACH[:sites], *more]


def _times(behaviour: Behaviour, start: Micros, end: Micros, rng: Random) -> Times:
    span = end - start
    pace = min(1.0, span / DAY_US)

    def at(low: float, high: float) -> Micros:
        return start + round(rng.uniform(low, high) * span) // ROUND_US * ROUND_US

    def some(low: float, high: float) -> Micros:
        return round(rng.uniform(low, high) * pace * MINUTE_US)

    first, last = at(0.06, 0.2), at(0.6, 0.8)
    begins = first + some(-15, 15)
    if behaviour == "unpermitted":
        return Times(None, begins, last, pace)
    stays = behaviour == "silent" or (behaviour != "early" and rng.random() < STAYS)
    ordered = first, end + round(rng.uniform(1, 9)) * DAY_US if stays else last
    if behaviour == "ghost":
        return Times(ordered, None, None, pace)
    if behaviour == "late":
        begins = first + some(150, 210)
    if behaviour == "early":
        return Times(ordered, begins, begins + round(0.3 * span), pace)
    return Times(ordered, begins, None if stays else last - some(5, 40), pace)


def _lights(ground: Ground, site: Site, times: Times, span: tuple[Micros, Micros], rng: Random) -> Iterator[Light]:
    happened = _happened(ground, times, span, rng)
    for number, device in enumerate(ground.devices):
        legs = sorted(_legs(ground, number, times, span), key=lambda leg: leg.start)
        incidents = happened.get(number, ())
        for incident, change in incidents:
            legs = _changed(legs, incident.at, change)
        yield Light(
            device_id=device,
            site=site.key,
            legs=tuple(legs),
            permit_number=bound_to(ground, site),
            incidents=tuple(incident for incident, _ in incidents),
        )


def _legs(ground: Ground, number: int, times: Times, span: tuple[Micros, Micros]) -> Iterator[Leg]:
    """From the depot to the site and back."""
    home, place = ground.home[number], ground.places[number]
    yield Leg(start=span[0], place=home, lamp="off")
    if times.begins is None:
        return
    way = round(WAY_US * times.pace)
    stands = times.begins + number * times.apart
    yield Leg(start=stands - way, place=home, lamp="off", moving=True)
    yield Leg(start=stands, place=place)
    if times.ends is None:
        return
    leaves = times.ends - (len(ground.devices) - 1 - number) * times.apart
    yield Leg(start=leaves, place=place, lamp="off", moving=True)
    yield Leg(start=leaves + way, place=home, lamp="off")


Happened = dict[int, tuple[tuple[Incident, dict[str, object]], ...]]


def _happened(ground: Ground, times: Times, span: tuple[Micros, Micros], rng: Random) -> Happened:
    """What befalls lights of the site, by their number: the incident and what it changes."""
    if times.begins is None:
        return {}
    at = times.begins + round(rng.uniform(0.4, 0.6) * ((times.ends or span[1]) - times.begins))
    count = len(ground.devices)
    if ground.behaviour == "moved":
        one, other = rng.sample(range(count), 2)
        near = layout.off(ground.places[one], rng.uniform(*NUDGE_M))
        far = layout.off(ground.places[other], RUN_OFF_M)
        return {
            one: ((Incident("nudged", at), {"place": near}),),
            other: ((Incident("moved_away", at), {"place": far}),),
        }
    if ground.behaviour == "silent":
        return {number: ((Incident("became_silent", at), {"speaks": False}),) for number in range(count)}
    if ground.behaviour in ONE_LIGHT:
        kind, change = ONE_LIGHT[ground.behaviour]
        return {rng.randrange(count): ((Incident(kind, at), change),)}
    return {}


def _changed(legs: Sequence[Leg], at: Micros, change: dict[str, object]) -> list[Leg]:
    """The legs with ``change`` from ``at`` until the light is fetched."""
    during = max(index for index, leg in enumerate(legs) if leg.start <= at)
    new = msgspec.structs.replace(legs[during], start=at, **change)
    return [*legs[: during + 1], new, *legs[during + 1 :]]
