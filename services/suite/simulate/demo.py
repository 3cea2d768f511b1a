"""The living city of the demo: what happens in it, minute by minute, and then again for ever.

A light is believed to stand somewhere, or to be gone, only after minutes of agreeing fixes, and a site to be cleared
only after a while without lights. So that a watcher need not wait, the gateways of lights that come or go are without
connection meanwhile, and deliver all that they heard at once. That is how gateways do it; no rule is bent for the demo.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from services.suite.simulate import layout
from services.suite.simulate.grounds import NEVER_THERE, Ground, bound_to, lay_out, site_of
from services.suite.simulate.scenario import Behaviour, Leg, Light, Scenario, Signal, Site, Stand
from shared.clock import DAY_US, HOUR_US, MINUTE_US, Micros
from shared.geo.citymap import CityMap

PERIOD_US = 60 * MINUTE_US
COMING_MIN = 8.0  # lights stand for so long before it shows
GOING_MIN = 13.0  # lights are gone for so long before it shows: longer than a site is held
WAY_MIN = 1.5  # they say nothing on the way
GAP_MIN = 0.5
RUN_OFF_M = 260.0
SIGNAL = Signal(interval_s=10, jitter_s=1, drift_m=2.5, outlier=0.001, lost=0.01, late=0.0, failed=0.002, cached=0.005)


class Show(NamedTuple):
    """When one site's lights are seen to come and to go, in minutes of each hour; both None: they are always there."""

    comes: float | None = None
    goes: float | None = None


# In the first five minutes a site is set up, a light runs off, a site is cleared early, and one stands unordered.
SHOWS: dict[Behaviour, Show] = {
    "late": Show(comes=0.75, goes=40.0),
    "early": Show(comes=35.0, goes=3.0),
    "unpermitted": Show(comes=4.0, goes=45.0),
}
RUNS_OFF, COMES_BACK = 2.0, 30.0
CHANGES: dict[Behaviour, tuple[float, float, dict[str, Any]]] = {  # from minute, to minute, what
    "lamp": (6.0, 25.0, {"lamp": "fault"}),
    "fallen": (7.5, 20.0, {"fallen": True}),
    "battery": (9.0, 30.0, {"battery_pct": 11}),
    "silent": (10.0, 50.0, {"speaks": False}),
}
CAST: tuple[Behaviour, ...] = (
    "late",
    "moved",
    "early",
    "unpermitted",
    "normal",
    "shifted",
    "ghost",
    "planned",
    "lamp",
    "fallen",
    "battery",
    "silent",
    "normal",
    "planned",
)


def demo(city: CityMap, seed: int, start: Micros, *, sites: int = 14, lights: int = 144) -> Scenario:
    """A scenario that begins at ``start`` and repeats every hour; sites beyond the cast come and go in turns.

    The same arguments give the same scenario. Raises ``TooFewStreetsError``.
    """
    rng = Random(seed)  # noqa: S311  # draws a city's works, guards nothing
    extras: list[Behaviour] = ["normal"] * (sites - len(CAST))
    cast = [*CAST[:sites], *extras]
    grounds, depots = lay_out(city, cast, lights, rng)
    made: list[Site] = []
    shining: list[Light] = []
    for index, drawn in enumerate(grounds):
        ground = drawn._replace(bound=drawn.behaviour != "unpermitted")
        show = SHOWS.get(ground.behaviour, _turn(index))
        made.append(site_of(ground, _ordered(ground, start, rng), _stand(ground, show, start), rng))
        shining += _lights(ground, made[-1], show, start)
    return Scenario(
        seed=seed,
        city=city.name,
        start=start,
        end=start + PERIOD_US,
        signal=SIGNAL,
        depots=depots,
        sites=tuple(made),
        lights=tuple(shining),
        period=PERIOD_US,
    )


class Script(NamedTuple):
    """Of one light: from which minute what, and from which to which minute its gateway has no connection."""

    legs: list[tuple[float, dict[str, Any]]]
    held: list[tuple[float, float]]


def _turn(index: int) -> Show:
    """Beyond the cast, sites are cleared and set up again in turns, one every few minutes."""
    if index < len(CAST):
        return Show()
    goes = 6.0 + (index - len(CAST)) * 3.7 % 30
    return Show(comes=goes + 20.0, goes=goes)


def _ordered(ground: Ground, start: Micros, rng: Random) -> tuple[Micros, Micros] | None:
    """Since hours, for days."""
    hour, lasts = start // HOUR_US * HOUR_US, rng.randint(2, 14) * DAY_US
    if ground.behaviour == "unpermitted":
        return None
    if ground.behaviour == "planned":
        begins = hour + rng.randint(1, 5) * DAY_US
        return begins, begins + lasts
    return hour - rng.randint(1, 60) * HOUR_US, hour + lasts


def _stand(ground: Ground, show: Show, start: Micros) -> Stand | None:
    if ground.behaviour in NEVER_THERE:
        return None
    begins = start - PERIOD_US if show.comes is None else start + _minutes(show.comes - COMING_MIN)
    ends = None if show.goes is None else start + _minutes(show.goes - GOING_MIN)
    return Stand(begins=begins, complete=begins, ends=ends)


def _lights(ground: Ground, site: Site, show: Show, start: Micros) -> Iterator[Light]:
    for number, device in enumerate(ground.devices):
        script = _script(ground, number, show)
        yield Light(
            device_id=device,
            site=site.key,
            legs=tuple(Leg(start=start + _minutes(minute), **members) for minute, members in script.legs),
            permit_number=bound_to(ground, site),
            held=tuple((start + _minutes(low), start + _minutes(high)) for low, high in script.held),
        )


def _script(ground: Ground, number: int, show: Show) -> Script:
    home: dict[str, Any] = {"place": ground.home[number], "lamp": "off"}
    there: dict[str, Any] = {"place": ground.places[number]}
    if ground.behaviour in NEVER_THERE:
        return Script([(0.0, home)], [])
    if show.comes is not None and show.goes is not None:
        return _comes_and_goes(home, there, show.comes, show.goes)
    if ground.behaviour == "moved" and number == 0:
        astray = {"place": layout.off(ground.places[number], RUN_OFF_M)}
        return _comes_and_goes(astray, there, COMES_BACK, RUNS_OFF)
    if ground.behaviour in CHANGES and (number == 0 or ground.behaviour == "silent"):
        begins, ends, change = CHANGES[ground.behaviour]
        return Script([(begins, there | change), (ends, there)], [])
    return Script([(0.0, there)], [])


def _comes_and_goes(away: dict[str, Any], there: dict[str, Any], comes: float, goes: float) -> Script:
    """There since before ``comes``, away since before ``goes``, without a connection until then."""
    stands, left = comes - COMING_MIN, goes - GOING_MIN
    silent = {"speaks": False}
    legs = [(stands - WAY_MIN, away | silent), (stands, there), (left, there | silent), (left + WAY_MIN, away)]
    return Script(legs, [(stands - WAY_MIN - GAP_MIN, comes), (left - GAP_MIN, goes)])


def _minutes(minutes: float) -> Micros:
    return round(minutes * MINUTE_US)
