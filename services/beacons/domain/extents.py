"""Where the measures of a work area stand, from its lights and its order."""

from collections.abc import Sequence
from itertools import groupby
from math import hypot
from typing import NamedTuple

import numpy as np
import shapely

from services.beacons.domain.cells import shape
from services.beacons.domain.ends import Fused, Mark, fuse, measure, on_the_line
from services.beacons.domain.rows import LightRow, Place
from shared.contracts.base import LineString
from shared.contracts.sites import MeasuredExtent
from shared.geo.crs import lonlat_positions
from shared.geo.linear import cut, project

# Signs, not lights, mark where these begin and end.
UNLIT = frozenset({"speed_limit", "turn_banned", "stop_closed", "detour", "no_stopping"})
TIES_M = 10.0  # a light marks every measure that is hardly farther than the nearest one
SHORTEST_M = 1.0
SIGMAS_95 = 1.96


class Extent(NamedTuple):
    """A measured extent with its ends in metres along the ordered line."""

    start_m: float
    end_m: float
    measured: MeasuredExtent
    deviates: bool


def measure_extents(places: Sequence[Place], lights: Sequence[LightRow]) -> list[Extent]:
    """One extent per line measure of which lights carry an end, in the order of the measures."""
    lines = [(place, line) for place in places if (line := _line(place)) is not None]
    spots = [shapely.Point(light.x, light.y) for light in lights]
    distances = [[line.distance(spot) for spot in spots] for _, line in lines]
    nearest = [min(column) for column in zip(*distances, strict=True)]
    extents = []
    for (place, line), far in zip(lines, distances, strict=True):
        own = [light for light, distance, least in zip(lights, far, nearest, strict=True) if distance <= least + TIES_M]
        extent = _extent(place, line, own)
        if extent is not None:
            extents.append(extent)
    return extents


def _line(place: Place) -> shapely.LineString | None:
    """The measure as a line with two ends; rings have none."""
    line = shape(place.geometry)
    if place.kind in UNLIT or not isinstance(line, shapely.LineString) or line.is_closed or line.length < SHORTEST_M:
        return None
    return line


def _extent(place: Place, line: shapely.LineString, lights: Sequence[LightRow]) -> Extent | None:
    first, last = _ends(line, lights)
    if not (first.measured or last.measured) or last.at - first.at < SHORTEST_M:
        return None
    positions = lonlat_positions(_piece(line, first.at, last.at))
    measured = MeasuredExtent(
        measure_id=place.measure_id,
        line=LineString(positions),
        accuracy_m=round(SIGMAS_95 * max(first.sigma, last.sigma), 1),
        deviation_m=round(max(abs(first.at), abs(last.at - line.length)), 1),
        place_from="measured" if first.measured else "ordered",
        place_to="measured" if last.measured else "ordered",
    )
    return Extent(first.at, last.at, measured, deviates=first.deviates or last.deviates)


def _ends(line: shapely.LineString, lights: Sequence[LightRow]) -> tuple[Fused, Fused]:
    """Both ends; a single row of lights is the ordered end that it is nearer to."""
    if not lights:
        return fuse(None, 0.0), fuse(None, line.length)
    found = project(line, np.array([(light.x, light.y) for light in lights]), extended=True)
    marks = [
        Mark(along, lateral, light.sigma)
        for along, lateral, light in zip(found.offset.tolist(), found.lateral.tolist(), lights, strict=True)
    ]
    ends = measure(on_the_line(marks))
    if len(ends) == 1:
        is_first = abs(ends[0].at) <= abs(ends[0].at - line.length)
        return fuse(ends[0] if is_first else None, 0.0), fuse(None if is_first else ends[0], line.length)
    first, last = ends or (None, None)
    return fuse(first, 0.0), fuse(last, line.length)


def _piece(line: shapely.LineString, start: float, end: float) -> shapely.LineString:
    """The piece between two offsets; beyond the line it goes straight on."""
    before, after = max(0.0, -start), max(0.0, end - line.length)
    points = [point for point, _ in groupby(line.coords)]
    if before:
        points[0] = _beyond(points[1], points[0], before)
    if after:
        points[-1] = _beyond(points[-2], points[-1], after)
    return cut(shapely.LineString(points), start + before, end + before)


def _beyond(inner: tuple[float, ...], outer: tuple[float, ...], by_m: float) -> tuple[float, ...]:
    east, north = outer[0] - inner[0], outer[1] - inner[1]
    share = by_m / hypot(east, north)
    return outer[0] + share * east, outer[1] + share * north
