"""Where the measures of a work area stand, from its lights, its order and the street."""

from collections.abc import Sequence
from itertools import groupby
from math import hypot
from typing import NamedTuple

import numpy as np
import shapely

from services.beacons.domain.ends import Fused, Mark, fuse, measure, on_the_line
from services.beacons.domain.rows import LightRow, Place
from services.beacons.domain.streets import SHORTEST_M, Reference, Streets, drawn, drawn_line
from shared.contracts.base import LineString
from shared.contracts.sites import EndProvenance, MeasuredExtent
from shared.geo.crs import lonlat_positions
from shared.geo.linear import cut, project

TIES_M = 10.0  # a light marks every measure that is hardly farther than the nearest one
ALIKE_M = 15.0  # by which lines of the same works differ when they are drawn by hand
SIGMAS_95 = 1.96


class Extent(NamedTuple):
    """The ends of a measure along its reference; the piece between them is cut only when it is told."""

    measure_id: str
    reference: Reference
    first: Fused
    last: Fused

    @property
    def road(self) -> str:
        return self.reference.road

    @property
    def start_m(self) -> float:
        """Metres from the ordered start, along the reference."""
        return self.first.at - self.reference.start

    @property
    def end_m(self) -> float:
        return self.last.at - self.reference.start

    @property
    def by(self) -> tuple[EndProvenance, EndProvenance]:
        return "measured" if self.first.measured else "ordered", "measured" if self.last.measured else "ordered"

    @property
    def deviates(self) -> bool:
        return self.first.deviates or self.last.deviates

    @property
    def deviation_m(self) -> float:
        return round(max(abs(self.start_m), abs(self.last.at - self.reference.end)), 1)

    def measured(self) -> MeasuredExtent:
        place_from, place_to = self.by
        return MeasuredExtent(
            measure_id=self.measure_id,
            line=LineString(lonlat_positions(_piece(self.reference.line, self.first.at, self.last.at))),
            accuracy_m=round(SIGMAS_95 * max(self.first.sigma, self.last.sigma), 1),
            deviation_m=self.deviation_m,
            place_from=place_from,
            place_to=place_to,
        )


def measure_extents(
    places: Sequence[Place], lights: Sequence[LightRow], streets: Streets, told: str | None = None
) -> list[Extent]:
    """One extent per line measure of which lights carry an end, in the order of the measures.

    ``told``: the road that the site was measured along before.
    """
    lines = [(place, line) for place in places if (line := drawn_line(place)) is not None]
    if not lines:
        return []
    references = streets.references(drawn(places), lights, told)
    shares = _shares([line for _, line in lines], lights)
    found = (_extent(place, along, own) for (place, _), along, own in zip(lines, references, shares, strict=True))
    return [extent for extent in found if extent is not None]


def _shares(lines: Sequence[shapely.LineString], lights: Sequence[LightRow]) -> list[list[LightRow]]:
    """The lights that mark each line: those that are hardly nearer to another, where lines drawn alike are one."""
    if len(lines) == 1:
        return [list(lights)]
    spots = shapely.points([(light.x, light.y) for light in lights])
    apart = np.array([shapely.distance(line, spots) for line in lines])
    alike = np.array([shapely.hausdorff_distance(line, lines) <= ALIKE_M for line in lines])
    apart = np.array([apart[same].min(axis=0) for same in alike])
    marks = apart <= apart.min(axis=0) + TIES_M
    return [[light for light, own in zip(lights, row, strict=True) if own] for row in marks]


def _extent(place: Place, reference: Reference, lights: Sequence[LightRow]) -> Extent | None:
    first, last = _ends(reference, lights)
    if not (first.measured or last.measured) or last.at - first.at < SHORTEST_M:
        return None
    return Extent(place.measure_id, reference, first, last)


def _ends(reference: Reference, lights: Sequence[LightRow]) -> tuple[Fused, Fused]:
    """Both ends; a single row of lights is the ordered end that it is nearer to."""
    _, line, start, end = reference
    if not lights:
        return fuse(None, start), fuse(None, end)
    found = project(line, np.array([(light.x, light.y) for light in lights]), extended=True)
    marks = [
        Mark(along, lateral, light.sigma)
        for along, lateral, light in zip(found.offset.tolist(), found.lateral.tolist(), lights, strict=True)
    ]
    ends = measure(on_the_line(marks))
    if len(ends) == 1:
        is_first = abs(ends[0].at - start) <= abs(ends[0].at - end)
        return fuse(ends[0] if is_first else None, start), fuse(None if is_first else ends[0], end)
    first, last = ends or (None, None)
    return fuse(first, start), fuse(last, end)


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
