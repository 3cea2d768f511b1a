import gzip
from itertools import pairwise
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import msgspec
import numpy as np
import pytest
from pmtiles.reader import MmapSource, Reader, all_tiles

from services.suite.city import generate
from shared.geo import basemap, citymap, tiling
from shared.geo.citymap import Area, CityMap, Place
from tests.unit.shared.geo.towns import lonlat, town, way

SQUARE = ((0, 0), (300, 0), (300, 300), (0, 300), (0, 0))
HOLE = ((100, 100), (200, 100), (200, 200), (100, 200), (100, 100))
RINGS = tuple(tuple(lonlat(x, y) for x, y in ring) for ring in (SQUARE, HOLE))
CITY = msgspec.structs.replace(
    town(
        way(1, "Lange Straße", [(0, -50), (400, -50)], highway="primary", oneway=-1),
        way(2, "Lange Straße", [(400, -50), (800, -50)], highway="primary", oneway=-1),
        way(3, "Enggasse", [(0, -50), (0, 900)]),
        way(4, None, [(400, -50), (400, -300)], highway="footway"),
    ),
    areas=(Area(id=1, kind="building", rings=RINGS), Area(id=2, kind="green", name="Volkspark", rings=RINGS)),
    places=(Place(name="Altstadt", kind="suburb", lonlat=lonlat(100, 100)),),
)
Layers = dict[str, dict[str, Any]]


def _tiles(city: CityMap, folder: Path) -> dict[tuple[int, int, int], Layers]:
    basemap.write(city, folder / "city.pmtiles")
    with (folder / "city.pmtiles").open("rb") as file:
        found = all_tiles(MmapSource(file))  # type: ignore[no-untyped-call]  # pmtiles declares no types
        return {
            address: mapbox_vector_tile.decode(gzip.decompress(data), default_options={"y_coord_down": True})
            for address, data in found
        }


def test_the_header_says_where_the_city_is_and_the_metadata_what_is_in_it(tmp_path: Path) -> None:
    basemap.write(CITY, tmp_path / "city.pmtiles")
    with (tmp_path / "city.pmtiles").open("rb") as file:
        reader: Any = Reader(MmapSource(file))  # type: ignore[no-untyped-call]  # pmtiles declares no types
        header, metadata = reader.header(), reader.metadata()
    west, south = lonlat(0, -300)
    assert (header["min_zoom"], header["max_zoom"], header["center_zoom"]) == (10, 16, 14)
    assert header["min_lon_e7"] / 1e7 == pytest.approx(west, abs=3e-4)
    assert header["min_lat_e7"] / 1e7 == pytest.approx(south, abs=3e-4)
    assert header["min_lon_e7"] < header["center_lon_e7"] < header["max_lon_e7"]
    assert [layer["id"] for layer in metadata["vector_layers"]] == ["water", "green", "buildings", "streets", "places"]
    assert metadata["attribution"] == "erfunden"


def test_buildings_and_small_streets_only_appear_close_up(tmp_path: Path) -> None:
    tiles = _tiles(CITY, tmp_path)
    seen: dict[int, set[str]] = {}
    for (zoom, _, _), layers in tiles.items():
        classes = {f["properties"]["class"] for f in layers.get("streets", {"features": []})["features"]}
        seen.setdefault(zoom, set()).update(classes, layers)
    assert {zoom for zoom, names in seen.items() if "buildings" in names} == {14, 15, 16}
    assert {zoom for zoom, names in seen.items() if "footway" in names} == {14, 15, 16}
    assert {zoom for zoom, names in seen.items() if "residential" in names} == {13, 14, 15, 16}
    assert all({"primary", "streets"} <= names for names in seen.values())
    assert sorted(seen) == [10, 11, 12, 13, 14, 15, 16]


def test_ways_that_look_alike_are_one_line_in_the_direction_of_traffic(tmp_path: Path) -> None:
    (layers,) = (layers for (zoom, _, _), layers in _tiles(CITY, tmp_path).items() if zoom == 10)
    (street,) = layers["streets"]["features"]
    assert street["properties"] == {"class": "primary", "name": "Lange Straße", "oneway": 1}
    (start, *_, end) = street["geometry"]["coordinates"]
    assert start[0] > end[0]  # drawn eastwards, but traffic runs against it


def test_a_tile_holds_the_place_at_its_own_corner(tmp_path: Path) -> None:
    found = [
        (address, feature["geometry"]["coordinates"])
        for address, layers in _tiles(CITY, tmp_path).items()
        for feature in layers.get("places", {"features": []})["features"]
        if address[0] == 16
    ]
    east, south = (tiling.mercator(np.array([lonlat(100, 100)]))[0] * 2**16).tolist()
    ((_, x, y), (inside_x, inside_y)) = found[0]
    assert x + inside_x / 4096 == pytest.approx(east, abs=1e-3)
    assert y + inside_y / 4096 == pytest.approx(south, abs=1e-3)


def _ccw(ring: list[list[int]]) -> bool:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) > 0


def test_shells_and_holes_turn_against_each_other(tmp_path: Path) -> None:
    greens = [
        feature["geometry"]["coordinates"]
        for (zoom, _, _), layers in _tiles(CITY, tmp_path).items()
        for feature in layers.get("green", {"features": []})["features"]
        if zoom == 14
    ]
    turns = [[_ccw(ring) for ring in rings] for rings in greens]
    assert [True, False] in turns
    assert all(ring_turns[0] and not any(ring_turns[1:]) for ring_turns in turns)


def test_nothing_is_drawn_far_beyond_a_tile(tmp_path: Path) -> None:
    for layers in _tiles(CITY, tmp_path).values():
        for feature in layers.get("streets", {"features": []})["features"]:
            for x, y in feature["geometry"]["coordinates"]:
                assert -tiling.BUFFER <= x <= 4096 + tiling.BUFFER
                assert -tiling.BUFFER <= y <= 4096 + tiling.BUFFER


def test_an_empty_city_has_no_map_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        basemap.write(town(), tmp_path / "city.pmtiles")
    assert not list(tmp_path.iterdir())


def test_the_demo_city_is_always_drawn_the_same(tmp_path: Path) -> None:
    city = generate(1)
    basemap.write(city, tmp_path / "first.pmtiles")
    basemap.write(citymap.decode(citymap.encode(city)), tmp_path / "second.pmtiles")
    assert (tmp_path / "first.pmtiles").read_bytes() == (tmp_path / "second.pmtiles").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"first.pmtiles", "second.pmtiles"}
