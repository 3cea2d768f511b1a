import pytest

from shared.contracts.base import LineString, Point, Polygon
from shared.contracts.sites import (
    DeviationDetected,
    ExtentChanged,
    ExtentMeasured,
)
from tests.unit.services.beacons.domain.city import (
    STREET,
    leave,
    line,
    measure,
    place,
    refine,
    register,
    rows_of_lights,
    set_up,
)
from tests.unit.services.beacons.domain.lights import shifted
from tests.unit.services.beacons.domain.sites import ordered, piece, working


def test_the_ends_are_measured_once_it_has_settled() -> None:
    city = ordered()
    set_up(city)
    assert city.of(ExtentMeasured) == []
    city.wait_until(13)
    assert city.of(ExtentMeasured) == []
    city.wait_until(14)
    (measured,) = city.of(ExtentMeasured)
    (extent,) = measured.extents
    assert extent.measure_id == "mz-a"
    assert (extent.place_from, extent.place_to) == ("measured", "measured")
    assert piece(extent) == pytest.approx((0, 100), abs=1)
    assert 1 < extent.accuracy_m < 6
    assert extent.deviation_m < 1
    assert measured.lights == tuple(name for name, _, _ in rows_of_lights())


def test_a_site_beyond_its_order_goes_straight_on() -> None:
    city = ordered()
    set_up(city, shift_m=-20)
    city.wait_until(20)
    (extent,) = city.of(ExtentMeasured)[0].extents
    start, end = piece(extent)
    assert -20 < start < -18
    assert 80 < end < 82
    assert city.of(DeviationDetected) == []


def test_one_row_of_lights_measures_only_the_end_that_it_stands_at() -> None:
    city = ordered()
    for number in range(4):
        place(city, f"L{number}", 1, 95, number * 0.8)
    city.wait_until(20)
    (extent,) = city.of(ExtentMeasured)[0].extents
    assert (extent.place_from, extent.place_to) == ("ordered", "measured")
    start, end = piece(extent)
    assert start == pytest.approx(0, abs=0.1)
    assert end == pytest.approx(95.3, abs=1)


def test_a_contradiction_to_the_order_is_told_once_and_kept_apart() -> None:
    city = ordered(measure("a", line((0, 0), (60, 0))))
    for number, (name, east, north) in enumerate(rows_of_lights()):
        register(city, name)
        place(city, name, 1 + number * 0.2, east, north)
    city.wait_until(30)
    (deviation,) = city.of(DeviationDetected)
    assert deviation.deviation_m == pytest.approx(40, abs=2)
    assert piece(city.of(ExtentMeasured)[0].extents[0])[1] == pytest.approx(100, abs=1)
    refine(city, "L00", 40, 1)
    assert len(city.of(DeviationDetected)) == 1


def test_an_end_that_moved_more_than_ten_metres_is_told() -> None:
    city = working()
    for number, (name, _, north) in enumerate(rows_of_lights()[5:10]):
        refine(city, name, 30 + number, 108, north)
    assert city.of(ExtentChanged) == []
    for number, (name, _, north) in enumerate(rows_of_lights()[5:10]):
        refine(city, name, 40 + number, 118, north)
    (changed,) = city.of(ExtentChanged)
    assert piece(changed.extents[0])[1] > 110


def test_nothing_is_measured_while_lights_come_and_go() -> None:
    city = working()
    for number, (name, _, _) in enumerate(rows_of_lights()[5:]):
        leave(city, name, 30 + number * 9)
    assert city.of(ExtentChanged) == []
    city.wait_until(200)
    assert city.of(ExtentChanged) == []  # the end that nothing marks any more stays where it was


def test_an_end_that_lights_mark_later_is_told_though_it_is_where_it_was_ordered() -> None:
    city, lights = ordered(), rows_of_lights(10)
    for name, east, north in lights[:5]:
        place(city, name, 1, east, north)
    city.wait_until(30)
    for name, east, north in lights[5:]:
        place(city, name, 31, east, north)
    city.wait_until(60)
    (first,), (then,) = city.of(ExtentMeasured), city.of(ExtentChanged)
    assert [(e.extents[0].place_from, e.extents[0].place_to) for e in (first, then)] == [
        ("measured", "ordered"),
        ("measured", "measured"),
    ]


def test_polygons_and_points_are_set_up_but_not_measured() -> None:
    ring = Polygon((tuple(shifted(*corner) for corner in ((0, -5), (100, -5), (100, 5), (0, 5), (0, -5))),))
    for geometry in (ring, Point(shifted(0, 0))):
        city = ordered(measure("a", geometry))
        place(city, "L1", 1, 0)
        place(city, "L2", 1, 5)
        city.wait_until(60)
        assert city.kinds() == ["SetUpDetected"]


def test_a_longer_measure_beside_is_measured_by_its_own_lights() -> None:
    footway = line((0, 2), (100, 2))
    city = ordered(measure("a", line((0, 0), (50, 0))), measure("b", footway, kind="footway_closed"))
    for number in range(4):
        for name, east in (("A", 0.0), ("B", 50.0), ("C", 100.0)):
            place(city, f"{name}{number}", 1, east, number * 0.8)
    city.wait_until(30)
    assert city.of(DeviationDetected) == []
    extents = city.of(ExtentMeasured)[0].extents
    assert [extent.measure_id for extent in extents] == ["mz-a", "mz-b"]
    assert piece(extents[0])[1] == pytest.approx(50, abs=1.5)
    assert piece(extents[1])[1] == pytest.approx(100, abs=1.5)


def test_speed_limits_are_not_moved_by_lights() -> None:
    limit = measure("s", line((-80, 0), (180, 0)), kind="speed_limit")
    city = ordered(measure("a", STREET), limit)
    set_up(city)
    city.wait_until(20)
    assert [extent.measure_id for extent in city.of(ExtentMeasured)[0].extents] == ["mz-a"]
    assert city.of(DeviationDetected) == []


def test_a_line_with_repeated_vertices_is_measured() -> None:
    doubled = LineString((STREET.coordinates[0], STREET.coordinates[0], *STREET.coordinates[1:], STREET.coordinates[1]))
    city = ordered(measure("a", doubled))
    set_up(city, shift_m=-15)
    city.wait_until(20)
    assert len(city.of(ExtentMeasured)) == 1
