"""The main lines of the city: river, rings, radials, bridges, drawn by hand and shaken a little by the seed.

Local metres around the middle of the map. The river runs from south to north; the old town lies on its left bank
inside a half ring, the suburb on the right bank.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import shapely
import shapely.ops
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from services.suite.city.plane import Spot, Street

WIDTH_M, HEIGHT_M = 3000.0, 2500.0
RIVER_HALF_M = 165.0
LEFT_ROAD_M, RIGHT_ROAD_M = 58.0, 66.0  # from the bank to the road along it
BEYOND_M = 400.0
NEW_TOWN = ((-290, 290), (-700, 560), (-400, 1400), (1200, 1400), (900, 300))
OVERSHOOT_M = 1.0  # lines that shall meet cross a little; what sticks out encloses nothing and falls away
CARRIAGEWAY_GAP_M = 13.0  # from the middle of the boulevard


@dataclass(frozen=True)
class Skeleton:
    """``river``: its middle line, upstream first. ``zones``: name and area, the first that covers a place counts."""

    streets: list[Street]
    river: LineString
    water: BaseGeometry
    frame: Polygon
    zones: list[tuple[str, BaseGeometry]]
    market: Spot

    def zone(self, spot: Point) -> str:
        return next((name for name, area in self.zones if area.covers(spot)), "outer")


def smooth(points: Sequence[Spot], rounds: int = 4) -> LineString:
    """Corner cutting (Chaikin): a curve that keeps its ends."""
    for _ in range(rounds):
        cut = [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            cut += [(0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by), (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by)]
        points = [*cut, points[-1]]
    return line_of(LineString(points).simplify(0.6))


def line_of(shape: BaseGeometry) -> LineString:
    """The same line under its own type; raises for anything else."""
    return LineString(shape.coords)


def beside(line: LineString, metres: float) -> LineString:
    """Parallel to a line, to its left where ``metres`` is positive."""
    return line_of(line.offset_curve(metres).simplify(1.0))


def stretch(line: LineString, start: float, end: float) -> LineString:
    return line_of(shapely.ops.substring(line, start, end))


def draw(rng: Random) -> Skeleton:
    """The skeleton for one seed."""
    pen = _Pen(rng)
    river = smooth(pen.shaken([(1090, -1750), (1030, -900), (900, -250), (740, 350), (470, 950), (60, 1750)], 30))
    left_road = beside(river, RIVER_HALF_M + LEFT_ROAD_M)
    right_road = beside(river, -RIVER_HALF_M - RIGHT_ROAD_M)
    frame = shapely.box(-WIDTH_M / 2, -HEIGHT_M / 2, WIDTH_M / 2, HEIGHT_M / 2)
    pen.along_the_river(river, left_road, right_road, frame)
    rings = pen.rings(left_road)
    pen.boulevard(left_road, right_road, rings[1])
    market = pen.radials(rings, left_road)
    pen.right_bank(right_road)
    west = _west_of(left_road)
    zones: list[tuple[str, BaseGeometry]] = [
        ("old", Polygon(rings[0]).intersection(west)),
        ("harbour", west.intersection(left_road.buffer(330)).intersection(shapely.box(-1500, 830, 1500, 1250))),
        ("inner", Polygon(rings[1]).union(Polygon(NEW_TOWN)).intersection(west)),
        ("right", Polygon([*river.coords, (9e3, 9e3), (9e3, -9e3)])),
    ]
    water = river.buffer(RIVER_HALF_M, cap_style="flat").intersection(frame)
    return Skeleton(_framed(pen.streets, frame), river, water, frame, zones, market)


def _west_of(road: LineString) -> Polygon:
    return Polygon([*road.coords, (-9e3, 9e3), (-9e3, -9e3)])


def _framed(streets: list[Street], frame: Polygon) -> list[Street]:
    """Cut at the border of the map, which is itself an edge without a street."""
    cut = []
    for street in streets:
        for part in shapely.get_parts(LineString(street.course).intersection(frame)):
            if isinstance(part, LineString):
                course = tuple((x, y) for x, y in part.coords)
                cut.append(Street(street.highway, street.zone, street.name, street.ref, street.oneway, course))
    border = shapely.get_coordinates(frame.exterior).tolist()
    return [*cut, Street("", course=tuple((x, y) for x, y in border))]


class _Pen:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.streets: list[Street] = []

    def shaken(self, points: Sequence[Spot], metres: float) -> list[Spot]:
        return [(x + self.rng.uniform(-metres, metres), y + self.rng.uniform(-metres, metres)) for x, y in points]

    def line(self, course: LineString, highway: str, name: str | None, ref: str | None = None) -> None:
        spots = tuple((x, y) for x, y in course.coords)
        self.streets.append(Street(highway, name=name, ref=ref, course=spots))

    def curve(self, points: Sequence[Spot], highway: str, name: str, ref: str | None = None) -> None:
        self.line(smooth([points[0], *self.shaken(points[1:-1], 14), points[-1]]), highway, name, ref)

    def along_the_river(self, river: LineString, left: LineString, right: LineString, frame: Polygon) -> None:
        for bank in (beside(river, RIVER_HALF_M), beside(river, -RIVER_HALF_M)):
            self.line(bank, "", None)
        half = left.project(Point(600, 300))
        self.line(stretch(left, 0, half), "primary", "Rheinstraße", "B 9")
        self.line(stretch(left, half, left.length), "primary", "Rheinallee", "B 9")
        self.line(right, "secondary", "Uferstraße", "L 119")
        inland = line_of(beside(right, -235).intersection(frame.buffer(BEYOND_M)))
        self.line(inland, "tertiary", "Erlenheimer Hauptstraße")

    def rings(self, road: LineString) -> list[list[Spot]]:
        """Two half rings that begin and end beyond the river road."""
        heart = road.interpolate(road.project(Point(690, -170)))
        tilt = math.radians(104)
        arcs = []
        for along, inland in ((480, 600), (900, 1120)):
            arc = []
            for step in range(-8, 189, 7):
                angle = math.radians(step)
                a, b = along * math.cos(angle), inland * math.sin(angle) * (1 + self.rng.uniform(-0.012, 0.012))
                x, y = math.cos(tilt) * a - math.sin(tilt) * b, math.sin(tilt) * a + math.cos(tilt) * b
                arc.append((heart.x + x, heart.y + y))
            arcs.append([(x, y) for x, y in smooth(arc, 2).coords])
        for arc, name, ref in zip(arcs, ("Altstadtring", "Wallring"), ("L 425", "L 426"), strict=True):
            trimmed = line_of(LineString(arc).intersection(_west_of(road).buffer(OVERSHOOT_M)))
            self.line(trimmed, "secondary", name, ref)
        return arcs

    def boulevard(self, left: LineString, right: LineString, wall: list[Spot]) -> None:
        """Two carriageways from the wall ring to the bridge head, and both bridges."""
        head = left.interpolate(left.project(Point(590, 470)))
        ring = LineString(wall)
        west = ring.interpolate(ring.project(Point(-330, 330)))
        axis = LineString([west, head])
        for gap in (-CARRIAGEWAY_GAP_M, CARRIAGEWAY_GAP_M):
            side = stretch(beside(axis, gap), 30, axis.length - 30)
            course = [west, *map(Point, side.coords), head][:: -1 if gap > 0 else 1]
            spots = tuple((point.x, point.y) for point in course)
            self.streets.append(Street("primary", name="Kaiserallee", ref="B 40", oneway=True, course=spots))
        self._bridge(head, right, "primary", "Kaiserbrücke", "B 40")
        south = min(shapely.get_parts(ring.intersection(left)), key=lambda end: end.y)
        self._bridge(south, right, "secondary", "Südbrücke", "L 426")
        self.curve([(west.x, west.y), (-620, 520), (-950, 760), (-1800, 1010)], "primary", "Ingelheimer Straße", "B 40")
        middle = axis.interpolate(0.52, normalized=True)
        goal = (-60, 1500)
        self.curve([(middle.x, middle.y), (60, 700), (-20, 1000), goal], "tertiary", "Goetheallee")

    def _bridge(self, head: Point, right: LineString, highway: str, name: str, ref: str) -> None:
        """Straight across the river and on into the suburb to the border."""
        far = right.interpolate(right.project(head))
        self.line(LineString([head, far]), highway, name, ref)
        dx, dy = (far.x - head.x) / head.distance(far), (far.y - head.y) / head.distance(far)
        points = [(far.x, far.y), (far.x + 330 * dx, far.y + 330 * dy), (far.x + 900, far.y + 700 * dy + 60)]
        self.curve(points, highway, "Frankfurter Straße" if highway == "primary" else "Darmstädter Straße", ref)

    def radials(self, rings: list[list[Spot]], road: LineString) -> Spot:
        """From the market to the ring, and on from the ring to the border; returns the market's place."""
        inner = LineString(rings[0])
        market = (inner.centroid.x + 95 + self.rng.uniform(-20, 20), inner.centroid.y + self.rng.uniform(-20, 20))
        outward = (
            (178, "pedestrian", "Ludwigstraße", "secondary", "Binger Straße", "L 427", [(-700, 60), (-1700, 130)]),
            (225, "tertiary", "Schillerstraße", "primary", "Alzeyer Straße", "B 420", [(-500, -800), (-1700, -1240)]),
            (262, "pedestrian", "Augustinerstraße", "tertiary", "Wormser Straße", None, [(430, -1000), (330, -1600)]),
            (128, "tertiary", "Lange Bleiche", "tertiary", "Parkusstraße", None, [(-150, 620), (-520, 1500)]),
        )
        for degrees, highway, name, beyond, beyond_name, ref, course in outward:
            angle = math.radians(degrees + self.rng.uniform(-4, 4))
            ray = LineString([market, (market[0] + 2e3 * math.cos(angle), market[1] + 2e3 * math.sin(angle))])
            gate = shapely.get_coordinates(ray.intersection(inner))[0].tolist()
            bend = ((market[0] + gate[0]) / 2, (market[1] + gate[1]) / 2)
            self.curve([market, bend, (gate[0], gate[1])], highway, name)
            self.curve([(gate[0], gate[1]), *course], beyond, beyond_name, ref)
        quay = road.interpolate(road.project(Point(market)))
        self.curve([market, (quay.x - 120, quay.y + 25), (quay.x, quay.y)], "pedestrian", "Rheingasse")
        self.curve([(-330, 1400), (-640, 560), (-820, -80), (-700, -640), (-330, -1400)], "tertiary", "Hochring")
        self.curve([(-1130, 1400), (-1210, 500), (-1160, -300), (-1230, -1400)], "tertiary", "Am Rosengarten")
        return market

    def right_bank(self, right: LineString) -> None:
        for y, name in ((-600, "Maaraue"), (-60, "Kirchstraße"), (330, "Römerstraße"), (1010, "Wiesbadener Straße")):
            start = right.interpolate(right.project(Point(1200, y)))
            self.curve([(start.x, start.y), (start.x + 300, start.y + 90), (1800, start.y + 170)], "tertiary", name)
