"""Where one may drive: one-way streets and bus lines, found on the finished plan."""

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from random import Random

from shapely import LineString, Point

from services.suite.city.plane import Edge, Plane, Street, chains, edge
from shared.geo.citymap import DRIVABLE

ONEWAY_SHARE = 0.42
LONGEST_ONEWAY_M, SHORTEST_ONEWAY_M = 420.0, 60.0
MAIN = frozenset({"primary", "secondary", "tertiary"})
BUS_COST = {"primary": 1.0, "secondary": 1.0, "tertiary": 1.15, "unclassified": 1.5, "residential": 2.2}
BUS_COST_ELSEWHERE = 8.0

Roads = dict[int, dict[int, float]]


def drop_loose_ends(plane: Plane) -> None:
    """Keep what hangs together: edges without a street go, and so does what they alone held."""
    for pair, street in sorted(plane.street_of.items()):
        if not plane.streets[street].highway:
            _remove(plane, pair)
    largest = max(_components(plane.around), key=len)
    for pair in sorted(plane.street_of):
        if pair[0] not in largest:
            _remove(plane, pair)


def _remove(plane: Plane, pair: Edge) -> None:
    del plane.street_of[pair]
    plane.around[pair[0]].remove(pair[1])
    plane.around[pair[1]].remove(pair[0])


def pave_islands(plane: Plane) -> None:
    """Streets that cars can only reach through pedestrian streets are pedestrian streets too."""
    road = {pair for pair, street in plane.street_of.items() if plane.streets[street].highway in DRIVABLE}
    near: dict[int, list[int]] = defaultdict(list)
    for first, second in sorted(road):
        near[first].append(second)
        near[second].append(first)
    largest = max(_components(near), key=len)
    paved: dict[int, int] = {}
    for pair in sorted(pair for pair in road if pair[0] not in largest):
        street = plane.street_of[pair]
        if street not in paved:
            about = plane.streets[street]
            paved[street] = plane.add_street(Street("pedestrian", about.zone, about.name))
        plane.street_of[pair] = paved[street]


def _components(around: Mapping[int, list[int]]) -> list[set[int]]:
    seen: set[int] = set()
    components = []
    for start in sorted(around):
        if start in seen:
            continue
        component, todo = {start}, [start]
        while todo:
            fresh = [node for node in around[todo.pop()] if node not in component]
            component.update(fresh)
            todo += fresh
        seen |= component
        components.append(component)
    return components


def roads(plane: Plane, directions: dict[Edge, Edge]) -> Roads:
    """Metres from node to node as cars may go; ``directions``: the one direction of one-way edges."""
    onward: Roads = defaultdict(dict)
    for (first, second), street in sorted(plane.street_of.items()):
        if plane.streets[street].highway in DRIVABLE:
            metres = math.dist(plane.points[first], plane.points[second])
            only = directions.get((first, second))
            for start, end in ((first, second), (second, first)):
                if only is None or only == (start, end):
                    onward[start][end] = metres
    return onward


def drawn_directions(plane: Plane) -> dict[Edge, Edge]:
    """The direction of the streets that were drawn as one-way: along their course."""
    directions = {}
    for pair, number in sorted(plane.street_of.items()):
        street = plane.streets[number]
        if street.oneway:
            course = LineString(street.course)
            along = [course.project(Point(plane.points[node])) for node in pair]
            directions[pair] = pair if along[0] < along[1] else (pair[1], pair[0])
    return directions


def one_ways(plane: Plane, rng: Random) -> dict[Edge, Edge]:
    """Make narrow streets one-way as long as everybody can still get everywhere; edge to direction."""
    directions = drawn_directions(plane)
    onward = roads(plane, directions)
    for street, chain in chains(plane, lambda _: 0):
        if plane.streets[street].zone not in {"old", "inner"} or plane.streets[street].highway != _narrow(
            plane, street
        ):
            continue
        metres = sum(math.dist(plane.points[a], plane.points[b]) for a, b in pairwise(chain))
        if not SHORTEST_ONEWAY_M <= metres <= LONGEST_ONEWAY_M or rng.random() > ONEWAY_SHARE:
            continue
        nodes = chain[:: rng.choice((1, -1))]
        for first, second in pairwise(nodes):
            onward[second].pop(first)
        if _reachable(onward, nodes[-1], nodes[0]):
            directions.update({edge(a, b): (a, b) for a, b in pairwise(nodes)})
        else:
            for first, second in pairwise(nodes):
                onward[second][first] = math.dist(plane.points[first], plane.points[second])
    return directions


def _narrow(plane: Plane, street: int) -> str:
    return "living_street" if plane.streets[street].zone == "old" else "residential"


def _reachable(onward: Roads, start: int, goal: int) -> bool:
    seen, todo = {start}, [start]
    while todo:
        node = todo.pop()
        if node == goal:
            return True
        fresh = [following for following in onward[node] if following not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def bus_path(plane: Plane, onward: Roads, stops: list[Point]) -> list[int]:
    """Nodes of the line that calls near the given places, along the larger streets."""
    usable = sorted(node for node in onward if any(plane.highway(node, other) in MAIN for other in onward[node]))
    calls = [min(usable, key=lambda node: (stop.distance(Point(plane.points[node])), node)) for stop in stops]
    path = [calls[0]]
    for goal in calls[1:]:
        path += _cheapest(plane, onward, path[-1], goal)[1:]
    return path


def _cheapest(plane: Plane, onward: Roads, start: int, goal: int) -> list[int]:
    """Dijkstra; every goal can be reached, since the roads hang together."""
    came: dict[int, int] = {}
    heap = [(0.0, start, start)]
    while heap and goal not in came:
        cost, node, before = heapq.heappop(heap)
        if node in came:
            continue
        came[node] = before
        for following, metres in sorted(onward[node].items()):
            factor = BUS_COST.get(plane.highway(node, following), BUS_COST_ELSEWHERE)
            heapq.heappush(heap, (cost + metres * factor, following, node))
    path = [goal]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path[::-1]
