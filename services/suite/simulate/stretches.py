"""Pieces of real streets on which works may stand: along the street, between two crossings, apart from each other."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString

from shared.contracts.base import LonLat
from shared.geo.citymap import CityMap
from shared.geo.crs import XY, metric_line, to_lonlat_array, to_metric_array
from shared.geo.linear import cut, point_at
from shared.geo.network import RoadNetwork

HIGHWAYS = frozenset({"primary", "secondary", "tertiary", "unclassified", "residential", "living_street"})
SHORTEST_M, LONGEST_M = 30.0, 160.0
FROM_CROSSING_M = 7.0
APART_M = 110.0
SPOTS = 200  # places among which a depot is sought
ROOM_M = 45.0  # along the street, for sites that stand beside their order


class Stretch(NamedTuple):
    """Metres ``start`` to ``end`` along ``path`` (EPSG:25832), the whole street; ``highway`` is its class."""

    street: str
    highway: str
    path: LineString
    start: float
    end: float
    from_street: str | None
    to_street: str | None

    def piece(self, shift_m: float = 0.0, shorter_m: float = 0.0) -> LineString:
        """The stretch, moved along the street, and shorter (or longer, below zero) by so much at each end."""
        return cut(self.path, self.start + shift_m + shorter_m, self.end + shift_m - shorter_m)


class TooFewStreetsError(ValueError):
    """The city has no room for so many sites."""


def pick(city: CityMap, rng: Random, count: int) -> list[Stretch]:
    """So many stretches, on streets in the order of the draw; raises ``TooFewStreetsError``."""
    network = RoadNetwork(city)
    names = list(network.streets())
    rng.shuffle(names)
    picked: list[Stretch] = []
    taken: list[LineString] = []
    for street in [*names, *names]:  # long streets have room for two
        if len(picked) == count:
            return picked
        stretch = _stretch(network, street, rng)
        if stretch is None:
            continue
        ground = stretch.piece(shorter_m=-ROOM_M)
        if all(ground.distance(other) >= APART_M for other in taken):
            picked.append(stretch)
            taken.append(ground)
    if len(picked) < count:
        raise TooFewStreetsError(f"{city.name}: room for {len(picked)} sites, asked for {count}")
    return picked


def _stretch(network: RoadNetwork, street: str, rng: Random) -> Stretch | None:
    ways = [way for way in network.ways(street) if way.highway in HIGHWAYS]
    if not ways:
        return None
    way = rng.choice(ways)
    path = network.street_path(street, metric_line(way.coordinates))
    if path is None:
        return None
    offsets = [0.0, *(passed.offset for passed in network.passed(street, path)), path.length]
    rooms = [(low, high) for low, high in pairwise(offsets) if high - low >= SHORTEST_M + 2 * FROM_CROSSING_M]
    if not rooms:
        return None
    low, high = rng.choice(rooms)
    length = rng.uniform(SHORTEST_M, min(LONGEST_M, high - low - 2 * FROM_CROSSING_M))
    start = rng.uniform(low + FROM_CROSSING_M, high - FROM_CROSSING_M - length)
    if start < ROOM_M and path.length - start - length < ROOM_M:
        return None
    piece = cut(path, start, start + length)
    before, after = network.neighbours(street, piece)
    return Stretch(street, way.highway, path, start, start + length, before, after)


def beside(line: LineString, offsets: Sequence[float], lateral_m: Sequence[float]) -> list[XY]:
    """Places so many metres along a line and to its left; beyond its ends it goes straight on."""
    return [_beside(line, along, left) for along, left in zip(offsets, lateral_m, strict=True)]


def _beside(line: LineString, along: float, left: float) -> XY:
    low = min(max(along, 0.0), line.length - 1.0)
    before, after = point_at(line, low), point_at(line, low + 1.0)
    east, north = after.x - before.x, after.y - before.y
    ahead = along - low
    return XY(before.x + ahead * east - left * north, before.y + ahead * north + left * east)


def far_places(city: CityMap, rng: Random, lines: Sequence[LineString], count: int, apart_m: float) -> list[XY]:
    """Places on the city's ways as far from all ``lines`` as there are, and from each other."""
    spots = sorted({place for way in city.ways if way.highway in HIGHWAYS for place in way.coordinates})
    some = rng.sample(spots, min(SPOTS, len(spots)))
    metric = [shapely.Point(spot) for spot in to_metric_array(np.array(some))]
    distance = shapely.distance(metric, shapely.multilinestrings(list(lines)))
    chosen: list[shapely.Point] = []
    for index in np.argsort(-distance, kind="stable").tolist():
        if len(chosen) < count and all(metric[index].distance(other) >= apart_m for other in chosen):
            chosen.append(metric[index])
    return [XY(point.x, point.y) for point in chosen]


def lonlats(places: Sequence[XY]) -> list[LonLat]:
    return [(lon, lat) for lon, lat in to_lonlat_array(np.array(places)).round(7).tolist()]
