"""The streets of a city to ask questions of: nearest street, the path of a named street, its crossings.

Built once from a CityMap and never changed. Everything inside is metres (EPSG:25832); equal candidates are decided by
the lowest way id, so the same city always gives the same answers.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, STRtree
from shapely.geometry.base import BaseGeometry

from shared.geo import chain, linear, matching
from shared.geo.citymap import PATHS, STREETS, CityMap, Way
from shared.geo.crs import XY, to_metric, to_metric_array

AT_CROSSING_M = 15.0  # a piece that ends this close to a crossing ends at it
ON_PATH_M = 1.0


class Hit(NamedTuple):
    """The nearest place on the network. ``distance`` in metres, ``point`` on the street."""

    way: Way
    distance: float
    point: XY


class Crossing(NamedTuple):
    """Where another named street meets this one."""

    street: str
    node: int
    point: XY


class Passed(NamedTuple):
    """A crossing as one comes by it on a path: metres along it."""

    offset: float
    street: str


class RoadNetwork:
    """Streets (with pedestrian zones) of a city; named paths are found by name only, never as the nearest street."""

    def __init__(self, city: CityMap) -> None:
        ways = sorted((way for way in city.ways if _belongs(way)), key=lambda way: (way.highway in PATHS, way.id))
        self._ways = ways
        self.points = _points(ways)
        self._steps = [
            chain.Step(first, second, way.oneway, index)
            for index, way in enumerate(ways)
            for first, second in pairwise(way.nodes)
            if self.points[first] != self.points[second]
        ]
        self._lines = _lines(self._steps, self.points)
        roads = sum(ways[step.way].highway in STREETS for step in self._steps)
        self._tree = STRtree(self._lines[:roads])
        self._by_street = _by_street(self._steps, ways)
        self._spelt = {_plain(name): name for name in sorted(self._by_street, reverse=True)}
        self._names_at = _names_at(ways)

    def streets(self) -> tuple[str, ...]:
        """All street names, sorted."""
        return tuple(sorted(self._by_street))

    def spelt(self, street: str) -> str | None:
        """The name of a street as the network has it, however it is abbreviated or written; None if there is none."""
        return street if street in self._by_street else self._spelt.get(_plain(street))

    def ways(self, street: str) -> tuple[Way, ...]:
        """The ways of a street in the order of their ids; none if there is no such street."""
        return tuple(self._ways[index] for index in sorted({self._steps[i].way for i in self._indices(street)}))

    def nearest(self, lon: float, lat: float, street: str | None = None) -> Hit | None:
        """The nearest place on any street, or on the named one; None if there is none."""
        here = shapely.Point(to_metric(lon, lat))
        if street is None:
            found = self._tree.query_nearest(here)
            indices: Sequence[int] = found.tolist() if len(found) else ()
        else:
            indices = self._indices(street)
        if not indices:
            return None
        distances = shapely.distance(self._lines[indices], here)
        best = indices[int(np.argmin(distances))]
        line = self._lines[best]
        foot = line.interpolate(line.project(here))
        return Hit(self._ways[self._steps[best].way], float(distances.min()), XY(foot.x, foot.y))

    def streets_near(self, shape: BaseGeometry, within_m: float) -> tuple[str, ...]:
        """Names of the streets within a distance of a metric shape, nearest first."""
        found = self._tree.query(shape, predicate="dwithin", distance=within_m).tolist()
        distance: dict[str, float] = {}
        for index, metres in zip(found, shapely.distance(self._lines[found], shape).tolist(), strict=True):
            name = self._ways[self._steps[index].way].name
            if name is not None:
                distance[name] = min(metres, distance.get(name, metres))
        return tuple(sorted(distance, key=lambda name: (distance[name], name)))

    def street_path(self, street: str, near: BaseGeometry) -> LineString | None:
        """The connected line of a named street through the place nearest to ``near`` (metric); None without the street.

        It follows the straightest continuation to the street's ends. Of a dual carriageway it takes the one nearest to
        ``near`` (at about the same distance, the one that runs along a drawn line) and keeps to it. One-way parts run
        in the direction of traffic; a two-way street runs along ``near`` if that is a line, else from west to east.
        """
        indices = self._indices(street)
        if not indices:
            return None
        steps = [self._steps[index] for index in indices]
        return chain.path(steps, self._lines[indices], self.points, near)

    def snap_line(self, line: LineString, street: str | None = None) -> LineString | None:
        """The way through the network that a drawn metric line means, cut at its ends; None if it follows none.

        The named street is preferred where there is one.
        """
        found = self._tree.query(line, predicate="dwithin", distance=matching.CORRIDOR_M)
        indices = sorted({*found.tolist(), *self._near(street, line)})
        steps = [self._steps[index] for index in indices]
        preferred = [street is None or self._ways[step.way].name == street for step in steps]
        return matching.snap(line, steps, self._lines[indices], np.array(preferred, dtype=bool), self.points)

    def crossings(self, street: str) -> tuple[Crossing, ...]:
        """Where other named streets meet this one, sorted by name and node."""
        nodes = {node for way in self.ways(street) for node in way.nodes}
        met = ((name, node) for node in nodes for name in self._names_at.get(node, ()) if name != street)
        return tuple(Crossing(name, node, self.points[node]) for name, node in sorted(met))

    def passed(self, street: str, path: LineString) -> tuple[Passed, ...]:
        """The crossings of a street along a piece of its path (metric), in order."""
        crossings = self.crossings(street)
        if not crossings:
            return ()
        offset, lateral = linear.project(path, np.array([crossing.point for crossing in crossings]))
        return tuple(
            sorted(
                Passed(metres, crossing.street)
                for crossing, metres, aside in zip(crossings, offset.tolist(), lateral.tolist(), strict=True)
                if abs(aside) <= ON_PATH_M
            )
        )

    def between(self, street: str, from_street: str, to_street: str, near: BaseGeometry) -> LineString | None:
        """The piece of a street from one crossing to another, in that order; None if they do not cross it there."""
        path = self.street_path(street, near)
        passed = self.passed(street, path) if path is not None else ()
        starts = [metres for metres, name in passed if name == from_street]
        ends = [metres for metres, name in passed if name == to_street]
        if path is None or not starts or not ends:
            return None
        start, end = min(((a, b) for a in starts for b in ends), key=lambda pair: (abs(pair[0] - pair[1]), pair))
        if abs(end - start) < linear.SHORTEST_PIECE_M:
            return None
        return linear.cut(path, start, end) if start < end else linear.cut(path, end, start).reverse()

    def neighbours(self, street: str, piece: LineString) -> tuple[str | None, str | None]:
        """The crossing streets just before and just after a metric piece of a street; None where it begins or ends."""
        path = self.street_path(street, piece)
        if path is None:
            return None, None
        start, end = linear.project(path, np.array([piece.coords[0], piece.coords[-1]])).offset.tolist()
        low, high = min(start, end) + AT_CROSSING_M, max(start, end) - AT_CROSSING_M
        passed = self.passed(street, path)
        before = next((name for metres, name in reversed(passed) if metres <= low), None)
        after = next((name for metres, name in passed if metres >= high), None)
        return (before, after) if start <= end else (after, before)

    def _indices(self, street: str) -> list[int]:
        return self._by_street.get(street, [])

    def _near(self, street: str | None, line: LineString) -> list[int]:
        indices = self._indices(street) if street is not None else []
        return [index for index in indices if self._lines[index].distance(line) <= matching.CORRIDOR_M]


def _plain(name: str) -> str:
    """Equal for „Kaiserstr.“, „Kaiserstraße“, „Kaiser-Strasse“ and „KAISERSTRASSE“."""
    letters = "".join(letter for letter in name.casefold() if letter.isalnum())
    return letters.removesuffix("asse").removesuffix("str") + "str" if letters.endswith(("strasse", "str")) else letters


def _belongs(way: Way) -> bool:
    return way.highway in STREETS or (way.highway in PATHS and way.name is not None)


def _points(ways: Sequence[Way]) -> dict[int, XY]:
    nodes = [node for way in ways for node in way.nodes]
    metric = to_metric_array(np.array([position for way in ways for position in way.coordinates]))
    return {node: XY(x, y) for node, (x, y) in zip(nodes, metric.tolist(), strict=True)}


def _lines(steps: Sequence[chain.Step], points: dict[int, XY]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    ends = np.array([(points[step.first], points[step.second]) for step in steps]).reshape(-1, 2, 2)
    return np.asarray(shapely.linestrings(ends)).reshape(-1)


def _by_street(steps: Sequence[chain.Step], ways: Sequence[Way]) -> dict[str, list[int]]:
    """Indices of a street's steps: of its roads, or of its paths where it has no roads."""
    indices: dict[str, list[int]] = defaultdict(list)
    for index, step in enumerate(steps):
        name = ways[step.way].name
        if name is None:
            continue
        first = indices[name][0] if indices[name] else index
        if (ways[steps[first].way].highway in PATHS) == (ways[step.way].highway in PATHS):
            indices[name].append(index)
    return dict(indices)


def _names_at(ways: Sequence[Way]) -> dict[int, tuple[str, ...]]:
    names: dict[int, set[str]] = defaultdict(set)
    for way in ways:
        if way.name is not None and way.highway in STREETS:
            for node in way.nodes:
                names[node].add(way.name)
    return {node: tuple(sorted(found)) for node, found in names.items()}
