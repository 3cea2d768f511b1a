"""The street that a site stands on: one for all its measures and all its lights (domain.md § 2).

The permit's street is the prior; the lines it drew and the lights that stand there decide together, so that no light
votes alone. Direction and side come from the permit: a reference runs as its measure was drawn. Without a network, or
where no street explains the place better than the drawn lines do, these are the references.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, MultiLineString

from services.beacons.domain.cells import REACH_M, shape
from services.beacons.domain.ends import HALF_ROAD_WIDTH_M, reach_across
from services.beacons.domain.rows import LightRow, Place
from shared.contracts.base import Geometry
from shared.geo.crs import Floats
from shared.geo.linear import cut, project
from shared.geo.network import RoadNetwork

# Signs, not lights, mark where these begin and end.
UNLIT = frozenset({"speed_limit", "turn_banned", "stop_closed", "detour", "no_stopping"})
SHORTEST_M = 1.0
FIT_M = 25.0  # a drawn line is nowhere farther from the street that it means
LENGTHS = (0.5, 2.0)  # the street's piece against the drawn line; else that crosses the street, or runs along a part
ROOM_M = 250.0  # of the street beyond the drawn ends; lights bound by hand count up to 200 m away

# Costs are squared sigmas, of lights and of lines alike. Three lights that agree outweigh what speaks for the order.
MAP_SIGMA_M = 3.0  # of a street's middle line, beside the light's own
LIGHT_AT_MOST = 9.0
DRAWN_SIGMA_M = 10.0  # how far from the street people draw
DRAWN_AT_MOST = 20.0
OTHER_STREET = 9.0  # a street that the permit does not name, where it names one that is there
UNKNOWN_STREET = 4.0  # the same where no street here has the permit's name
NO_STREET = 8.0  # the drawn line instead of any street
STAYING = 4.0  # in favour of the street that was told before


class Reference(NamedTuple):
    """What a measure is measured along: a line in metres that runs as the measure was drawn.

    ``start`` and ``end`` are the drawn ends in metres along it; ``road`` is the street, empty for the drawn line.
    """

    road: str
    line: LineString
    start: float
    end: float


class Drawn(NamedTuple):
    """A measure as its permit has it: the street as it is named there, and the drawn line."""

    street: str
    geometry: Geometry


def drawn_line(place: Place) -> LineString | None:
    """What lights mark of a measure, in metres: a line with two ends; rings have none."""
    line = shape(place.geometry)
    if place.kind in UNLIT or not isinstance(line, LineString) or line.is_closed or line.length < SHORTEST_M:
        return None
    return line


def drawn(places: Sequence[Place]) -> list[Drawn]:
    """Those of the places that are lines which lights mark, in their order."""
    return [Drawn(place.street, place.geometry) for place in places if drawn_line(place) is not None]


class _Candidate(NamedTuple):
    road: str
    references: tuple[Reference, ...]
    ground: MultiLineString
    cost: float  # of the order alone


class Streets:
    """The streets of a city, if it has imported them; what was found for an order is remembered."""

    def __init__(self, network: RoadNetwork | None = None) -> None:
        self._network = network
        self._candidates = lru_cache(maxsize=4096)(lambda drawn: _candidates(network, drawn))

    def references(
        self, drawn: Sequence[Drawn], lights: Sequence[LightRow], told: str | None = None
    ) -> tuple[Reference, ...]:
        """One per drawn line, all on the same street where they fit it. ``told``: the ``road`` of before."""
        candidates = self._candidates(tuple(drawn))
        if len(candidates) == 1:
            return candidates[0].references
        spots = np.array([(light.x, light.y) for light in lights])
        sigmas = np.hypot([light.sigma for light in lights], MAP_SIGMA_M)
        costs = [
            one.cost + _misfit(one.ground, spots, sigmas) - (STAYING if one.road == told else 0.0) for one in candidates
        ]
        return candidates[int(np.argmin(costs))].references

    def runs_by(self, drawn: Sequence[Drawn], light: LightRow) -> bool:
        """Whether the light stands on the road that an order means, however far along it."""
        spot, reach = np.array([(light.x, light.y)]), reach_across(light.sigma)
        ordered = self._candidates(tuple(drawn))[0].references if drawn else ()
        return any(abs(project(one.line, spot, extended=True).lateral[0]) <= reach for one in ordered)

    def at(self, x: float, y: float) -> str | None:
        """The name of the nearest street to a metric place, if one is there."""
        near = self._network.streets_near(shapely.Point(x, y), FIT_M) if self._network else ()
        return near[0] if near else None


def _candidates(network: RoadNetwork | None, drawn: tuple[Drawn, ...]) -> list[_Candidate]:
    """The permit's streets, the drawn lines themselves, the streets around; of equal ones the first counts."""
    lines = [LineString(shapely.get_coordinates(shape(one.geometry))) for one in drawn]
    own = tuple(Reference("", line, 0.0, line.length) for line in lines)
    plain = _Candidate("", own, MultiLineString(lines), NO_STREET)
    if network is None:
        return [plain]
    names = sorted({name for one in drawn if (name := network.spelt(one.street))})
    named = [found for name in names if (found := _candidate(network, name, own, 0.0, by_name=True))]
    prior = OTHER_STREET if named else UNKNOWN_STREET
    around = [name for name in network.streets_near(plain.ground, REACH_M) if name not in names]
    others = [found for name in around if (found := _candidate(network, name, own, prior))]
    return [*named, plain, *others]


def _candidate(
    network: RoadNetwork, road: str, own: tuple[Reference, ...], prior: float, *, by_name: bool = False
) -> _Candidate | None:
    """The street with the drawn lines on it; those that do not fit stay as they are, unless none does."""
    found = [_along(network, road, reference.line, by_name=by_name) for reference in own]
    aside = [inf if one is None else _aside(one, drawn.line) for one, drawn in zip(found, own, strict=True)]
    least = min(aside)
    if least == inf:
        return None
    references = tuple(
        drawn if one is None or far > max(FIT_M, least) else one
        for one, drawn, far in zip(found, own, aside, strict=True)
    )
    cost = prior + min((least / DRAWN_SIGMA_M) ** 2, DRAWN_AT_MOST)
    return _Candidate(road, references, MultiLineString([reference.line for reference in references]), cost)


def _along(network: RoadNetwork, road: str, line: LineString, *, by_name: bool) -> Reference | None:
    """The line's place on a street; one that turns off its street keeps to the way through the network it means."""
    path = network.street_path(road, line)
    found = _placed(road, path, line) if path is not None else None
    if by_name and (found is None or _aside(found, line) > FIT_M):
        way = network.snap_line(line, road)
        return found if way is None else Reference(road, way, 0.0, way.length)
    return found


def _placed(road: str, path: LineString, line: LineString) -> Reference | None:
    """The path around the line, turned as the line was drawn; None where the line does not run along it."""
    start, end = project(path, np.array([line.coords[0], line.coords[-1]])).offset.tolist()
    if start > end:
        path, start, end = path.reverse(), path.length - start, path.length - end
    if not LENGTHS[0] * line.length <= end - start <= LENGTHS[1] * line.length:
        return None
    first = max(start - ROOM_M, 0.0)
    return Reference(road, cut(path, first, end + ROOM_M), start - first, end - first)


def _aside(reference: Reference, line: LineString) -> float:
    return float(cut(reference.line, reference.start, reference.end).hausdorff_distance(line))


def _misfit(ground: MultiLineString, spots: Floats, sigmas: Floats) -> float:
    """How badly lights stand on these lines: what is beyond half a road's width counts, no light more than three."""
    beyond = np.maximum(shapely.distance(ground, shapely.points(spots)) - HALF_ROAD_WIDTH_M, 0.0) / sigmas
    return float(np.minimum(beyond**2, LIGHT_AT_MOST).sum())
