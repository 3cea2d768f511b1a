"""What stands and grows on the blocks: buildings along the streets, parks, the river with its island."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate, scale, translate
from shapely.geometry.base import BaseGeometry

from services.suite.city.plane import Plane
from services.suite.city.skeleton import Skeleton, beside, stretch
from shared.geo.citymap import AreaKind

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Building:
    """How a zone is built: distance from the street's middle, depth, frontage (metres), share of plots built on."""

    setback_m: float
    depth_m: float
    front_m: float
    built: float
    detached: bool = False


STYLES = {
    "old": Building(4.6, 11.0, 10.5, 0.97),
    "inner": Building(9.0, 12.5, 17.0, 0.95),
    "harbour": Building(14.0, 34.0, 52.0, 0.8),
    "right": Building(8.5, 11.0, 16.0, 0.78),
    "outer": Building(11.5, 11.0, 21.0, 0.88, detached=True),
}
WIDER_M = {"primary": 6.0, "secondary": 4.0, "tertiary": 2.0}
SMALLEST_M2 = 38.0
PARK_NAMES = ("Volkspark", "Stadtpark", "Rosengarten", "Bürgerwiese", "Am Fort Josef", "Erlenpark", "Goethepark")
CATHEDRAL_SIZES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
NAMED_PARK_M2 = 15_000.0


@dataclass(frozen=True)
class Ground:
    kind: AreaKind
    name: str | None
    polygon: Polygon


def grounds(plane: Plane, special: dict[int, str], drives: list[LineString], skeleton: Skeleton) -> list[Ground]:
    """Water first, then greens, then buildings."""
    rng = Random(len(plane.points))  # noqa: S311 - makes up houses, guards nothing
    found = _waters(skeleton) + _greens(plane, special, skeleton)
    blocked = shapely.STRtree([drive.buffer(4) for drive in drives])
    for block in sorted(plane.blocks):
        if block not in special:
            found += [Ground("building", None, house) for house in _houses(plane, block, skeleton, blocked, rng)]
    squares = [plane.polygon(block) for block, kind in sorted(special.items()) if kind == "square"]
    return found + [Ground("building", "Dom St. Bonifatius", _cathedral(square)) for square in squares]


def _waters(skeleton: Skeleton) -> list[Ground]:
    island = _island(skeleton)
    return [Ground("water", "Rhein", part) for part in _polygons(skeleton.water.difference(island))]


def _island(skeleton: Skeleton) -> BaseGeometry:
    start = skeleton.river.project(Point(560, 800))
    middle = beside(stretch(skeleton.river, start, start + 330), -34)
    bulges = [middle.interpolate(at, normalized=True).buffer(_swell(at)) for at in np.linspace(0, 1, 34)]
    return shapely.union_all(bulges).simplify(1.0)  # finer detail would fold when rounded to degrees


def _swell(share: float) -> float:
    return 3 + 30 * math.pow(math.sin(math.pi * share), 0.8)


def _greens(plane: Plane, special: dict[int, str], skeleton: Skeleton) -> list[Ground]:
    found = [Ground("green", "Ingelheimer Aue", part) for part in _polygons(_island(skeleton))]
    names = list(PARK_NAMES)
    for block, kind in sorted(special.items(), key=lambda item: (-plane.polygon(item[0]).area, item[0])):
        if kind in {"river", "square"}:
            continue
        margin = {"bank": 9.0, "median": 5.0}.get(kind, 6.0)
        name = "Hauptfriedhof" if kind == "cemetery" else None
        parts = _polygons(plane.polygon(block).buffer(-margin).difference(skeleton.water.buffer(6)))
        if kind == "park" and names and sum(part.area for part in parts) > NAMED_PARK_M2:
            name = names.pop(0)
        found += [Ground("green", name, part) for part in parts]
    return found


def _houses(plane: Plane, block: int, skeleton: Skeleton, blocked: shapely.STRtree, rng: Random) -> list[Polygon]:
    polygon = plane.polygon(block)
    style = STYLES[skeleton.zone(polygon.representative_point())]
    free = _free(plane, block, polygon, style)
    if free.area < SMALLEST_M2 * 2:
        return []
    houses = np.concatenate(
        [_detached(part, style, rng) if style.detached else _row(part, style, rng) for part in _polygons(free)]
    )
    for index in blocked.query(polygon, predicate="intersects").tolist():
        houses = shapely.difference(houses, blocked.geometries[index])
    kept = shapely.get_parts(houses)
    kept = kept[(shapely.area(kept) > SMALLEST_M2) & (shapely.get_type_id(kept) == 3)]
    return [house for house in kept if rng.random() < style.built]


def _free(plane: Plane, block: int, polygon: Polygon, style: Building) -> BaseGeometry:
    """The block without street, pavement and front gardens; large streets take more."""
    nodes = plane.blocks[block]
    wide = []
    for first, second in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
        more = WIDER_M.get(plane.highway(first, second), 0.0)
        if more:
            wide.append(LineString([plane.points[first], plane.points[second]]).buffer(style.setback_m + more))
    return polygon.buffer(-style.setback_m, join_style="mitre").difference(shapely.union_all(wide))


def _row(free: Polygon, style: Building, rng: Random) -> Shapes:
    """Closed rows along the edges, around a yard; each house takes the ground nearest to its door."""
    yard = free.buffer(-style.depth_m, join_style="mitre")
    ring = free.difference(yard)
    line = free.buffer(-style.depth_m / 2, join_style="mitre")
    rims = [part.exterior for part in _polygons(line)] or [free.exterior]
    doors = [point for rim in rims for point in _along(rim, style.front_m, rng)]
    plots = [ring]
    if len(doors) > 2:
        cells = shapely.voronoi_polygons(shapely.MultiPoint(doors), extend_to=free.buffer(30), ordered=True)
        plots = list(shapely.get_parts(shapely.intersection(shapely.get_parts(cells), ring)))
    return np.array(plots, dtype=object)


def _detached(free: Polygon, style: Building, rng: Random) -> Shapes:
    """Single houses along the edges, turned to the street."""
    line = free.buffer(-style.depth_m / 2 - 0.5, join_style="mitre")
    houses: list[BaseGeometry] = []
    taken: list[BaseGeometry] = []
    for part in _polygons(line):
        rim = part.exterior
        for door in _along(rim, style.front_m, rng):
            at = rim.project(door)
            ahead = rim.interpolate((at + 1) % rim.length)
            angle = math.degrees(math.atan2(ahead.y - door.y, ahead.x - door.x))
            width, depth = rng.uniform(10, 17), rng.uniform(8.5, style.depth_m)
            house = translate(rotate(shapely.box(-width / 2, -depth / 2, width / 2, depth / 2), angle), door.x, door.y)
            if all(house.distance(other) > 2.5 for other in taken[-3:] + taken[:2]):
                taken.append(house)
                houses.append(house)
    return np.array(houses, dtype=object)


def _along(rim: LineString, every: float, rng: Random) -> list[Point]:
    count = max(round(rim.length / every), 1)
    step = rim.length / count
    return [rim.interpolate((index + rng.uniform(0.32, 0.68)) * step) for index in range(count)]


def _cathedral(square: Polygon) -> Polygon:
    """As large as the square can take, along its longer side."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(square))
    ahead = max((box[1] - box[0], box[2] - box[1]), key=lambda side: math.hypot(*side))
    nave, transept, choir = shapely.box(-34, -9, 30, 9), shapely.box(6, -21, 19, 21), Point(30, 0).buffer(9)
    angle = math.degrees(math.atan2(ahead[1], ahead[0]))
    cross = rotate(shapely.union_all([nave, transept, choir]), angle, origin=(0, 0))
    middle = square.representative_point() if not square.covers(square.centroid) else square.centroid
    placed = [translate(scale(cross, size, size, origin=(0, 0)), middle.x, middle.y) for size in CATHEDRAL_SIZES]
    fitting = next((one for one in placed if square.buffer(-4).covers(one)), placed[-1])
    return _polygons(fitting)[0]


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and not part.is_empty]
