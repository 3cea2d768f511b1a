"""The street register: what people type, and where that is."""

import pytest

from services.permits.application.street_names import NoSuchPlaceError, folded, house_number
from services.permits.application.streets import StreetRegister
from shared.contracts.base import LonLat
from shared.geo.citymap import Address, CityMap, Place
from tests.unit.shared.geo.towns import lonlat, way

HAUPT = [(0.0, 0.0), (100.0, 0.0), (220.0, 0.0), (300.0, 0.0)]


def city() -> CityMap:
    """A main street with two crossings, and far away another one of the same name."""
    return CityMap(
        name="Probestadt",
        attribution="erfunden",
        ways=(
            way(1, "Hauptstraße", HAUPT),
            way(2, "Gasse", [(100.0, 0.0), (100.0, 80.0)]),
            way(3, "Weg", [(220.0, 0.0), (220.0, -80.0)]),
            way(4, "Hauptstraße", [(5_000.0, 0.0), (5_100.0, 0.0)]),
            way(5, "Lindenallee", [(0.0, 900.0), (300.0, 900.0)]),
        ),
        places=(
            Place(name="Nord", kind="suburb", lonlat=lonlat(100, 100)),
            Place(name="Süd", kind="suburb", lonlat=lonlat(5_000, 100)),
        ),
        addresses=(
            Address("Hauptstraße", "3", lonlat(40, 20)),
            Address("Hauptstraße", "12 A", lonlat(180, -20)),
            Address("Hauptstraße", "3", lonlat(5_050, 20)),
        ),
    )


@pytest.fixture(scope="module")
def register() -> StreetRegister:
    return StreetRegister(city())


def near(places: tuple[LonLat, ...], *wanted: tuple[float, float]) -> bool:
    return all(place == pytest.approx(lonlat(*spot), abs=2e-6) for place, spot in zip(places, wanted, strict=True))


def test_streets_of_one_name_are_told_apart_by_their_district(register: StreetRegister) -> None:
    assert [street.label for street in register.search("haupt")] == ["Hauptstraße (Nord)", "Hauptstraße (Süd)"]
    with pytest.raises(NoSuchPlaceError, match=r"Hauptstraße \(Nord\), Hauptstraße \(Süd\)") as told:
        register.section("Hauptstraße")
    assert told.value.field == "street"


@pytest.mark.parametrize("typed", ["lindenallee", " LINDENALLEE ", "Lindenallee"])
def test_a_name_is_found_as_people_type_it(register: StreetRegister, typed: str) -> None:
    assert register.section(typed).street == "Lindenallee"


def test_names_are_folded_as_people_abbreviate_them() -> None:
    assert folded("Große  Str.") == folded("große strasse")
    assert [house_number(text) for text in ("12 A", " 7", "012", "Gasse", "12-14")] == ["12a", "7", "12", "", ""]


def test_a_section_runs_from_the_first_place_to_the_second(register: StreetRegister) -> None:
    there = register.section("Hauptstraße (Nord)", "Gasse", "Weg")
    back = register.section("Hauptstraße (Nord)", "Weg", "Gasse")
    assert near(there.line.coordinates, (100, 0), (220, 0))
    assert back.line.coordinates == there.line.coordinates[::-1]
    assert (there.from_street, there.to_street, there.district) == ("Gasse", "Weg", "Nord")


def test_an_end_that_nobody_names_is_where_the_street_ends(register: StreetRegister) -> None:
    assert near(register.section("Hauptstraße (Nord)", "Weg").line.coordinates, (220, 0), (300, 0))
    assert near(register.section("Hauptstraße (Nord)", "", "Gasse").line.coordinates, (0, 0), (100, 0))


def test_house_numbers_are_places_too(register: StreetRegister) -> None:
    found = register.section("Hauptstraße (Nord)", "3", "12a")
    assert near(found.line.coordinates, (40, 0), (100, 0), (180, 0))
    assert (found.house_numbers, found.from_street, found.to_street) == ("3-12a", None, None)
    mixed = register.section("Hauptstraße (Nord)", "Gasse", "12a")
    assert (mixed.house_numbers, mixed.from_street) == ("12a", "Gasse")
    assert register.numbers("Hauptstraße (Nord)") == ["3", "12a"]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [("Lindenallee", "Weg", "from"), ("Gasse", "Nirgendwo", "to"), ("Gasse", "99", "to"), ("Gasse", "Gasse", "to")],
)
def test_what_is_not_there_is_told_at_its_field(register: StreetRegister, start: str, end: str, field: str) -> None:
    with pytest.raises(NoSuchPlaceError) as told:
        register.section("Hauptstraße (Nord)", start, end)
    assert told.value.field == field


def test_two_names_of_one_crossing_are_told_to_be_one_place(register: StreetRegister) -> None:
    with pytest.raises(NoSuchPlaceError, match="dieselbe Stelle"):
        register.section("Hauptstraße (Nord)", "Gasse", "Gasse")


def test_what_is_drawn_beside_a_street_is_the_section_that_one_would_choose(register: StreetRegister) -> None:
    chosen = register.section("Hauptstraße (Nord)", "Gasse", "Weg")
    assert register.drawn([lonlat(104, 3), lonlat(160, -4), lonlat(215, 2)]) == chosen
    assert register.drawn([lonlat(215, 2), lonlat(104, 3)]) == register.section("Hauptstraße (Nord)", "Weg", "Gasse")


def test_a_drawn_piece_between_crossings_keeps_its_ends_and_names_its_neighbours(register: StreetRegister) -> None:
    drawn = register.drawn([lonlat(130, 2), lonlat(180, 2)])
    assert drawn is not None
    assert near(drawn.line.coordinates, (130, 0), (180, 0))
    assert (drawn.from_street, drawn.to_street) == ("Gasse", "Weg")


def test_a_line_across_the_fields_is_no_section(register: StreetRegister) -> None:
    assert register.drawn([lonlat(0, 400), lonlat(200, 500)]) is None
