from pathlib import Path

import pytest

from shared.geo import citymap
from shared.geo.citymap import Area, BusRoute, BusStop, CityMap, Place, UnreadableCityError, Waterway
from shared.geo.importing import read_city
from tests.unit.shared.geo.towns import way

RING = ((8.0, 50.0), (8.1, 50.0), (8.1, 50.1), (8.0, 50.0))
CITY = CityMap(
    name="Probestadt",
    attribution="erfunden",
    ways=(way(1, "Große Bleiche", [(0, 0), (9, 9)], oneway=-1),),
    areas=(Area(id=1, kind="green", name="Volkspark", rings=(RING,)),),
    waterways=(Waterway(id=2, name="Rhein", kind="river", coordinates=RING[:2]),),
    places=(Place(name="Altstadt", kind="suburb", lonlat=(8.05, 50.05), rings=(RING,)),),
    bus_routes=(BusRoute(ref="61", ways=(1,), stops=(BusStop("Höfchen", (8.0, 50.0)),)),),
)


def test_a_saved_city_is_the_same_city(tmp_path: Path) -> None:
    citymap.save(CITY, tmp_path / "city.json")
    assert read_city(tmp_path / "city.json") == CITY


def test_the_same_city_is_saved_as_the_same_bytes() -> None:
    assert citymap.encode(CITY) == citymap.encode(citymap.decode(citymap.encode(CITY)))


@pytest.mark.parametrize("raw", [b"{", b"{}", b'{"name": "x", "attribution": "y", "ways": [{"id": "one"}]}'])
def test_a_broken_file_is_named_in_the_error(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "broken.json").write_bytes(raw)
    with pytest.raises(UnreadableCityError, match=r"broken\.json"):
        read_city(tmp_path / "broken.json")
