"""The street register over HTTP, and cities that come and change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.permits.adapters.kept_city import FILE, KeptCity
from shared.geo import citymap
from tests.integration.permits.desk import Caller, World
from tests.integration.permits.desk import world as make_world
from tests.unit.services.permits.application.test_streets import city
from tests.unit.shared.geo.towns import lonlat, town, way


def keep(folder: Path, kept: citymap.CityMap) -> None:
    (folder / FILE).parent.mkdir(exist_ok=True)
    citymap.save(kept, folder / FILE)


@pytest.fixture
def here(postgres_url: str, tmp_path: Path) -> Iterator[World]:
    keep(tmp_path, city())
    with make_world(postgres_url, data_dir=tmp_path) as made:
        yield made


def test_a_contractor_finds_street_places_and_section(here: World) -> None:
    firm = here.key("contractor")
    found = firm.get("/streets?q=haupt").get_json()["items"]
    assert [street["label"] for street in found] == ["Hauptstraße (Nord)", "Hauptstraße (Süd)"]
    places = firm.get("/streets/places?street=Hauptstraße (Nord)").get_json()
    assert places == {"crossings": ["Gasse", "Weg"], "numbers": ["3", "12a"]}
    section = firm.get("/streets/section?street=Hauptstraße (Nord)&from=Gasse&to=Weg").get_json()
    assert (section["street"], section["from_street"], section["to_street"]) == ("Hauptstraße", "Gasse", "Weg")
    line = {"type": "LineString", "coordinates": [lonlat(104, 3), lonlat(215, 2)]}
    assert firm.post("/streets/drawn", {"geometry": line}).get_json() == section
    form = here.session("contractor").get("/permits/neu").text
    assert (
        '<datalist id="district-liste"><option value="Nord"></option><option value="Süd"></option></datalist>' in form
    )


def test_what_is_not_there_is_told_in_german(here: World) -> None:
    clerk = here.key("clerk")
    answer = clerk.get("/streets/section?street=Hauptstraße (Nord)&from=Gasse&to=99")
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "#/to")
    fields = {"type": "LineString", "coordinates": [lonlat(0, 400), lonlat(200, 500)]}
    assert clerk.post("/streets/drawn", {"geometry": fields}).status_code == 422
    assert clerk.post("/streets/drawn", {"geometry": {"type": "Point", "coordinates": [8, 50]}}).status_code == 422


def test_the_register_is_for_clerks_and_contractors(here: World) -> None:
    assert here.key("device").get("/streets?q=haupt").status_code == 403
    assert Caller(here.app.test_client()).get("/streets?q=haupt").status_code == 401


def test_without_an_imported_city_there_is_no_register(world: World) -> None:
    assert world.key("clerk").get("/streets?q=haupt").status_code == 404
    assert "Abschnitt einer Straße" not in world.session("clerk").get("/permits/neu").text


def test_another_city_counts_as_soon_as_it_is_imported(tmp_path: Path) -> None:
    kept = KeptCity(tmp_path)
    assert kept() is None
    keep(tmp_path, town(way(1, "Alte Gasse", [(0, 0), (100, 0)])))
    first = kept()
    assert first is not None
    assert first is kept()
    keep(tmp_path, town(way(1, "Neue Gasse", [(0, 0), (100, 0)])))
    second = kept()
    assert second is not None
    assert [street.name for street in second.search("gasse")] == ["Neue Gasse"]
