import subprocess
import sys
from collections import defaultdict
from functools import cache
from hashlib import sha256
from itertools import pairwise

import pytest
import shapely

from services.suite.city import generate
from shared.geo import citymap
from shared.geo.citymap import DRIVABLE, CityMap, Way
from shared.geo.crs import metric_line, to_metric
from shared.geo.network import RoadNetwork

SEEDS = (1, 7, 42)

drawn = cache(generate)


@pytest.fixture(scope="module", params=SEEDS)
def city(request: pytest.FixtureRequest) -> CityMap:
    return drawn(request.param)


def _reached(onward: dict[int, set[int]], start: int) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        fresh = onward[todo.pop()] - seen
        seen |= fresh
        todo += fresh
    return seen


def _onward(ways: list[Way], *, oneway: int = 0) -> dict[int, set[int]]:
    """Node to next nodes; ``oneway`` 0: however one walks, 1: with the traffic, -1: against it."""
    onward: dict[int, set[int]] = defaultdict(set)
    for way in ways:
        for first, second in pairwise(way.nodes):
            if oneway * way.oneway >= 0:
                onward[first].add(second)
            if oneway * way.oneway <= 0:
                onward[second].add(first)
    return onward


def test_all_streets_and_paths_hang_together(city: CityMap) -> None:
    onward = _onward(list(city.ways))
    assert _reached(onward, city.ways[0].nodes[0]) == set(onward)


@pytest.mark.parametrize("oneway", [1, -1])
def test_cars_get_from_everywhere_to_everywhere_in_spite_of_one_way_streets(city: CityMap, oneway: int) -> None:
    roads = [way for way in city.ways if way.highway in DRIVABLE]
    onward = _onward(roads, oneway=oneway)
    assert _reached(onward, roads[0].nodes[0]) == {node for way in roads for node in way.nodes}


def test_every_class_of_street_is_there(city: CityMap) -> None:
    classes = {"primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "pedestrian"}
    assert {way.highway for way in city.ways} == classes | {"service", "footway", "cycleway"}
    assert sum(way.oneway != 0 for way in city.ways) > 12


def test_a_street_name_means_one_street(city: CityMap) -> None:
    ways = defaultdict(list)
    for way in city.ways:
        if way.name is not None:
            ways[way.name].append(way)
    assert len(ways) > 200
    for name, same in ways.items():
        onward = _onward(same)
        assert _reached(onward, same[0].nodes[0]) == set(onward), name


def test_only_paths_drives_and_the_shortest_links_have_no_name(city: CityMap) -> None:
    for way in city.ways:
        if way.name is None and way.highway in {"primary", "secondary", "tertiary", "residential", "unclassified"}:
            assert metric_line(way.coordinates).length < 60


def test_the_boulevard_is_a_dual_carriageway_that_can_be_followed(city: CityMap) -> None:
    network = RoadNetwork(city)
    carriageways = [way for way in network.ways("Kaiserallee") if way.oneway]
    assert carriageways
    paths = {
        round(path.length)
        for way in carriageways
        if (path := network.street_path("Kaiserallee", metric_line(way.coordinates))) is not None
    }
    assert all(600 < metres < 1100 for metres in paths)


def test_two_bridges_cross_the_water(city: CityMap) -> None:
    water = shapely.union_all([shapely.Polygon(area.rings[0]) for area in city.areas if area.kind == "water"])
    crossing = {way.name for way in city.ways if shapely.LineString(way.coordinates).intersects(water)}
    assert crossing == {"Kaiserbrücke", "Südbrücke"}


def test_no_house_stands_on_a_street_or_in_the_water(city: CityMap) -> None:
    houses = [shapely.Polygon(area.rings[0]) for area in city.areas if area.kind == "building"]
    water = [shapely.Polygon(area.rings[0]) for area in city.areas if area.kind == "water"]
    tree = shapely.STRtree(houses)
    lines = [shapely.LineString(way.coordinates) for way in city.ways]
    assert len(houses) > 4000
    assert tree.query(lines, predicate="intersects").shape[1] == 0
    assert tree.query(water, predicate="intersects").shape[1] == 0


def test_areas_are_valid_and_ids_unique(city: CityMap) -> None:
    assert all(shapely.Polygon(area.rings[0], area.rings[1:]).is_valid for area in city.areas)
    assert len({area.id for area in city.areas}) == len(city.areas)
    assert len({way.id for way in city.ways}) == len(city.ways)


def test_a_bus_line_runs_along_ways_that_touch_and_stops_on_them(city: CityMap) -> None:
    ways = {way.id: way for way in city.ways}
    assert len(city.bus_routes) == 2
    for route in city.bus_routes:
        assert len(route.stops) > 5
        assert all(ways[one].bus and ways[one].highway in DRIVABLE for one in route.ways)
        for first, second in pairwise(route.ways):
            assert set(ways[first].nodes) & set(ways[second].nodes)
        travelled = {position for one in route.ways for position in ways[one].coordinates}
        assert {stop.lonlat for stop in route.stops} <= travelled
    assert {way.id for way in city.ways if way.bus} == {one for route in city.bus_routes for one in route.ways}


def test_the_city_measures_three_by_two_and_a_half_kilometres(city: CityMap) -> None:
    places = [to_metric(*position) for way in city.ways for position in way.coordinates]
    width = max(x for x, _ in places) - min(x for x, _ in places)
    height = max(y for _, y in places) - min(y for _, y in places)
    assert width == pytest.approx(3000, abs=1)
    assert height == pytest.approx(2500, abs=1)


def test_other_seeds_give_other_cities() -> None:
    assert len({sha256(citymap.encode(drawn(seed))).digest() for seed in SEEDS}) == len(SEEDS)


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from services.suite.city import generate; from shared.geo import citymap; "
        "print(hashlib.sha256(citymap.encode(generate(7))).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == sha256(citymap.encode(drawn(7))).hexdigest()
