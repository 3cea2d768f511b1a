import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from shared.geo.network import RoadNetwork
from tests.unit.shared.geo.towns import Spot, at, lonlat, town, way

EAST = way(1, "Lange Straße", [(0, 0), (100, 0), (200, 0)])
WEST = way(2, "Lange Straße", [(400, 0), (300, 0), (200, 0)])
CROSS = way(3, "Querweg", [(100, -80), (100, 0), (100, 80)])
FAR = way(4, "Lange Straße", [(5000, 0), (5100, 0)])
OTHER = way(5, "Endgasse", [(400, 0), (400, 90)])
PATH = way(6, None, [(0, 5), (400, 5)], highway="footway")
TOWN = RoadNetwork(town(FAR, OTHER, CROSS, WEST, EAST, PATH))

NORTHERN = way(11, "Allee", [(300, 20), (100, 20)], oneway=1)
SOUTHERN = way(12, "Allee", [(100, 0), (300, 0)], oneway=1)
LEAD_IN = way(13, "Allee", [(0, 10), (50, 10)])
FORK = [way(14, "Allee", [(50, 10), (100, 0)], oneway=1), way(15, "Allee", [(50, 10), (100, 20)], oneway=-1)]
MERGE = [way(16, "Allee", [(300, 0), (350, 10)], oneway=1), way(17, "Allee", [(300, 20), (350, 10)], oneway=-1)]
LEAD_OUT = way(18, "Allee", [(350, 10), (400, 10)])
DUAL = RoadNetwork(town(NORTHERN, SOUTHERN, LEAD_IN, *FORK, *MERGE, LEAD_OUT))


def local(line: LineString | None) -> list[Spot]:
    assert line is not None
    return [(round(x - at(0, 0)[0]), round(y - at(0, 0)[1])) for x, y in line.coords]


def test_streets_are_listed_by_name() -> None:
    assert TOWN.streets() == ("Endgasse", "Lange Straße", "Querweg")


def test_the_nearest_street_is_no_footway_and_no_other_than_the_named() -> None:
    hit = TOWN.nearest(*lonlat(130, 4))
    assert hit is not None
    assert (hit.way.name, round(hit.distance, 2)) == ("Lange Straße", 4)
    assert hit.point == pytest.approx(at(130, 0), abs=0.01)
    named = TOWN.nearest(*lonlat(130, 4), street="Querweg")
    assert named is not None
    assert named.point == pytest.approx(at(100, 4), abs=0.01)
    assert TOWN.nearest(*lonlat(0, 0), street="Nirgendwo") is None


def test_of_two_ways_at_the_same_place_the_lower_id_is_nearest() -> None:
    spots = [(0.0, 0.0), (100.0, 0.0)]
    doubled = RoadNetwork(town(way(8, "Oben", spots), way(7, "Unten", spots)))
    hit = doubled.nearest(*lonlat(50, 3))
    assert hit is not None
    assert hit.way.id == 7


def test_a_street_is_chained_over_its_ways_however_they_were_drawn() -> None:
    path = TOWN.street_path("Lange Straße", Point(at(250, 10)))
    assert local(path) == [(0, 0), (100, 0), (200, 0), (300, 0), (400, 0)]


def test_a_drawn_line_gives_the_path_its_direction() -> None:
    path = TOWN.street_path("Lange Straße", LineString([at(150, 3), at(50, 3)]))
    assert local(path)[0] == (400, 0)


def test_a_street_of_the_same_name_elsewhere_is_another_one() -> None:
    assert local(TOWN.street_path("Lange Straße", Point(at(4900, 0)))) == [(5000, 0), (5100, 0)]


@pytest.mark.parametrize(("x", "y", "side"), [(200, 30, 20), (200, -9, 0)])
def test_a_dual_carriageway_keeps_to_one_side_and_to_its_traffic(x: float, y: float, side: int) -> None:
    path = local(DUAL.street_path("Allee", Point(at(x, y))))
    assert path == [(0, 10), (50, 10), (100, side), (300, side), (350, 10), (400, 10)][:: 1 if side == 0 else -1]


def test_from_behind_the_merge_the_path_comes_along_the_carriageway_that_leads_there() -> None:
    path = DUAL.street_path("Allee", Point(at(380, 12)))
    assert local(path) == [(0, 10), (50, 10), (100, 0), (300, 0), (350, 10), (400, 10)]


def test_between_the_carriageways_the_drawn_direction_decides() -> None:
    westwards = DUAL.street_path("Allee", LineString([at(250, 9), at(150, 9)]))
    assert (300, 20) in local(westwards)
    eastwards = DUAL.street_path("Allee", LineString([at(150, 11), at(250, 11)]))
    assert (300, 0) in local(eastwards)


def test_a_ring_is_closed_and_begins_at_the_same_place_wherever_one_asks() -> None:
    corners = [(0, 0), (100, 0), (100, 100), (0, 100)]
    ring = RoadNetwork(town(way(1, "Ring", [*corners, corners[0]])))
    paths = [ring.street_path("Ring", Point(at(*spot))) for spot in ((50, -5), (105, 50), (50, 104), (-3, 50))]
    assert all(path is not None and path.is_closed for path in paths)
    assert len({tuple(local(path)) for path in paths}) == 1


def test_a_fork_goes_straight_on() -> None:
    forked = RoadNetwork(
        town(
            way(1, "Gabel", [(0, 0), (100, 0)]),
            way(2, "Gabel", [(100, 0), (150, 60)]),
            way(3, "Gabel", [(100, 0), (200, 5)]),
        )
    )
    assert local(forked.street_path("Gabel", Point(at(20, 0))))[-1] == (200, 5)


def test_a_one_way_street_that_changes_its_direction_is_still_one_street() -> None:
    changing = RoadNetwork(
        town(way(1, "Gasse", [(0, 0), (100, 0)], oneway=1), way(2, "Gasse", [(100, 0), (200, 10)], oneway=-1))
    )
    assert local(changing.street_path("Gasse", Point(at(20, 0)))) == [(0, 0), (100, 0), (200, 10)]


def test_crossings_are_where_other_names_meet_the_street() -> None:
    assert [(one.street, round(one.point.x - at(0, 0)[0])) for one in TOWN.crossings("Lange Straße")] == [
        ("Endgasse", 400),
        ("Querweg", 100),
    ]


def test_a_piece_between_two_crossings_runs_in_their_order() -> None:
    near = Point(at(0, 0))
    there = TOWN.between("Lange Straße", "Querweg", "Endgasse", near)
    back = TOWN.between("Lange Straße", "Endgasse", "Querweg", near)
    assert local(there) == [(100, 0), (200, 0), (300, 0), (400, 0)]
    assert local(back) == local(there)[::-1]
    assert TOWN.between("Lange Straße", "Querweg", "Nirgendwo", near) is None


def test_a_piece_knows_the_crossings_around_it() -> None:
    piece = LineString([at(150, 2), at(350, 2)])
    assert TOWN.neighbours("Lange Straße", piece) == ("Querweg", "Endgasse")
    assert TOWN.neighbours("Lange Straße", piece.reverse()) == ("Endgasse", "Querweg")
    assert TOWN.neighbours("Lange Straße", LineString([at(20, 0), at(60, 0)])) == (None, "Querweg")


def test_of_several_crossings_the_ones_next_to_the_piece_count() -> None:
    crossed = [way(10 + x, f"Gasse {x}", [(x, 0), (x, 50)]) for x in (100, 200, 300, 400)]
    street = RoadNetwork(
        town(way(1, "Lange Straße", [(0, 0), (100, 0), (200, 0), (300, 0), (400, 0), (500, 0)]), *crossed)
    )
    assert street.neighbours("Lange Straße", LineString([at(230, 0), at(270, 0)])) == ("Gasse 200", "Gasse 300")


def test_a_drawn_line_snaps_to_the_way_around_and_not_to_the_short_cut() -> None:
    around = [(0.0, 0.0), (0.0, 22.0), (200.0, 22.0), (200.0, 0.0)]
    block = RoadNetwork(town(way(1, "Kurz", [(0, 0), (200, 0)]), way(2, "Rundweg", around)))
    drawn = LineString([at(*spot) for spot in ((1, 2), (1, 20), (199, 21), (199, 2))])
    assert local(block.snap_line(drawn))[1:-1] == [(0, 22), (200, 22)]


def test_a_drawn_line_snaps_around_a_corner() -> None:
    drawn = LineString([at(60, 4), at(96, 3), at(103, 30), at(97, 60)])
    assert local(TOWN.snap_line(drawn)) == [(60, 0), (100, 0), (100, 60)]


def test_a_short_line_snaps_within_one_segment() -> None:
    assert local(TOWN.snap_line(LineString([at(140, -5), at(120, 4)]))) == [(140, 0), (120, 0)]


def test_a_line_far_from_every_street_snaps_to_none() -> None:
    assert TOWN.snap_line(LineString([at(0, 300), at(90, 300)])) is None
    assert TOWN.snap_line(LineString([at(60, 4), at(60, 200)])) is None


def test_the_named_street_wins_over_a_nearer_one() -> None:
    parallel = RoadNetwork(
        town(way(1, "Hauptstraße", [(0, 0), (200, 0)]), way(2, "Nebenfahrbahn", [(0, 12), (200, 12)]))
    )
    drawn = LineString([at(20, 8), at(180, 8)])
    assert local(parallel.snap_line(drawn)) == [(20, 12), (180, 12)]
    assert local(parallel.snap_line(drawn, "Hauptstraße")) == [(20, 0), (180, 0)]


def test_streets_near_a_place_come_nearest_first() -> None:
    assert TOWN.streets_near(Point(at(110, 20)), 25) == ("Querweg", "Lange Straße")
    assert TOWN.streets_near(Point(at(110, 20)), 5) == ()


def test_the_order_of_the_ways_in_the_map_changes_nothing() -> None:
    turned = RoadNetwork(town(EAST, PATH, WEST, CROSS, OTHER, FAR))
    for spot in ((10, 3), (250, -4), (100, 40)):
        assert turned.nearest(*lonlat(*spot)) == TOWN.nearest(*lonlat(*spot))
        first, second = (net.street_path("Lange Straße", Point(at(*spot))) for net in (turned, TOWN))
        assert np.array_equal(shapely.get_coordinates(first), shapely.get_coordinates(second))


def test_an_empty_map_has_no_streets_and_no_nearest() -> None:
    empty = RoadNetwork(town())
    assert empty.streets() == ()
    assert empty.nearest(8.27, 50.0) is None
    assert empty.snap_line(LineString([at(0, 0), at(50, 0)])) is None
