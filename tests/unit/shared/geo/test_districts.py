import msgspec

from shared.geo.citymap import Place
from shared.geo.districts import Districts
from tests.unit.shared.geo.towns import lonlat, town


def _square(x: float, y: float, side: float) -> tuple[tuple[float, float], ...]:
    return tuple(lonlat(x + dx * side, y + dy * side) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)))


OLD = Place(name="Altstadt", kind="suburb", lonlat=lonlat(0, 0))
NEW = Place(name="Neustadt", kind="suburb", lonlat=lonlat(1000, 0))
BOUNDED = Place(name="Oberstadt", kind="suburb", lonlat=lonlat(-900, 0), rings=(_square(-1000, -100, 950),))
CITY = Place(name="Probestadt", kind="city", lonlat=lonlat(400, 0))


def _districts(*places: Place) -> Districts:
    return Districts(msgspec.structs.replace(town(), places=places))


def test_without_boundaries_the_nearest_name_counts_and_a_city_is_no_district() -> None:
    districts = _districts(OLD, NEW, CITY)
    assert districts.names() == ("Altstadt", "Neustadt")
    assert districts.at(*lonlat(450, 0)) == "Altstadt"
    assert districts.at(*lonlat(550, 0)) == "Neustadt"


def test_a_boundary_counts_more_than_a_nearer_name() -> None:
    districts = _districts(OLD, BOUNDED)
    assert districts.at(*lonlat(-80, 0)) == "Oberstadt"
    assert districts.at(*lonlat(-20, 0)) == "Altstadt"


def test_far_away_there_is_no_district() -> None:
    assert _districts(OLD).at(*lonlat(9000, 0)) is None
    assert _districts().at(*lonlat(0, 0)) is None
