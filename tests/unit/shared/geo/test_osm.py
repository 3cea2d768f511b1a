import os
from pathlib import Path

import osmium
import pytest
from shapely import Point

from shared.geo import osm
from shared.geo.citymap import UnreadableCityError
from shared.geo.network import RoadNetwork

EXTRACTS = Path(os.environ.get("LEITBAKE_TESTDATA", "../shared/data")) / "osm"


def _extract(name: str) -> Path:
    path = EXTRACTS / name
    if not path.exists():
        pytest.skip(f"no {name} under LEITBAKE_TESTDATA")
    return path


SPOTS = (
    (8.0, 50.0),
    (8.001, 50.0),
    (8.001, 50.001),
    (8.0, 50.001),
    (8.0003, 50.0003),
    (8.0006, 50.0003),
    (8.0006, 50.0006),
)
NODES = [osmium.osm.mutable.Node(id=number, location=spot) for number, spot in enumerate(SPOTS, 1)]


def _way(number: int, nodes: list[int], **tags: str) -> osmium.osm.mutable.Way:
    return osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags)


def _written(path: Path) -> Path:
    stop = osmium.osm.mutable.Node(id=20, location=(8.0005, 50.0), tags={"highway": "bus_stop", "name": "Höfchen"})
    suburb = osmium.osm.mutable.Node(id=21, location=(8.0, 50.0), tags={"place": "suburb", "name": "Altstadt"})
    ways = [
        _way(1, [1, 2], highway="primary", name="Große Bleiche", maxspeed="30", oneway="-1", ref="L 425"),
        _way(2, [2, 3], highway="residential", junction="roundabout", maxspeed="walk"),
        _way(3, [3, 4], highway="proposed", name="Luftschloss"),
        _way(4, [1, 2, 3, 4, 1]),
        _way(5, [5, 6, 7, 5]),
        _way(6, [5, 6, 7, 5], building="yes"),
        _way(7, [4, 1], waterway="stream", name="Zaybach"),
    ]
    hole = osmium.osm.mutable.Relation(
        id=1, members=[("w", 4, "outer"), ("w", 5, "inner")], tags={"type": "multipolygon", "leisure": "park"}
    )
    bus = osmium.osm.mutable.Relation(
        id=2,
        members=[("n", 20, "platform"), ("w", 1, ""), ("w", 3, ""), ("w", 99, "")],
        tags={"type": "route", "route": "bus", "ref": "61"},
    )
    with osmium.SimpleWriter(str(path)) as writer:
        for node in [*NODES, stop, suburb]:
            writer.add_node(node)
        for way in ways:
            writer.add_way(way)
        for relation in (hole, bus):
            writer.add_relation(relation)
    return path


def test_an_extract_becomes_streets_areas_waters_names_and_lines(tmp_path: Path) -> None:
    city = osm.read(_written(tmp_path / "probe.osm.pbf"))
    assert city.name == "probe"
    primary, roundabout = city.ways
    assert (primary.name, primary.oneway, primary.maxspeed, primary.ref, primary.bus) == (
        "Große Bleiche",
        -1,
        30,
        "L 425",
        True,
    )
    assert primary.coordinates == SPOTS[:2]
    assert primary.nodes == (1, 2)
    assert (roundabout.oneway, roundabout.maxspeed, roundabout.bus) == (1, 7, False)
    assert sorted((area.kind, len(area.rings)) for area in city.areas) == [("building", 1), ("green", 2)]
    assert [water.name for water in city.waterways] == ["Zaybach"]
    assert [place.name for place in city.places] == ["Altstadt"]
    assert [(route.ref, route.ways, [stop.name for stop in route.stops]) for route in city.bus_routes] == [
        ("61", (1,), ["Höfchen"])
    ]


@pytest.mark.parametrize("content", [b"", b"no extract"])
def test_what_is_no_extract_is_named_in_the_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.osm.pbf").write_bytes(content)
    with pytest.raises(UnreadableCityError, match="odd"):
        osm.read(tmp_path / "odd.osm.pbf")


def test_a_missing_extract_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCityError, match="none"):
        osm.read(tmp_path / "none.osm.pbf")


def test_a_small_real_extract_has_streets_buildings_and_bus_lines() -> None:
    city = osm.read(_extract("da_hbf_2.osm.pbf"))
    assert {area.kind for area in city.areas} >= {"building", "green"}
    assert any(way.bus for way in city.ways)
    assert "Rheinstraße" in RoadNetwork(city).streets()


def test_a_whole_city_is_read_and_chained() -> None:
    city = osm.read(_extract("heidelberg.osm.pbf"))
    network = RoadNetwork(city)
    paths = {}
    for street in network.streets():
        start = network.crossings(street)
        if start:
            paths[street] = network.street_path(street, Point(start[0].point))
    assert len(paths) > 1500
    assert all(path is not None and path.length > 0 for path in paths.values())
    assert paths["Plöck"] is not None
    assert 900 < paths["Plöck"].length < 1100
