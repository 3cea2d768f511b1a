"""The demo city: one part of a made-up town on the Rhine, the same for the same seed."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random

import msgspec
import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from services.suite.city import blocks, ground, houses, names, paths, skeleton, traffic
from services.suite.city.plane import Edge, Plane, Spot, Street, chains, edge, plane_of
from shared.contracts.base import LonLat
from shared.geo.citymap import Area, BusRoute, BusStop, CityMap, Place, Ring, Waterway, Way
from shared.geo.crs import LONLAT_DECIMALS, to_lonlat_array, to_metric

CITY_NAME = "Gutenau am Rhein"
ATTRIBUTION = "Gutenau am Rhein ist erfunden"
ORIGIN = to_metric(8.2650, 50.0020)
SQUARE_NAME = "Domplatz"
FIRST_NODE, FIRST_WAY, FIRST_AREA = 1_000, 10_000, 50_000
RIVER_ID = 40_000
SPEED_KPH = {"primary": 50, "secondary": 50, "tertiary": 50, "unclassified": 50, "residential": 30, "living_street": 7}
DISTRICTS: tuple[tuple[str, Spot], ...] = (
    ("Altstadt", (360, -190)),
    ("Neustadt", (40, 820)),
    ("Bleichenviertel", (-120, 60)),
    ("Südstadt", (180, -860)),
    ("Oberstadt", (-900, -640)),
    ("Gartenfeld", (-1010, 330)),
    ("Erlenheim", (1250, 170)),
)
LINES: tuple[tuple[str, tuple[Spot, ...]], ...] = (
    ("61", ((-1500, 930), (-290, 300), (430, 400), (600, -150), (800, -1040), (1500, -1000))),
    ("9", ((-1500, -1150), (180, -530), (60, -200), (510, 280), (470, 410), (900, 620), (1500, 860))),
)
STOP_EVERY_M = 320.0


def generate(seed: int) -> CityMap:
    """A city part of about 3 by 2.5 km with one connected network of streets; the same seed gives the same city."""
    rng = Random(seed)  # noqa: S311 - draws a town, guards nothing
    drawn = skeleton.draw(rng)
    plane = plane_of(drawn.streets)
    special = blocks.cut_blocks(plane, drawn, rng)
    _pave_the_square(plane, special)
    traffic.drop_loose_ends(plane)
    names.name_streets(plane, rng)
    drives = paths.add_paths(plane, special, drawn, rng)
    traffic.drop_loose_ends(plane)
    traffic.pave_islands(plane)
    directions = traffic.one_ways(plane, rng)
    lines = _bus_lines(plane, directions)
    city = _city_map(plane, drawn, directions, lines, ground.grounds(plane, special, drives, drawn))
    return msgspec.structs.replace(city, addresses=houses.number_houses(city))


def _pave_the_square(plane: Plane, special: dict[int, str]) -> None:
    """The small streets around the cathedral's square become part of it."""
    square = plane.add_street(Street("pedestrian", "old", SQUARE_NAME))
    rings = [plane.blocks[block] for block, kind in sorted(special.items()) if kind == "square"]
    for first, second in (pair for ring in rings for pair in pairwise([*ring, ring[0]])):
        if plane.highway(first, second) in {"living_street", "footway", "pedestrian"}:
            plane.street_of[edge(first, second)] = square


def _bus_lines(plane: Plane, directions: dict[Edge, Edge]) -> list[tuple[str, list[int]]]:
    onward = traffic.roads(plane, directions)
    return [(ref, traffic.bus_path(plane, onward, [Point(stop) for stop in stops])) for ref, stops in LINES]


def _city_map(
    plane: Plane,
    drawn: skeleton.Skeleton,
    directions: dict[Edge, Edge],
    lines: Sequence[tuple[str, list[int]]],
    found: Sequence[ground.Ground],
) -> CityMap:
    ways, way_of = _ways(plane, directions, lines)
    river = Waterway(id=RIVER_ID, name="Rhein", kind="river", coordinates=_lonlats(drawn.river.coords))
    return CityMap(
        name=CITY_NAME,
        attribution=ATTRIBUTION,
        ways=ways,
        areas=_areas(found),
        waterways=(river,),
        places=tuple(Place(name=name, kind="suburb", lonlat=_lonlats([spot])[0]) for name, spot in sorted(DISTRICTS)),
        bus_routes=tuple(_bus_route(plane, ref, path, way_of) for ref, path in lines),
    )


def _ways(
    plane: Plane, directions: dict[Edge, Edge], lines: Sequence[tuple[str, list[int]]]
) -> tuple[tuple[Way, ...], dict[Edge, int]]:
    """Ways by chains of edges that agree in everything; also which edge went into which way."""
    bussed = {edge(a, b) for _, path in lines for a, b in pairwise(path)}
    positions = _lonlats(plane.points)
    ways: list[Way] = []
    way_of: dict[Edge, int] = {}
    for street, chain in chains(plane, lambda pair: 2 * (pair in bussed) + (pair in directions)):
        pair = edge(chain[0], chain[1])
        nodes = chain[::-1] if directions.get(pair) == (chain[1], chain[0]) else chain
        way_of.update({edge(a, b): FIRST_WAY + len(ways) for a, b in pairwise(nodes)})
        about = plane.streets[street]
        way = Way(
            id=FIRST_WAY + len(ways),
            name=about.name,
            highway=about.highway,
            oneway=1 if pair in directions else 0,
            nodes=tuple(FIRST_NODE + node for node in nodes),
            coordinates=tuple(positions[node] for node in nodes),
            ref=about.ref,
            maxspeed=SPEED_KPH.get(about.highway),
            bus=pair in bussed,
        )
        ways.append(way)
    return tuple(ways), way_of


def _bus_route(plane: Plane, ref: str, path: list[int], way_of: dict[Edge, int]) -> BusRoute:
    ways = [way_of[edge(a, b)] for a, b in pairwise(path)]
    once = tuple(way for index, way in enumerate(ways) if index == 0 or way != ways[index - 1])
    stops = tuple(_stops(plane, path))
    return BusRoute(ref=ref, name=f"{stops[0].name} \N{EN DASH} {stops[-1].name}", ways=once, stops=stops)


def _stops(plane: Plane, path: list[int]) -> Iterable[BusStop]:
    """A stop every few hundred metres, named after the street that crosses there."""
    line = LineString([plane.points[node] for node in path])
    along = np.concatenate(([0.0], np.cumsum(shapely.length([LineString(pair) for pair in pairwise(line.coords)]))))
    last = -STOP_EVERY_M
    used: set[str] = set()
    for index, node in enumerate(path[:-1]):
        name = _crossing_name(plane, path, index)
        if along[index] - last >= STOP_EVERY_M and name is not None and name not in used:
            yield BusStop(name, _lonlats([plane.points[node]])[0])
            last = along[index]
            used.add(name)


def _crossing_name(plane: Plane, path: list[int], index: int) -> str | None:
    node = path[index]
    own = plane.streets[plane.street_of[edge(node, path[index + 1])]].name
    met = {plane.streets[plane.street_of[edge(node, other)]].name for other in plane.around[node]}
    return min((name for name in met if name is not None and name != own), default=None)


def _areas(found: Sequence[ground.Ground]) -> tuple[Area, ...]:
    """Rounding to degrees may fold a sliver; such a house is left out."""
    metric = np.array([one.polygon for one in found], dtype=object)
    degrees = shapely.transform(metric, lambda spots: to_lonlat_array(spots + np.array(ORIGIN)).round(LONLAT_DECIMALS))
    sound = shapely.is_valid(degrees) | np.array([one.kind != "building" for one in found])
    return tuple(
        Area(id=FIRST_AREA + index, kind=one.kind, name=one.name, rings=_rings(polygon))
        for index, (one, polygon) in enumerate(zip(found, degrees, strict=True))
        if sound[index]
    )


def _rings(polygon: Polygon) -> tuple[Ring, ...]:
    return tuple(tuple((lon, lat) for lon, lat in ring.coords) for ring in (polygon.exterior, *polygon.interiors))


def _lonlats(spots: Iterable[Sequence[float]]) -> tuple[LonLat, ...]:
    metric = np.array([(x, y) for x, y in spots]) + np.array(ORIGIN)
    return tuple((lon, lat) for lon, lat in to_lonlat_array(metric).round(LONLAT_DECIMALS).tolist())
