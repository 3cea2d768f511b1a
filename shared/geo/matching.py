"""Matches a drawn line to the network: the cheapest way from its start to its end, where distance from it costs."""

import heapq
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from shared.geo.chain import Lines, Step
from shared.geo.crs import XY, Floats

CORRIDOR_M = 30.0  # streets farther from the drawn line are no candidates
TYPICAL_ERROR_M = 5.0
OTHER_STREET_FACTOR = 3.0
AGAINST_TRAFFIC_FACTOR = 1.5  # permits may be drawn against a one-way street
MOST_DETOUR_FACTOR, MOST_DETOUR_M = 1.5, 40.0


def snap(
    line: LineString, steps: Sequence[Step], lines: Lines, preferred: NDArray[np.bool_], points: dict[int, XY]
) -> LineString | None:
    """See ``RoadNetwork.snap_line``; ``lines`` are the steps' own, ``preferred`` those of the wanted street."""
    if not steps:
        return None
    per_metre = _cost_per_metre(line, lines, preferred)
    first = _foot(line.interpolate(0.0), lines, preferred)
    last = _foot(line.interpolate(line.length), lines, preferred)
    ends = [lines[first].project(line.interpolate(0.0)), lines[last].project(line.interpolate(line.length))]
    start, end = lines[first].interpolate(ends[0]), lines[last].interpolate(ends[1])
    if first == last:
        return _sane(LineString([start, end]), line)
    onward = _onward(steps, lines, per_metre)
    leaving = {steps[first].first: ends[0] * per_metre[first]}
    leaving[steps[first].second] = (lines[first].length - ends[0]) * per_metre[first]
    arriving = {steps[last].first: ends[1] * per_metre[last]}
    arriving[steps[last].second] = (lines[last].length - ends[1]) * per_metre[last]
    nodes = _cheapest(onward, leaving, arriving)
    if nodes is None:
        return None
    inner = [points[node] for node in nodes]
    return _sane(LineString([(start.x, start.y), *inner, (end.x, end.y)]), line)


def _cost_per_metre(line: LineString, lines: Lines, preferred: NDArray[np.bool_]) -> Floats:
    away = sum(shapely.distance(shapely.line_interpolate_point(lines, at, normalized=True), line) for at in (0, 0.5, 1))
    cost: Floats = (1 + (away / 3 / TYPICAL_ERROR_M) ** 2) * np.where(preferred, 1.0, OTHER_STREET_FACTOR)
    return cost


def _foot(place: shapely.Point, lines: Lines, preferred: NDArray[np.bool_]) -> int:
    return int(np.argmin(shapely.distance(lines, place) * np.where(preferred, 1.0, OTHER_STREET_FACTOR)))


def _onward(steps: Sequence[Step], lines: Lines, per_metre: Floats) -> dict[int, list[tuple[int, float]]]:
    onward: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for step, cost in zip(steps, (shapely.length(lines) * per_metre).tolist(), strict=True):
        onward[step.first].append((step.second, cost * (AGAINST_TRAFFIC_FACTOR if step.oneway < 0 else 1)))
        onward[step.second].append((step.first, cost * (AGAINST_TRAFFIC_FACTOR if step.oneway > 0 else 1)))
    return onward


def _cheapest(
    onward: dict[int, list[tuple[int, float]]], leaving: dict[int, float], arriving: dict[int, float]
) -> list[int] | None:
    """Dijkstra from any node one leaves by to any node one arrives by; None where there is no way."""
    goal = -1
    best: dict[int, float] = {}
    came: dict[int, int] = {}
    heap = [(cost, node, goal) for node, cost in leaving.items()]
    heapq.heapify(heap)
    while heap:
        cost, node, previous = heapq.heappop(heap)
        if node in best:
            continue
        best[node], came[node] = cost, previous
        if node == goal:
            return _back(came, came[goal])
        for following, more in onward[node]:
            heapq.heappush(heap, (cost + more, following, node))
        if node in arriving:
            heapq.heappush(heap, (cost + arriving[node], goal, node))
    return None


def _back(came: dict[int, int], node: int) -> list[int]:
    nodes = [node]
    while (node := came[node]) != -1:
        nodes.append(node)
    return nodes[::-1]


def _sane(found: LineString, line: LineString) -> LineString | None:
    found = LineString(shapely.get_coordinates(shapely.remove_repeated_points(found)))
    too_long = found.length > line.length * MOST_DETOUR_FACTOR + MOST_DETOUR_M
    return None if too_long or found.length == 0 or found.hausdorff_distance(line) > CORRIDOR_M else found
