"""Where a light is and what it does at an instant, and when its word arrives."""

from bisect import bisect_right
from typing import NamedTuple

import msgspec

from services.suite.simulate.scenario import Leg, Light, Scenario
from shared.clock import Micros

FASTER = 1000  # times the speed at which it was said, a gateway passes on what it kept


class Now(NamedTuple):
    lon: float
    lat: float
    leg: Leg


class Track:
    """One light's legs and gaps; with the scenario's period they repeat, before its start, too."""

    def __init__(self, scenario: Scenario, light: Light) -> None:
        self._origin, self._period, self._held = scenario.start, scenario.period, light.held
        legs = sorted((self._folded(leg) for leg in light.legs), key=lambda leg: leg.start)
        self._legs, self._starts = legs, [leg.start for leg in legs]

    def at(self, instant: Micros) -> Now:
        """Before its first leg a light does what it does in its last one if all repeats, else it is there already."""
        time = self._time(instant)
        index = bisect_right(self._starts, time) - 1
        if index < 0 and self._period is None:
            index = 0
        leg = self._legs[index]
        if not leg.moving:
            return Now(*leg.place, leg)
        following = self._legs[(index + 1) % len(self._legs)]
        lasts = self._since(leg.start, following.start)
        share = min(1.0, self._since(leg.start, time) / lasts) if lasts else 1.0
        (lon, lat), (to_lon, to_lat) = leg.place, following.place
        return Now(lon + share * (to_lon - lon), lat + share * (to_lat - lat), leg)

    def arrives(self, instant: Micros, way: Micros) -> Micros:
        """When what is said at ``instant`` is at the door: ``way`` later, or in order after a gap of its gateway."""
        if not self._held:
            return instant + way
        time = self._time(instant)
        for known in (time,) if self._period is None else (time - self._period, time, time + self._period):
            for start, until in self._held:
                if start <= known < until:
                    return instant + until - known + (known - start) // FASTER
        return instant + way

    def _time(self, instant: Micros) -> Micros:
        return instant if self._period is None else self._origin + (instant - self._origin) % self._period

    def _since(self, start: Micros, time: Micros) -> Micros:
        return time - start if self._period is None else (time - start) % self._period

    def _folded(self, leg: Leg) -> Leg:
        return msgspec.structs.replace(leg, start=self._time(leg.start))
