"""What lies around a place of an imported city: streets, green and water, for drawings of it."""

from typing import NamedTuple

import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from shared.contracts.base import Polygon
from shared.geo.citymap import STREETS, CityMap, Way
from shared.geo.crs import metric_line, metric_shape


class Around(NamedTuple):
    """What lies in a metric box: streets as (way, line), green and water as (kind, shape)."""

    streets: list[tuple[Way, BaseGeometry]]
    areas: list[tuple[str, BaseGeometry]]


NOTHING = Around([], [])


class Surroundings:
    """Thread-safe; buildings are left out."""

    def __init__(self, city: CityMap) -> None:
        self._ways = [way for way in city.ways if way.highway in STREETS]
        self._lines = STRtree([metric_line(way.coordinates) for way in self._ways])
        areas = [area for area in city.areas if area.kind != "building"]
        self._kinds = [area.kind for area in areas]
        self._shapes = STRtree([shapely.make_valid(metric_shape(Polygon(area.rings))) for area in areas])

    def around(self, box: BaseGeometry) -> Around:
        """``box`` in metres, and so is the answer; the least important streets first."""
        ways = sorted(self._lines.query(box, "intersects").tolist())
        areas = sorted(self._shapes.query(box, "intersects").tolist())
        return Around(
            [(self._ways[i], self._lines.geometries[i]) for i in ways],
            [(self._kinds[i], self._shapes.geometries[i]) for i in areas],
        )
