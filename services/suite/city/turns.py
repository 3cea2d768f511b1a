"""Which pieces of street belong together: what goes straight on keeps its name."""

import math
from collections import defaultdict

from services.suite.city.plane import Plane

STRAIGHT_DEG = 24.0
LONGEST_M = 900.0


def continued(plane: Plane) -> list[tuple[list[int], float]]:
    """Groups of nameless streets that continue each other, with their length in metres; the longest first."""
    metres = _lengths(plane)
    group = {street: street for street in metres}

    def leader(street: int) -> int:
        while group[street] != street:
            street = group[street]
        return street

    for _, _, first, second in sorted(_joints(plane, metres)):
        a, b = leader(first), leader(second)
        if a != b and metres[a] + metres[b] <= LONGEST_M:
            group[max(a, b)] = min(a, b)
            metres[min(a, b)] += metres[max(a, b)]
    members: dict[int, list[int]] = defaultdict(list)
    for street in sorted(group):
        members[leader(street)].append(street)
    return sorted(((streets, metres[first]) for first, streets in members.items()), key=lambda g: (-g[1], g[0]))


def _lengths(plane: Plane) -> dict[int, float]:
    metres: dict[int, float] = defaultdict(float)
    for (first, second), street in sorted(plane.street_of.items()):
        if plane.streets[street].highway and plane.streets[street].name is None:
            metres[street] += math.dist(plane.points[first], plane.points[second])
    return dict(metres)


def _joints(plane: Plane, metres: dict[int, float]) -> list[tuple[float, int, int, int]]:
    """(bend in degrees, node, street, street) wherever one nameless street may go on as another of its zone."""
    joints = []
    ends: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (first, second), street in sorted(plane.street_of.items()):
        if street in metres:
            ends[first].append((street, second))
            ends[second].append((street, first))
    for node, met in sorted(ends.items()):
        for index, (street, before) in enumerate(met):
            for other, after in met[index + 1 :]:
                bend = abs(180 - _angle(plane, before, node, after))
                alike = plane.streets[street].zone == plane.streets[other].zone
                if street != other and alike and bend <= STRAIGHT_DEG:
                    joints.append((bend, node, street, other))
    return joints


def _angle(plane: Plane, before: int, node: int, after: int) -> float:
    (ax, ay), (x, y), (bx, by) = plane.points[before], plane.points[node], plane.points[after]
    return math.degrees(math.atan2(ay - y, ax - x) - math.atan2(by - y, bx - x)) % 360
