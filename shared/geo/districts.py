"""Which district a place lies in: by its boundary where the map has one, else by the nearest name."""

import numpy as np
import shapely
from shapely import STRtree

from shared.geo.citymap import CityMap, Place
from shared.geo.crs import to_metric, to_metric_array

DISTRICT_KINDS = frozenset({"suburb", "quarter", "neighbourhood", "village"})
FARTHEST_NAME_M = 3000.0


class Districts:
    def __init__(self, city: CityMap) -> None:
        self._places = [place for place in city.places if place.kind in DISTRICT_KINDS]
        self._bounded = [place for place in self._places if place.rings]
        self._boundaries = STRtree([_polygon(place) for place in self._bounded])
        self._names = STRtree([shapely.Point(to_metric(*place.lonlat)) for place in self._places])

    def names(self) -> tuple[str, ...]:
        """All districts, sorted."""
        return tuple(sorted({place.name for place in self._places}))

    def at(self, lon: float, lat: float) -> str | None:
        """The district of a place; None far from every name."""
        here = shapely.Point(to_metric(lon, lat))
        inside: list[int] = self._boundaries.query(here, predicate="intersects").tolist()
        if inside:
            return min(self._bounded[index].name for index in inside)
        near: list[int] = self._names.query_nearest(here, max_distance=FARTHEST_NAME_M).tolist()
        return min((self._places[index].name for index in near), default=None)


def _polygon(place: Place) -> shapely.Polygon:
    shell, *holes = (to_metric_array(np.array(ring)) for ring in place.rings)
    return shapely.Polygon(shell, holes)
