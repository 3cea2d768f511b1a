"""WGS 84 lon-lat at the borders, EPSG:25832 metres inside; bearings between.

Scalars and arrays go through the same transformer and give the same bits, so no result depends on how points are
batched. ETRS89 and WGS 84 are taken as equal, as everybody in traffic does (difference below a metre).
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from shared.contracts.base import Geometry, LineString, LonLat, Point, Polygon

Floats = NDArray[np.float64]

LONLAT_DECIMALS = 7  # about a centimetre


class XY(NamedTuple):
    """A place in EPSG:25832: metres east, metres north."""

    x: float
    y: float


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metric(lon: float, lat: float) -> XY:
    """The place in EPSG:25832; infinite for coordinates that no projection can take."""
    x, y = _transformer(4326, 25832).transform(lon, lat)
    return XY(x, y)


def to_lonlat(x: float, y: float) -> LonLat:
    """The place in WGS 84, unrounded."""
    lon, lat = _transformer(25832, 4326).transform(x, y)
    return lon, lat


def to_metric_array(lonlat: Floats) -> Floats:
    """Shape (n, 2) degrees to (n, 2) metres."""
    return _transformed(_transformer(4326, 25832), lonlat)


def to_lonlat_array(xy: Floats) -> Floats:
    """Shape (n, 2) metres to (n, 2) degrees, unrounded."""
    return _transformed(_transformer(25832, 4326), xy)


def _transformed(transformer: Transformer, points: Floats) -> Floats:
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    first, second = transformer.transform(points[:, 0], points[:, 1])
    return np.column_stack((first, second))


def metric_shape(geometry: Geometry) -> BaseGeometry:
    """A contract geometry (lon-lat) as a shapely one in metres."""
    if isinstance(geometry, Point):
        return shapely.Point(to_metric(*geometry.coordinates))
    if isinstance(geometry, LineString):
        return metric_line(geometry.coordinates)
    shell, *holes = (to_metric_array(np.array(ring)) for ring in geometry.coordinates)
    return shapely.Polygon(shell, holes)


def metric_line(coordinates: tuple[LonLat, ...]) -> shapely.LineString:
    """Lon-lat positions (two or more) as a line in metres."""
    return shapely.LineString(to_metric_array(np.array(coordinates)))


def contract_shape(shape: BaseGeometry) -> Geometry:
    """A metric Point, LineString or Polygon as a contract geometry, rounded to 7 decimals; else ``ValueError``.

    Polygons come out as RFC 7946 wants them: shells counterclockwise, holes clockwise.
    """
    if isinstance(shape, shapely.Point):
        return Point(lonlat_positions(shape)[0])
    if isinstance(shape, shapely.LineString):
        return LineString(lonlat_positions(shape))
    if isinstance(shape, shapely.Polygon):
        wound = shapely.orient_polygons(shape)
        return Polygon(tuple(lonlat_positions(ring) for ring in (wound.exterior, *wound.interiors)))
    raise ValueError(f"no contract geometry for {shape.geom_type}")


def lonlat_positions(shape: BaseGeometry) -> tuple[LonLat, ...]:
    """All positions of a metric shape as lon-lat, rounded to 7 decimals."""
    degrees = to_lonlat_array(shapely.get_coordinates(shape)).round(LONLAT_DECIMALS)
    return tuple((lon, lat) for lon, lat in degrees.tolist())


def bearing(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Degrees clockwise from grid north, in [0, 360), from one metric place to another."""
    return math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360.0 % 360.0


def turn(before: float, after: float) -> float:
    """The signed change between two bearings in (-180, 180]; right turns are positive."""
    return 180.0 - (180.0 - (after - before)) % 360.0


def opening(first: float, second: float) -> float:
    """The smallest angle between two bearings, in [0, 180]."""
    return abs(turn(first, second))
