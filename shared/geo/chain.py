"""Chains the ways of one street to a line through a given place."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from shared.geo.crs import XY, bearing, opening

WITH_TRAFFIC_DEG = 100.0  # the sharpest turn a street takes and keeps its identity
AGAINST_TRAFFIC_DEG = 60.0  # where a one-way street changes its direction; less than a U-turn between carriageways
WRONG_CARRIAGEWAY_M = 5.0  # a carriageway against the drawn line counts as this much farther away

Lines: TypeAlias = NDArray[np.object_]


class Step(NamedTuple):
    """From one node to the next along a way, as drawn. ``way``: an index."""

    first: int
    second: int
    oneway: int
    way: int


class Graph:
    """One street: which node leads to which, and whether traffic goes that way."""

    def __init__(self, steps: Sequence[Step], points: dict[int, XY]) -> None:
        self.points = points
        self.onward: dict[int, dict[int, bool]] = defaultdict(dict)
        for step in steps:
            self._note(step.first, step.second, with_traffic=step.oneway >= 0)
            self._note(step.second, step.first, with_traffic=step.oneway <= 0)

    def _note(self, start: int, end: int, *, with_traffic: bool) -> None:
        self.onward[start][end] = with_traffic or self.onward[start].get(end, False)

    def two_way(self, start: int, end: int) -> bool:
        return self.onward[start][end] and self.onward[end][start]

    def next(self, before: int, here: int, *, forward: bool) -> int | None:
        """The straightest continuation, with the traffic if there is one; backwards, where it comes from."""
        heading = bearing(self.points[before], self.points[here])
        options = []
        for node in self.onward[here]:
            bend = opening(heading, bearing(self.points[here], self.points[node]))
            wrong = not (self.onward[here][node] if forward else self.onward[node][here])
            if node != before and bend <= (AGAINST_TRAFFIC_DEG if wrong else WITH_TRAFFIC_DEG):
                options.append((wrong, bend, node))
        return min(options)[2] if options else None

    def follow(self, start: int, second: int, *, forward: bool) -> list[int]:
        """Nodes from ``start`` on, until the street ends or comes back to itself (the node it met is the last)."""
        nodes, seen = [start, second], {start, second}
        while (node := self.next(nodes[-2], nodes[-1], forward=forward)) is not None:
            nodes.append(node)
            if node in seen:
                break
            seen.add(node)
        return nodes


def path(steps: Sequence[Step], lines: Lines, points: dict[int, XY], near: BaseGeometry) -> LineString:
    """See ``RoadNetwork.street_path``; ``lines`` are the steps' own."""
    graph = Graph(steps, points)
    drawn = near if isinstance(near, LineString) else None
    seed = steps[_seed(steps, lines, points, near)]
    start, end = (seed.first, seed.second) if seed.oneway >= 0 else (seed.second, seed.first)
    free = graph.two_way(start, end)
    if free and drawn is not None and opening(bearing(points[start], points[end]), _heading(drawn, points[start])) > 90:
        start, end = end, start
    nodes = _whole(graph, start, end)
    if drawn is None and all(graph.two_way(a, b) for a, b in pairwise(nodes)):
        nodes = _from_the_west(nodes, points)
    return LineString([points[node] for node in nodes])


def _whole(graph: Graph, start: int, end: int) -> list[int]:
    ahead = graph.follow(start, end, forward=True)
    if ahead[-1] == start:
        lowest = ahead.index(min(ahead))  # a ring begins at the same node wherever one asks
        return ahead[lowest:-1] + ahead[: lowest + 1]
    behind = graph.follow(end, start, forward=False)[2:]
    used = set(ahead)
    met = next((index for index, node in enumerate(behind) if node in used), None)
    return behind[::-1] + ahead if met is None else behind[met::-1] + ahead


def _from_the_west(nodes: list[int], points: dict[int, XY]) -> list[int]:
    return nodes if points[nodes[0]] <= points[nodes[-1]] else nodes[::-1]


def _seed(steps: Sequence[Step], lines: Lines, points: dict[int, XY], near: BaseGeometry) -> int:
    middle = near.interpolate(0.5, normalized=True) if isinstance(near, LineString) else near
    distances = shapely.distance(lines, middle)
    if isinstance(near, LineString):
        distances = distances + [WRONG_CARRIAGEWAY_M * _against(step, points, near) for step in steps]
    return int(np.argmin(distances))


def _against(step: Step, points: dict[int, XY], drawn: LineString) -> bool:
    if step.oneway == 0:
        return False
    start, end = (points[step.first], points[step.second])[:: step.oneway]
    return opening(bearing(start, end), _heading(drawn, start)) > 90


def _heading(drawn: LineString, place: XY) -> float:
    """The bearing of a drawn line where it passes a place, over a stretch of a quarter of it."""
    at = drawn.project(shapely.Point(place))
    reach = drawn.length / 8
    low, high = max(at - reach, 0.0), min(at + reach, drawn.length)
    before, after = drawn.interpolate(low), drawn.interpolate(high)
    return bearing((before.x, before.y), (after.x, after.y))
