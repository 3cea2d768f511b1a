"""Small geometry of the feed: WGS 84 lon-lat in and out, metres on a plane around the place (0.1 % in a city)."""

from math import cos, hypot, radians

import shapely

from shared.contracts.base import Geometry, LineString, LonLat, Point, Polygon

METRES_PER_DEGREE = 111_195.0
DECIMALS = 7  # about 1 cm

Metres = tuple[float, float]


def _to_plane(coordinates: tuple[LonLat, ...], origin: LonLat) -> list[Metres]:
    east = METRES_PER_DEGREE * cos(radians(origin[1]))
    return [((lon - origin[0]) * east, (lat - origin[1]) * METRES_PER_DEGREE) for lon, lat in coordinates]


def _from_plane(points: list[Metres], origin: LonLat) -> tuple[LonLat, ...]:
    east = METRES_PER_DEGREE * cos(radians(origin[1]))
    return tuple((origin[0] + x / east, origin[1] + y / METRES_PER_DEGREE) for x, y in points)


def moved_m(old: LineString, new: LineString) -> float:
    """By how many metres the farther end moved, or, where the road changed, the farthest point between the ends."""
    origin = old.coordinates[0]
    before, after = _to_plane(old.coordinates, origin), _to_plane(new.coordinates, origin)
    ends = max(hypot(a[0] - b[0], a[1] - b[1]) for a, b in ((before[0], after[0]), (before[-1], after[-1])))
    return max(ends, shapely.LineString(before).hausdorff_distance(shapely.LineString(after)))


def length_m(line: LineString) -> float:
    return float(shapely.LineString(_to_plane(line.coordinates, line.coordinates[0])).length)


def in_traffic_direction(geometry: Geometry, *, backward: bool) -> Geometry:
    """The geometry rounded to centimetres; a line that traffic runs against is turned round."""
    match geometry:
        case Point():
            return Point(_rounded((geometry.coordinates,))[0])
        case Polygon():
            return Polygon(tuple(_rounded(ring) for ring in geometry.coordinates))
        case LineString():
            return LineString(_rounded(geometry.coordinates[:: -1 if backward else 1]))


def _rounded(coordinates: tuple[LonLat, ...]) -> tuple[LonLat, ...]:
    return tuple((round(lon, DECIMALS), round(lat, DECIMALS)) for lon, lat in coordinates)


def spine(polygon: Polygon) -> LineString:
    """A line along the middle of an area: between the midpoints of the short sides of its tightest rectangle.

    Consumers that read lines only then see the area, too. A shape without extent gives a line of 1 m to the east.
    """
    origin = polygon.coordinates[0][0]
    ring = _to_plane(polygon.coordinates[0], origin)
    box = shapely.MultiPoint(ring).minimum_rotated_rectangle
    corners = [(float(x), float(y)) for x, y in shapely.get_coordinates(box)]
    if box.geom_type != "Polygon":
        corners = corners if box.geom_type == "LineString" else [corners[0], (corners[0][0] + 1, corners[0][1])]
        return LineString(_rounded(_from_plane(corners, origin)))
    a, b, c, d = corners[:4]
    if hypot(a[0] - b[0], a[1] - b[1]) > hypot(b[0] - c[0], b[1] - c[1]):
        a, b, c, d = b, c, d, a
    ends = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), ((c[0] + d[0]) / 2, (c[1] + d[1]) / 2)]
    return LineString(_rounded(_from_plane(sorted(ends), origin)))
