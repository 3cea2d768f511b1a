"""A planar street plan that is cut finer and finer: nodes, edges that belong to streets, and the blocks between.

Local metres, x east, y north. Every vertex is a node, so streets that touch are connected by construction.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

Spot: TypeAlias = tuple[float, float]
Edge: TypeAlias = tuple[int, int]

GRID_M = 0.01


@dataclass
class Street:
    """``highway`` in OpenStreetMap's words; the empty word for edges that are no street (river bank, map border).

    ``oneway``: traffic follows ``course``, the street's own nodes or drawn line.
    """

    highway: str
    zone: str = ""
    name: str | None = None
    ref: str | None = None
    oneway: bool = False
    course: tuple[Spot, ...] = ()


def edge(first: int, second: int) -> Edge:
    return (first, second) if first < second else (second, first)


@dataclass
class Plane:
    streets: list[Street] = field(default_factory=list)
    points: list[Spot] = field(default_factory=list)
    street_of: dict[Edge, int] = field(default_factory=dict)
    around: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    blocks: dict[int, list[int]] = field(default_factory=dict)
    sides: dict[Edge, list[int]] = field(default_factory=lambda: defaultdict(list))

    def junction(self, node: int) -> bool:
        return len(self.around[node]) > 2

    def highway(self, first: int, second: int) -> str:
        """The class of the street between two nodes; empty where there is none."""
        street = self.street_of.get(edge(first, second))
        return self.streets[street].highway if street is not None else ""

    def polygon(self, block: int) -> Polygon:
        return Polygon([self.points[node] for node in self.blocks[block]])

    def add_node(self, spot: Spot) -> int:
        self.points.append(spot)
        return len(self.points) - 1

    def add_street(self, street: Street) -> int:
        self.streets.append(street)
        return len(self.streets) - 1

    def add_edge(self, first: int, second: int, street: int) -> None:
        self.street_of[edge(first, second)] = street
        self.around[first].append(second)
        self.around[second].append(first)

    def add_block(self, nodes: list[int]) -> int:
        number = max(self.blocks, default=-1) + 1
        self.blocks[number] = nodes
        for first, second in _ring(nodes):
            self.sides[edge(first, second)].append(number)
        return number

    def split_edge(self, first: int, second: int, spot: Spot) -> int:
        """A new node on an edge, known to the blocks on both sides."""
        node, old = self.add_node(spot), edge(first, second)
        street, blocks = self.street_of.pop(old), self.sides.pop(old, [])
        self.around[first].remove(second)
        self.around[second].remove(first)
        for end in (first, second):
            self.add_edge(end, node, street)
            self.sides[edge(end, node)] = list(blocks)
        for block in blocks:
            nodes = self.blocks[block]
            at = next(index for index, pair in enumerate(_ring(nodes)) if edge(*pair) == old)
            nodes.insert(at + 1, node)
        return node

    def cut(self, block: int, start: int, end: int, inner: Sequence[Spot], street: int) -> tuple[int, int]:
        """Cut a block by a street from one of its nodes to another; returns the two blocks."""
        path = [start, *(self.add_node(spot) for spot in inner), end]
        nodes = self.blocks.pop(block)
        for first, second in _ring(nodes):
            self.sides[edge(first, second)].remove(block)
        for first, second in pairwise(path):
            self.add_edge(first, second, street)
        turned = nodes[nodes.index(start) :] + nodes[: nodes.index(start)]
        at = turned.index(end)
        return self.add_block(turned[:at] + path[:0:-1]), self.add_block(turned[at:] + path[:-1])


def _ring(nodes: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(nodes, [*nodes[1:], nodes[0]], strict=True))


def plane_of(streets: Sequence[Street]) -> Plane:
    """The plan that the drawn courses make; parts that enclose no block are left out."""
    plane = Plane(streets=list(streets))
    lines = [LineString(street.course) for street in streets]
    noded = shapely.unary_union(lines, grid_size=GRID_M)
    polygons = [p for p in shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))) if isinstance(p, Polygon)]
    number: dict[Spot, int] = {}
    rings = [[_node(plane, number, spot) for spot in _open(polygon)] for polygon in polygons]
    edges = sorted({edge(*pair) for ring in rings for pair in _ring(ring)})
    middles = shapely.points(np.array([np.mean([plane.points[a], plane.points[b]], axis=0) for a, b in edges]))
    _, owners = STRtree(lines).query_nearest(middles, all_matches=False)
    for (first, second), owner in zip(edges, owners.tolist(), strict=True):
        plane.add_edge(first, second, owner)
    for ring in rings:
        plane.add_block(ring)
    return plane


def _open(polygon: Polygon) -> list[Spot]:
    shell = shapely.orient_polygons(polygon).exterior
    return [(round(x, 2), round(y, 2)) for x, y in shapely.get_coordinates(shell)[:-1].tolist()]


def _node(plane: Plane, number: dict[Spot, int], spot: Spot) -> int:
    if spot not in number:
        number[spot] = plane.add_node(spot)
    return number[spot]


def chains(plane: Plane, kind: Callable[[Edge], int]) -> list[tuple[int, list[int]]]:
    """Street and nodes of every chain of edges of the same street and kind, as long as it does not fork."""
    onward: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for pair, street in sorted(plane.street_of.items()):
        for first, second in (pair, pair[::-1]):
            onward[street, kind(pair)][first].append(second)
    found = []
    for (street, _), graph in sorted(onward.items()):
        ends = sorted(node for node, others in graph.items() if len(others) != 2)
        for start in [*ends, *sorted(graph)]:
            while graph[start]:
                found.append((street, _walk(graph, start)))
    return found


def _walk(graph: dict[int, list[int]], start: int) -> list[int]:
    """Use up edges from ``start`` until the chain ends or forks."""
    forks = {node for node, others in graph.items() if len(others) > 2}
    nodes = [start]
    while graph[nodes[-1]] and (len(nodes) == 1 or nodes[-1] not in forks):
        following = graph[nodes[-1]].pop(0)
        graph[following].remove(nodes[-1])
        nodes.append(following)
    return nodes
