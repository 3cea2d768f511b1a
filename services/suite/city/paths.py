"""Ways for feet and wheels beside the streets: promenades, the cycleway along the river, park paths, courtyards."""

import math
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from shapely import LineString, Point

from services.suite.city.blocks import PATTERNS
from services.suite.city.plane import Plane, Spot, Street
from services.suite.city.skeleton import RIVER_HALF_M, Skeleton, beside, line_of

PROMENADE_M, CYCLEWAY_M = 13.0, 34.0  # from the bank
ACCESS_EVERY_M = 190.0
COURTYARD_SHARE = 0.22


def add_paths(plane: Plane, special: dict[int, str], skeleton: Skeleton, rng: Random) -> list[LineString]:
    """Add them all; returns the courtyard drives, which no building may block."""
    for side, name in ((1, "Rheinpromenade"), (-1, "Erlenheimer Uferweg")):
        _along_the_bank(plane, special, skeleton, side, name)
    for block, kind in sorted(special.items()):
        if kind in {"park", "cemetery"}:
            _park(plane, block, rng)
    free = [block for block in sorted(plane.blocks) if block not in special]
    return [drive for block in free for drive in _courtyard(plane, block, skeleton, rng)]


def _along_the_bank(plane: Plane, special: dict[int, str], skeleton: Skeleton, side: int, name: str) -> None:
    promenade, cycleway = (
        line_of(beside(skeleton.river, side * (RIVER_HALF_M + metres)).intersection(skeleton.frame.buffer(-2)))
        for metres in (PROMENADE_M, CYCLEWAY_M)
    )
    gates = []
    last = -math.inf
    for node in sorted(_bank_nodes(plane, special, side, skeleton), key=lambda n: promenade.project(_point(plane, n))):
        at = promenade.project(_point(plane, node))
        near = promenade.interpolate(at).distance(_point(plane, node)) < 110
        if near and at - last >= ACCESS_EVERY_M and 5 < at < promenade.length - 5:
            gates.append(node)
            last = at
    access = [plane.add_street(Street("footway")) for _ in gates]
    for line, highway, street_name in ((cycleway, "cycleway", "Rheinradweg"), (promenade, "footway", name)):
        if side < 0 and highway == "cycleway":
            continue
        street = plane.add_street(Street(highway, name=street_name))
        feet = _laid(plane, line, [_point(plane, gate) for gate in gates], street)
        for index, foot in enumerate(feet):
            plane.add_edge(gates[index], foot, access[index])
        gates = feet


def _bank_nodes(plane: Plane, special: dict[int, str], side: int, skeleton: Skeleton) -> set[int]:
    """Crossings on the road along one bank."""
    half = skeleton.river.buffer(side * 900, single_sided=True)
    return {
        node
        for block, kind in special.items()
        if kind == "bank"
        for node in plane.blocks[block]
        if plane.junction(node) and half.covers(_point(plane, node)) and _drivable(plane, node)
    }


def _drivable(plane: Plane, node: int) -> bool:
    return all(plane.highway(node, other) for other in plane.around[node])


def _laid(plane: Plane, line: LineString, gates: list[Point], street: int) -> list[int]:
    """Lay a path along a line; returns its nodes next to the gates."""
    stops = sorted({*np.arange(0, line.length, 45.0).tolist(), line.length, *(line.project(gate) for gate in gates)})
    nodes = {at: plane.add_node(_spot(line.interpolate(at))) for at in stops}
    for first, second in pairwise(stops):
        plane.add_edge(nodes[first], nodes[second], street)
    return [nodes[line.project(gate)] for gate in gates]


def _park(plane: Plane, block: int, rng: Random) -> None:
    """Paths from the corners of a park to its middle."""
    polygon, nodes = plane.polygon(block), plane.blocks[block]
    heart = polygon.representative_point() if not polygon.covers(polygon.centroid) else polygon.centroid
    middle = plane.add_node((round(heart.x + rng.uniform(-6, 6), 2), round(heart.y + rng.uniform(-6, 6), 2)))
    street = plane.add_street(Street("footway"))
    gates = sorted(node for node in nodes if plane.junction(node))
    gates = [gates[round(index * (len(gates) - 1) / 4)] for index in range(5)] if len(gates) > 5 else gates
    for gate in gates:
        (ax, ay), (bx, by) = plane.points[gate], plane.points[middle]
        lean = rng.uniform(-0.16, 0.16)
        via = ((ax + bx) / 2 + lean * (by - ay), (ay + by) / 2 - lean * (bx - ax))
        if polygon.buffer(0.1).covers(LineString([(ax, ay), via, (bx, by)])):
            bend = plane.add_node(via)
            plane.add_edge(gate, bend, street)
            plane.add_edge(bend, middle, street)


def _courtyard(plane: Plane, block: int, skeleton: Skeleton, rng: Random) -> list[LineString]:
    """A drive from the street into a large block."""
    polygon = plane.polygon(block)
    zone = skeleton.zone(polygon.representative_point())
    if zone == "old" or polygon.area < PATTERNS[zone].block_m2 * 0.85 or rng.random() > COURTYARD_SHARE:
        return []
    nodes = plane.blocks[block]
    pairs = zip(nodes, [*nodes[1:], nodes[0]], strict=True)
    quiet = [pair for pair in pairs if _quiet(plane, *pair)]
    if not quiet:
        return []
    first, second = max(quiet, key=lambda pair: (math.dist(plane.points[pair[0]], plane.points[pair[1]]), pair))
    (ax, ay), (bx, by) = plane.points[first], plane.points[second]
    gate = (round((ax + bx) / 2, 2), round((ay + by) / 2, 2))
    heart = polygon.centroid
    drive = LineString([gate, (gate[0] + 0.9 * (heart.x - gate[0]), gate[1] + 0.9 * (heart.y - gate[1]))])
    if drive.length < 18 or not polygon.buffer(0.1).covers(drive):
        return []
    start = plane.split_edge(first, second, gate)
    plane.add_edge(start, plane.add_node(_spot(Point(drive.coords[1]))), plane.add_street(Street("service")))
    return [drive]


def _quiet(plane: Plane, first: int, second: int) -> bool:
    long = math.dist(plane.points[first], plane.points[second]) > 40
    return long and plane.highway(first, second) in {"residential", "unclassified"}


def _point(plane: Plane, node: int) -> Point:
    return shapely.Point(plane.points[node])


def _spot(point: Point) -> Spot:
    return round(point.x, 2), round(point.y, 2)
