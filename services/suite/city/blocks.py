"""Cuts the blocks between the main streets into smaller ones by streets, finer towards the old town."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import shapely
from shapely import LineString, Point, Polygon

from services.suite.city.plane import Plane, Spot, Street, edge
from services.suite.city.skeleton import Skeleton


@dataclass(frozen=True)
class Pattern:
    """How a zone is cut: typical block in m², how far streets lean (degrees) and bend (share of their length)."""

    block_m2: float
    lean_deg: float
    bend: float
    narrow_m: float  # no block gets narrower


PATTERNS = {
    "old": Pattern(5200, 13, 0.05, 32),
    "inner": Pattern(12500, 3, 0.0, 60),
    "harbour": Pattern(26000, 2, 0.0, 90),
    "right": Pattern(13000, 5, 0.03, 55),
    "outer": Pattern(15500, 6, 0.06, 58),
}
SNAP_M = 34.0  # a new street rather ends at a crossing than this close to one
THOROUGHFARE_M2 = 130_000.0
PARKS = ((-1000, 330, 52_000), (-780, -960, 45_000), (-640, -330, 40_000), (420, -900, 34_000), (1330, 560, 20_000))
CEMETERY = (-1330, -420, 60_000)
AT_BANK_M = 1.5
MEDIAN_LINK_M = 120.0


def cut_blocks(plane: Plane, skeleton: Skeleton, rng: Random) -> dict[int, str]:
    """Cut all blocks that are to be cut; returns what the special ones are (river, bank, median, park, square …)."""
    special: dict[int, str] = {}
    todo = sorted(plane.blocks, reverse=True)
    while todo:
        block = todo.pop()
        kind, limit = _kind(plane, block, skeleton)
        zone = skeleton.zone(plane.polygon(block).representative_point())
        pattern = PATTERNS[zone]
        if kind in {"river", "bank", "median"}:
            special[block] = kind
            continue
        most = limit if limit is not None else pattern.block_m2 * rng.uniform(0.8, 1.7)
        halves = _cut(plane, block, zone, rng) if plane.polygon(block).area > most else None
        if halves is not None:
            todo += halves
        elif kind is not None:
            special[block] = kind
        elif zone == "outer" and rng.random() < _green_share(plane, block):
            special[block] = "park"
    for block in sorted(number for number, kind in special.items() if kind == "median"):
        _link_median(plane, block, special)
    return special


def _kind(plane: Plane, block: int, skeleton: Skeleton) -> tuple[str | None, float | None]:
    """What a block becomes once it is smaller than the area; water, banks and medians are taken as they are."""
    polygon = plane.polygon(block)
    middle = polygon.representative_point()
    if skeleton.water.covers(middle):
        return "river", None
    if skeleton.water.distance(polygon) < AT_BANK_M:
        return "bank", None
    if _between_carriageways(plane, block):
        return "median", None
    for x, y, area in PARKS:
        if polygon.covers(Point(x, y)):
            return "park", area
    if polygon.covers(Point(CEMETERY[:2])):
        return "cemetery", CEMETERY[2]
    square = Point(skeleton.market[0] - 22, skeleton.market[1] + 16)
    return ("square", 9000.0) if polygon.covers(square) else (None, None)


def _green_share(plane: Plane, block: int) -> float:
    """Where the wall stood there are gardens now; elsewhere a green here and there."""
    nodes = plane.blocks[block]
    met = {plane.streets[plane.street_of[edge(a, b)]].name for a, b in pairwise(nodes)}
    return 0.5 if "Wallring" in met else 0.035


def _between_carriageways(plane: Plane, block: int) -> bool:
    ring = LineString(plane.polygon(block).exterior)
    nodes = plane.blocks[block]
    pairs = zip(nodes, [*nodes[1:], nodes[0]], strict=True)
    oneway = sum(
        math.dist(plane.points[a], plane.points[b])
        for a, b in pairs
        if plane.streets[plane.street_of[edge(a, b)]].oneway
    )
    return oneway > 0.75 * ring.length


def _cut(plane: Plane, block: int, zone: str, rng: Random) -> tuple[int, int] | None:
    """Cut across the longer side; None if every try would make a sliver."""
    polygon, pattern = plane.polygon(block), PATTERNS[zone]
    for attempt in range(7):
        lean = math.radians(rng.gauss(0, pattern.lean_deg))
        chord = _chord(polygon, 0.5 + rng.uniform(-0.13, 0.13), lean + math.pi / 2 * (attempt > 4))
        if chord is None:
            continue
        ends = [_anchor(plane, block, spot) for spot in chord]
        inner = _bent(plane.points[ends[0]], plane.points[ends[1]], pattern.bend, rng)
        if ends[0] != ends[1] and _good(plane, block, ends, inner, pattern):
            street = plane.add_street(Street(_class(polygon, zone, rng), zone))
            return plane.cut(block, ends[0], ends[1], inner, street)
    return None


def _class(polygon: Polygon, zone: str, rng: Random) -> str:
    if polygon.area > THOROUGHFARE_M2 and zone != "old":
        return "tertiary"
    if zone == "harbour":
        return "unclassified"
    draw = rng.random()
    if zone == "old":
        small = polygon.area < 13_000
        return "footway" if small and draw < 0.16 else "pedestrian" if draw < 0.36 else "living_street"
    return "living_street" if polygon.area < 34_000 and draw < 0.14 else "residential"


def _chord(polygon: Polygon, share: float, lean: float) -> tuple[Spot, Spot] | None:
    """Across the longer side of the block's box, through a point that lies in the block."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    sides = sorted((box[1] - box[0], box[2] - box[1]), key=lambda side: math.hypot(*side))
    angle = math.atan2(sides[0][1], sides[0][0]) + lean
    middle = shapely.get_coordinates(polygon.centroid)[0] + sides[1] * (share - 0.5)
    reach = math.hypot(*sides[0]) + math.hypot(*sides[1])
    step = (math.cos(angle) * reach, math.sin(angle) * reach)
    ray = LineString([(middle[0] - step[0], middle[1] - step[1]), (middle[0] + step[0], middle[1] + step[1])])
    pieces = [p for p in shapely.get_parts(ray.intersection(polygon)) if isinstance(p, LineString)]
    if not pieces:
        return None
    chosen = min(pieces, key=lambda piece: (piece.distance(Point(middle)), -piece.length))
    (ax, ay), (bx, by) = chosen.coords[0], chosen.coords[-1]
    return (ax, ay), (bx, by)


def _anchor(plane: Plane, block: int, spot: Spot) -> int:
    """The crossing close by, else a bend close by, else a new node on the block's edge."""
    nodes = plane.blocks[block]
    distance = {node: math.dist(plane.points[node], spot) for node in nodes}
    crossing = min((n for n in nodes if plane.junction(n)), key=lambda n: (distance[n], n), default=None)
    if crossing is not None and distance[crossing] < SNAP_M:
        return crossing
    bend = min(nodes, key=lambda n: (distance[n], n))
    if distance[bend] < 5:
        return bend
    pairs = list(zip(nodes, [*nodes[1:], nodes[0]], strict=True))
    first, second = min(pairs, key=lambda pair: _line(plane, *pair).distance(Point(spot)))
    return plane.split_edge(first, second, (spot[0], spot[1]))


def _line(plane: Plane, first: int, second: int) -> LineString:
    return LineString([plane.points[first], plane.points[second]])


def _bent(start: Spot, end: Spot, bend: float, rng: Random) -> list[Spot]:
    """Points between two ends on a flat arc."""
    length = math.dist(start, end)
    sag = rng.gauss(0, bend) * length if length > 70 else 0.0
    if abs(sag) < 2:
        return []
    across = ((start[1] - end[1]) / length, (end[0] - start[0]) / length)
    spots = []
    for share in (0.2, 0.4, 0.6, 0.8):
        out = 4 * sag * share * (1 - share)
        spots.append(tuple(start[i] + (end[i] - start[i]) * share + across[i] * out for i in (0, 1)))
    return [(x, y) for x, y in spots]


def _good(plane: Plane, block: int, ends: Sequence[int], inner: list[Spot], pattern: Pattern) -> bool:
    """No sliver, no flat corner, nothing outside the block."""
    polygon = plane.polygon(block)
    path = LineString([plane.points[ends[0]], *inner, plane.points[ends[1]]])
    if path.length < pattern.narrow_m * 0.7 or not polygon.buffer(0.1).covers(path):
        return False
    nodes = plane.blocks[block]
    start, end = sorted((nodes.index(ends[0]), nodes.index(ends[1])))
    if ends[1] in plane.around[ends[0]]:
        return False
    ring = [plane.points[node] for node in nodes]
    along = path if nodes[start] == ends[0] else path.reverse()
    halves = (
        Polygon([*ring[start:end], *along.coords[::-1][:-1]]),
        Polygon([*ring[:start], *along.coords, *ring[end + 1 :]]),
    )
    thin = pattern.narrow_m / 2
    return all(half.is_valid and not half.buffer(-thin / 2).is_empty and _stout(half, thin) for half in halves)


def _stout(half: Polygon, thin: float) -> bool:
    """Most of it survives when a narrow margin is taken off."""
    kept = half.buffer(-thin * 0.6).buffer(thin * 0.6)
    return kept.area > 0.86 * half.area


def _link_median(plane: Plane, block: int, special: dict[int, str]) -> None:
    """Openings in the boulevard's median, where side streets come in."""
    polygon = plane.polygon(block)
    axis = _long_axis(polygon)
    last = 0.0
    for node in sorted(
        (n for n in plane.blocks[block] if plane.junction(n)), key=lambda n: axis.project(Point(plane.points[n]))
    ):
        at = axis.project(Point(plane.points[node]))
        if at - last < MEDIAN_LINK_M or axis.length - at < MEDIAN_LINK_M:
            continue
        here = next((b for b, kind in special.items() if kind == "median" and node in plane.blocks[b]), None)
        other = _opposite(plane, here, node, axis) if here is not None else None
        if here is None or other is None:
            continue
        del special[here]
        street = _side_street(plane, node)
        special.update(dict.fromkeys(plane.cut(here, node, other, [], street), "median"))
        last = at


def _long_axis(polygon: Polygon) -> LineString:
    box = [tuple(spot) for spot in shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon)).tolist()]
    long, short = (1, 2) if math.dist(box[1], box[2]) > math.dist(box[0], box[1]) else (0, 1)
    return LineString([box[long], box[short]])


def _opposite(plane: Plane, block: int, node: int, axis: LineString) -> int | None:
    """The node across the median, made if there is none; None if it would be too skewed."""
    spot = Point(plane.points[node])
    polygon = plane.polygon(block)
    (ax, ay), (bx, by) = axis.coords[0], axis.coords[-1]
    nx, ny = (ay - by) / axis.length * 60, (bx - ax) / axis.length * 60
    ray = LineString([(spot.x - nx, spot.y - ny), (spot.x + nx, spot.y + ny)]).intersection(polygon)
    far = max(shapely.get_coordinates(ray).tolist(), key=lambda c: spot.distance(Point(c)), default=None)
    if far is None or spot.distance(Point(far)) < 10:
        return None
    other = _anchor(plane, block, (far[0], far[1]))
    across = math.dist(plane.points[other], plane.points[node])
    return other if 10 < across < 55 and other not in plane.around[node] else None


def _side_street(plane: Plane, node: int) -> int:
    """The street that comes in from the side: not the boulevard itself."""
    met = sorted({plane.street_of[edge(node, n)] for n in plane.around[node]})
    return next((s for s in met if not plane.streets[s].oneway and plane.streets[s].highway), met[0])
