"""One street for the whole site: the permit's as prior, its lines and all lights together."""

from collections.abc import Sequence

import pytest
import shapely
from shapely import LineString

from services.beacons.domain.rows import LightRow
from services.beacons.domain.streets import Drawn, Streets
from shared.contracts import base
from shared.contracts.devices import DeviceRegistered
from shared.contracts.sites import ExtentChanged, ExtentMeasured, UnpermittedSiteSuspected
from shared.geo.citymap import CityMap, Way
from shared.geo.crs import metric_line
from shared.geo.network import RoadNetwork
from tests.unit.services.beacons.domain.city import (
    City,
    approved,
    line,
    measure,
    place,
    refine,
    rows_of_lights,
    set_up,
)
from tests.unit.services.beacons.domain.lights import shifted
from tests.unit.shared.geo.towns import Spot, at, lonlat, town, way

BENT = way(1, "Bogenstraße", [(-200, 0), (0, 0), (50, 20), (100, 0), (300, 0)])
BESIDE = way(2, "Nebenweg", [(-200, 45), (300, 45)])
ACROSS = way(3, "Querweg", [(0, -100), (0, 0), (0, 45)])
TOWN = Streets(RoadNetwork(town(BENT, BESIDE, ACROSS)))


def drawn(*spots: Spot, street: str = "Bogenstraße") -> Drawn:
    return Drawn(street, base.LineString(tuple(lonlat(*spot) for spot in spots)))


def lights(*spots: Spot) -> list[LightRow]:
    return [LightRow(device_id=f"L{n}", x=at(*spot)[0], y=at(*spot)[1], sigma=2.0) for n, spot in enumerate(spots)]


def spots(found: LineString) -> list[Spot]:
    return [(round(x - at(0, 0)[0]), round(y - at(0, 0)[1])) for x, y in found.coords]


ON_IT = lights((2, 3), (3, -2), (98, 2), (99, -3))


def test_a_measure_lies_on_the_street_that_its_permit_names() -> None:
    (found,) = TOWN.references([drawn((0, 4), (100, -3))], ON_IT)
    assert found.road == "Bogenstraße"
    assert spots(found.line) == [(-200, 0), (0, 0), (50, 20), (100, 0), (300, 0)]
    assert (found.start, found.end) == pytest.approx((200, 307.7), abs=2)


def test_a_reference_runs_as_its_measure_was_drawn() -> None:
    (found,) = TOWN.references([drawn((100, -3), (0, 4))], ON_IT)
    assert spots(found.line)[0] == (300, 0)
    assert (found.start, found.end) == pytest.approx((200, 307.7), abs=2)


def test_even_in_a_one_way_street_a_reference_runs_as_its_measure_was_drawn() -> None:
    against = Streets(RoadNetwork(town(way(1, "Einbahnstraße", [(0, 0), (300, 0)], oneway=1))))
    (found,) = against.references([drawn((200, 2), (100, 2), street="Einbahnstraße")], lights((199, 1), (101, 1)))
    assert spots(found.line) == [(300, 0), (0, 0)]
    assert (found.start, found.end) == pytest.approx((100, 200))


def test_lights_at_the_kerb_stand_on_the_street() -> None:
    kerb = drawn((0, 52), (100, 52), street="Nebenweg")
    (found,) = TOWN.references([kerb], lights((2, 54), (3, 54), (97, 54), (99, 54)))
    assert found.road == "Nebenweg"


def test_a_street_counts_however_its_name_is_written() -> None:
    (found,) = TOWN.references([drawn((0, 4), (100, -3), street="BOGENSTR.")], ON_IT)
    assert found.road == "Bogenstraße"


@pytest.mark.parametrize("street", ["Bogenstraße", "Wo anders"])
def test_without_a_network_the_drawn_line_is_the_reference(street: str) -> None:
    (found,) = Streets().references([drawn((0, 4), (100, -3), street=street)], ON_IT)
    assert (found.road, found.start, found.end) == ("", 0, found.line.length)
    assert spots(found.line) == [(0, 4), (100, -3)]


def test_a_line_far_from_every_street_stays_as_it_is_drawn() -> None:
    off = drawn((0, -60), (100, -60), street="Uferweg")
    (found,) = TOWN.references([off], lights((2, -61), (3, -60), (97, -59), (99, -60)))
    assert (found.road, spots(found.line)) == ("", [(0, -60), (100, -60)])


def test_a_street_of_another_name_counts_where_the_line_and_the_lights_are_on_it() -> None:
    (found,) = TOWN.references([drawn((0, 4), (100, -3), street="Unbenannt")], ON_IT)
    assert found.road == "Bogenstraße"


@pytest.mark.parametrize(("there", "road"), [(2, "Bogenstraße"), (4, "Nebenweg")])
def test_lights_overrule_the_permit_only_if_they_agree(there: int, road: str) -> None:
    beside = [(2, 46), (4, 44), (97, 45), (99, 47)][:there]
    (found,) = TOWN.references([drawn((0, 4), (100, -3))], lights(*beside))
    assert found.road == road


def test_a_light_that_stands_for_the_permits_street_outweighs_one_that_does_not() -> None:
    split = lights((2, 46), (4, 44), (97, 45), (99, 47), (30, 12), (70, 12), (99, 2))
    assert TOWN.references([drawn((0, 4), (100, -3))], split)[0].road == "Bogenstraße"


def test_the_street_told_before_stays_in_doubt() -> None:
    between = lights((2, 46), (4, 44), (97, 45))
    order = [drawn((0, 4), (100, -3))]
    roads = [TOWN.references(order, between, told)[0].road for told in ("Bogenstraße", "Nebenweg")]
    assert roads == ["Bogenstraße", "Nebenweg"]


def test_a_line_that_turns_the_corner_follows_both_streets() -> None:
    (found,) = TOWN.references([drawn((0, -90), (3, 1), (-90, 2), street="Querweg")], lights((1, -88), (-88, 1)))
    assert found.road == "Querweg"
    assert spots(found.line) == [(0, -90), (0, 0), (-90, 0)]


def test_all_measures_are_on_one_street_but_those_that_do_not_fit() -> None:
    order = [drawn((0, 4), (100, -3)), drawn((60, -40), (60, -90)), drawn((0, -40), (100, -40))]
    assert [found.road for found in TOWN.references(order, ON_IT)] == ["Bogenstraße", "", ""]


def test_a_light_runs_by_a_street_far_beyond_the_drawn_ends_but_not_aside() -> None:
    order = [drawn((0, 4), (40, 17))]
    assert TOWN.runs_by(order, lights((160, 3))[0])
    assert not TOWN.runs_by(order, lights((160, 30))[0])
    assert not TOWN.runs_by([], lights((0, 0))[0])


# --- as sites are decided ---


def streets(**named: Sequence[Spot]) -> RoadNetwork:
    """Streets through spots in metres from the origin of the sites' tests."""
    ways = tuple(
        Way(
            id=number,
            name=name,
            highway="residential",
            nodes=tuple(range(100 * number, 100 * number + len(spots))),
            coordinates=tuple(shifted(*spot) for spot in spots),
        )
        for number, (name, spots) in enumerate(named.items())
    )
    return RoadNetwork(CityMap(name="Probestadt", attribution="erfunden", ways=ways))


CURVE = [(-200.0, 0.0), (0.0, 0.0), (50.0, 15.0), (100.0, 0.0), (300.0, 0.0)]
STREETS = streets(Kaiserstraße=CURVE, Parallelweg=[(-200.0, 60.0), (300.0, 60.0)])


def ordered(network: RoadNetwork | None, drawn_m: base.LineString) -> City:
    city = City(network=network)
    city.tell("permit:p-1", approved(measure("a", drawn_m)))
    return city


def test_a_measured_place_is_a_piece_of_the_street() -> None:
    city = ordered(STREETS, line((4.0, 3.0), (96.0, -3.0)))
    set_up(city)
    city.wait_until(20)
    (extent,) = city.of(ExtentMeasured)[0].extents
    curve = metric_line(tuple(shifted(*spot) for spot in CURVE))
    assert all(shapely.Point(spot).distance(curve) < 0.1 for spot in metric_line(extent.line.coordinates).coords)
    assert extent.line.coordinates[1] == pytest.approx(shifted(50.0, 15.0), abs=1e-6)
    assert extent.deviation_m < 10


def test_lights_bound_by_hand_on_another_street_change_the_road() -> None:
    city = ordered(STREETS, line((0.0, 0.0), (100.0, 0.0)))
    for name, _, _ in rows_of_lights():
        city.tell(f"registry:{name}", DeviceRegistered(device_id=name, kind="warning_light", permit_number="2026-0042"))
    set_up(city)
    city.wait_until(20)
    for name, east, north in rows_of_lights():
        refine(city, name, 30, east, north + 58)
    city.wait_until(60)
    changed = city.of(ExtentChanged)
    assert len(changed) == 1
    parallel = metric_line((shifted(-200.0, 60.0), shifted(300.0, 60.0)))
    assert metric_line(changed[0].extents[0].line.coordinates).hausdorff_distance(parallel) > 50
    assert all(
        shapely.Point(spot).distance(parallel) < 0.1
        for spot in metric_line(changed[0].extents[0].line.coordinates).coords
    )


def test_a_light_on_the_ordered_street_belongs_to_its_site_farther_away_than_one_beside_it() -> None:
    city = ordered(STREETS, line((0.0, 0.0), (100.0, 0.0)))
    place(city, "along", 1, 145.0, 2.0)
    place(city, "aside", 2, 50.0, -45.0)
    place(city, "beyond", 3, 155.0, 2.0)
    found = {name: city.rows[f"light:{name}"].site is not None for name in ("along", "aside", "beyond")}
    assert found == {"along": True, "aside": False, "beyond": False}


def test_a_suspected_site_names_the_street_it_stands_on() -> None:
    city = City(network=STREETS)
    for number in range(3):
        place(city, f"L{number}", 1 + number, 10.0 * number, 62.0)
    city.wait_until(20)
    assert [said.street for said in city.of(UnpermittedSiteSuspected)] == ["Parallelweg"]


def test_lights_mark_all_measures_of_the_same_works_however_unequally_they_are_drawn() -> None:
    city = City()
    order = measure("a", line((0, 0), (90, 0))), measure("b", line((0, 0), (102, 0)), kind="footway_closed")
    city.tell("permit:p-1", approved(*order))
    for number, (name, east, north) in enumerate(rows_of_lights(10)):
        place(city, name, 1 + number * 0.25, east * 1.16, north)
    city.wait_until(20)
    (told,) = city.of(ExtentMeasured)
    assert [(extent.place_from, extent.place_to) for extent in told.extents] == [("measured", "measured")] * 2
