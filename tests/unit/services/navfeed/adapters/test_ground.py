"""The city's streets as a reader seeks them."""

import os
from pathlib import Path

import pytest

from services.navfeed.adapters.ground import Ground
from services.navfeed.web.listing import plain
from shared.geo.citymap import CityMap, Place, Way, save


def way(number: int, name: str | None, *nodes: int, lon: float = 8.26, highway: str = "residential") -> Way:
    places = tuple((lon + node * 0.0001, 50.0) for node in range(len(nodes)))
    return Way(id=number, name=name, highway=highway, nodes=nodes, coordinates=places)


CITY = CityMap(
    name="X",
    attribution="",
    ways=(
        way(1, "Hauptstraße", 1, 2),
        way(2, "Hauptstraße", 2, 3),
        way(3, "Hauptstraße", 8, 9, lon=8.30),
        way(4, "Alte Hauptstraße", 5, 6),
        way(5, None, 6, 7),
        way(6, "Hauptweg am Bach", 11, 12, highway="path"),
    ),
    places=(
        Place(name="Altstadt", kind="suburb", lonlat=(8.26, 50.0)),
        Place(name="Au", kind="suburb", lonlat=(8.30, 50.0)),
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(CITY, tmp_path / "city.json")
    return tmp_path / "city.json"


def names(ground: Ground, text: str) -> list[tuple[str, str | None]]:
    return [(street.name, street.district) for street in ground.search(text) or ()]


def test_two_streets_of_one_name_are_told_apart_by_their_district(path: Path) -> None:
    found = names(Ground(path, plain), "hauptstr.")
    assert found == [("Hauptstraße", "Altstadt"), ("Hauptstraße", "Au"), ("Alte Hauptstraße", "Altstadt")]


def test_a_street_of_several_ways_is_shown_as_a_whole(path: Path) -> None:
    found = Ground(path, plain).search("Hauptstraße")
    assert found
    assert found[0].box == pytest.approx((8.26, 50.0, 8.2601, 50.0))


def test_an_empty_search_finds_nothing_and_so_does_a_city_that_was_never_imported(path: Path, tmp_path: Path) -> None:
    assert Ground(path, plain).search("  ") == []
    assert Ground(tmp_path / "none", plain).search("haupt") is None


def test_another_import_is_noticed(path: Path) -> None:
    ground = Ground(path, plain)
    assert names(ground, "neu") == []
    save(CityMap(name="X", attribution="", ways=(way(1, "Neustraße", 1, 2),)), path)
    os.utime(path, (1, 1))
    assert names(ground, "neu") == [("Neustraße", None)]
