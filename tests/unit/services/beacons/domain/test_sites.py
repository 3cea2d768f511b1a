import time
from typing import Any

import msgspec
import pytest

from services.beacons.domain.areas import site_id, suspect_id
from services.beacons.domain.depots import Depot
from shared.contracts.base import LineString, Point, Polygon
from shared.contracts.devices import (
    DeviceRetired,
    LightBecameSilent,
    LightFell,
    LightMovedAway,
    LightPlaced,
    LightRecovered,
)
from shared.contracts.permits import (
    EndReverted,
    PermitAmended,
    PermitExtended,
    PermitProgressed,
    PermitRevoked,
    WorksEnded,
    WorksInterrupted,
)
from shared.contracts.sites import (
    ClearedDetected,
    DeviationDetected,
    ExtentChanged,
    ExtentMeasured,
    MeasuredExtent,
    NotSetUp,
    Overrunning,
    SetUpDetected,
    SiteBecameSilent,
    SiteRecovered,
    UnpermittedSiteSuspected,
)
from shared.events.codec import PoisonError, UnknownTypeError, encode
from shared.events.envelope import Event
from shared.geo.crs import metric_line, to_metric
from tests.unit.services.beacons.domain.city import (
    STREET,
    City,
    approved,
    at,
    leave,
    line,
    measure,
    permit,
    place,
    refine,
    register,
    rows_of_lights,
    set_up,
    stand,
    switch,
)
from tests.unit.services.beacons.domain.lights import shifted

SITE = site_id("p-1", "mz-a")


def ordered(*measures: Any, **members: Any) -> City:
    city = City()
    city.tell("permit:p-1", approved(*measures, **members))
    return city


def working(**members: Any) -> City:
    """A site that is set up and measured, at minute 20."""
    city = ordered(measure("a", STREET, **members))
    set_up(city)
    city.wait_until(20)
    assert city.kinds() == ["SetUpDetected", "ExtentMeasured"]
    return city


def collect(city: City, minute: float) -> None:
    for number, (name, _, _) in enumerate(rows_of_lights()):
        leave(city, name, minute + number * 0.25)


def piece(extent: MeasuredExtent) -> tuple[float, float]:
    """Where the measured line begins and ends, metres east of the origin."""
    x, y = to_metric(*shifted(0, 0))
    path = metric_line(extent.line.coordinates)
    first, last = path.coords[0], path.coords[-1]
    assert abs(first[1] - y) < 4
    return first[0] - x, last[0] - x


# --- set-up ---


def test_two_lights_standing_lit_are_a_set_up_since_the_second_stood() -> None:
    city = ordered()
    assert place(city, "L1", 5, 10) == []
    (said,) = place(city, "L2", 9, 20)
    assert said == SetUpDetected(site_id=SITE, permit_id="p-1", measure_ids=("mz-a",), at=at(9), lights=("L1", "L2"))


def test_lights_that_are_off_set_nothing_up_until_they_burn() -> None:
    city = ordered()
    place(city, "L1", 5, 10)
    assert place(city, "L2", 6, 20, lamp="off") == []
    (said,) = switch(city, "L2", 30, "on")
    assert said.at == at(30)


def test_a_light_with_a_failed_lamp_still_marks_the_site() -> None:
    city = ordered()
    place(city, "L1", 5, 10, lamp="fault")
    assert len(place(city, "L2", 6, 20, lamp="fault")) == 1


def test_lights_far_from_any_order_belong_to_none() -> None:
    city = ordered()
    place(city, "L1", 5, 50, 60)
    assert place(city, "L2", 6, 20, 60) == []


def test_lights_that_stood_before_the_order_was_known_are_found() -> None:
    city = City()
    place(city, "L1", 5, 10)
    place(city, "L2", 6, 20)
    (said,) = city.tell("permit:p-1", approved(), minute=30)
    assert (type(said), said.at) == (SetUpDetected, at(6))


def test_lights_two_hours_before_the_order_wait_until_then() -> None:
    city = ordered(measure("a", STREET, start=300))
    place(city, "L1", 5, 10)
    assert place(city, "L2", 6, 20) == []
    assert city.wait_until(179) == []
    assert [type(said) for said in city.wait_until(181)] == [SetUpDetected]


def test_lights_a_day_after_the_order_do_not_belong_to_it() -> None:
    city = ordered(measure("a", STREET, end=60))
    city.wait_until(60 + 1441)
    place(city, "L1", 1502, 10)
    assert place(city, "L2", 1503, 20) == []


def test_detours_and_no_stopping_are_no_work_areas() -> None:
    city = ordered(measure("d", STREET, kind="detour"), measure("n", STREET, kind="no_stopping"))
    set_up(city)
    assert city.of(SetUpDetected) == []


# --- extent ---


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


# --- clearing ---


def test_a_site_is_cleared_ten_minutes_after_the_last_light_left() -> None:
    city = working()
    collect(city, 60)
    assert city.wait_until(72.7) == []
    (said,) = city.wait_until(73)
    assert isinstance(said, ClearedDetected)
    assert said.at == at(62.75)
    assert said.lights == tuple(name for name, _, _ in rows_of_lights())
    assert [key for key in city.rows.prefixed("cell:") if city.rows[key].lights] == []


def test_hold_is_a_difference_of_event_times() -> None:
    city = ordered()
    place(city, "L1", 1, 10)
    place(city, "L2", 1, 20)
    leave(city, "L1", 60, told=90)
    (said,) = leave(city, "L2", 62, told=91)
    assert (type(said), said.at) == (ClearedDetected, at(62))


def test_lights_switched_off_clear_a_site_too_and_it_may_be_set_up_again() -> None:
    city = working()
    for name, _, _ in rows_of_lights():
        switch(city, name, 60, "off")
    city.wait_until(80)
    assert city.of(ClearedDetected)[0].at == at(60)
    for name, _, _ in rows_of_lights():
        switch(city, name, 90, "on")
    city.wait_until(120)
    assert city.kinds()[2:] == ["ClearedDetected", "SetUpDetected", "ExtentMeasured"]
    assert city.of(SetUpDetected)[1].at == at(90)


def test_lights_that_come_back_within_the_hold_time_clear_nothing() -> None:
    city = working()
    for name, _, _ in rows_of_lights():
        switch(city, name, 60, "off")
    switch(city, "L03", 65, "on")
    city.wait_until(120)
    assert city.of(ClearedDetected) == []


def test_one_light_left_holds_the_site() -> None:
    city = working()
    for name, _, _ in rows_of_lights()[1:]:
        leave(city, name, 60)
    city.wait_until(300)
    assert city.of(ClearedDetected) == []


def test_a_retired_light_is_gone() -> None:
    city = ordered()
    place(city, "L1", 1, 10)
    place(city, "L2", 1, 20)
    leave(city, "L1", 30)
    city.tell("registry:L2", DeviceRetired(device_id="L2"), minute=31)
    city.wait_until(60)
    assert len(city.of(ClearedDetected)) == 1


# --- silence ---


def silence(city: City, name: str, minute: float) -> None:
    said = LightBecameSilent(device_id=name, at=at(minute), last_contact=at(minute - 35))
    city.tell(f"light:{name}", said, minute=minute)


def test_a_site_is_silent_when_all_its_lights_are_and_recovers_with_the_first() -> None:
    city = working()
    for number, (name, _, _) in enumerate(rows_of_lights()):
        assert city.of(SiteBecameSilent) == []
        silence(city, name, 60 + number)
    assert city.of(SiteBecameSilent)[0].at == at(71)
    recovered = LightRecovered(device_id="L05", at=at(90), trouble="silent")
    (said,) = city.tell("light:L05", recovered, minute=90)
    assert (type(said), said.at) == (SiteRecovered, at(90))


def test_a_silent_site_is_neither_cleared_nor_overrunning() -> None:
    city = working(end=100)
    for name, _, _ in rows_of_lights():
        silence(city, name, 60)
    city.wait_until(300)
    assert city.kinds()[2:] == ["SiteBecameSilent"]


def test_another_trouble_that_ends_does_not_end_the_silence() -> None:
    city = working()
    for name, _, _ in rows_of_lights():
        silence(city, name, 60)
    city.tell("light:L05", LightRecovered(device_id="L05", at=at(70), trouble="battery"), minute=70)
    assert city.of(SiteRecovered) == []


# --- ghosts and overruns ---


def test_an_order_in_force_with_lights_assigned_and_nobody_there_is_told() -> None:
    city = ordered(measure("a", STREET, start=60))
    register(city, "L1")
    assert city.wait_until(179) == []
    (said,) = city.wait_until(181)
    assert (type(said), said.at, said.site_id) == (NotSetUp, at(180), SITE)
    assert city.wait_until(1000) == []


def test_works_without_lights_assigned_are_never_not_set_up() -> None:
    city = ordered()
    register(city, "L1", "other")
    assert city.wait_until(1000) == []


@pytest.mark.parametrize("members", [{"occupation": "within"}, {}])
def test_nobody_is_expected_within_a_longer_period_or_while_interrupted(members: dict[str, Any]) -> None:
    city = ordered(**members)
    register(city, "L1")
    if not members:
        city.tell("permit:p-1", WorksInterrupted(at=at(10)))
    assert city.wait_until(1000) == []


def test_nobody_is_expected_after_an_end_until_it_is_taken_back() -> None:
    city = ordered()
    register(city, "L1")
    city.tell("permit:p-1", WorksEnded(at=at(10)))
    assert city.wait_until(900) == []
    city.tell("permit:p-1", EndReverted(at=at(900), interrupted=True))
    assert city.wait_until(1000) == []
    city.tell("permit:p-1", EndReverted(at=at(1000)))
    assert city.kinds() == ["NotSetUp"]


def test_a_light_assigned_late_starts_the_grace_anew() -> None:
    city = ordered()
    city.wait_until(300)
    register(city, "L1")
    assert city.wait_until(419) == []
    assert len(city.wait_until(421)) == 1


def test_lights_at_one_of_two_work_areas_leave_open_what_the_other_one_gets() -> None:
    city = ordered(measure("a", STREET), measure("b", line((3000, 0), (3100, 0))))
    for name in ("L1", "L2"):
        register(city, name)
        place(city, name, 5, 10)
    city.wait_until(1000)
    assert city.of(NotSetUp) == []


def test_a_light_that_was_assigned_elsewhere_since_is_not_missed() -> None:
    city = ordered()
    register(city, "L1")
    register(city, "L1", "other")
    assert city.wait_until(1000) == []


def test_an_order_that_ended_is_no_ghost() -> None:
    city = ordered(measure("a", STREET, end=90))
    register(city, "L1")
    assert city.wait_until(1000) == []


def test_one_light_there_is_somebody() -> None:
    city = ordered()
    register(city, "L1")
    place(city, "L1", 30, 10)
    assert city.wait_until(1000) == []


def test_lights_past_the_end_overrun_once_and_an_extension_ends_that() -> None:
    city = working(end=100)
    assert [(type(said), said.at) for said in city.wait_until(101)] == [(Overrunning, at(100))]
    assert city.wait_until(500) == []
    city.tell("permit:p-1", PermitExtended(ends={"mz-a": at(600)}))
    assert [(type(said), said.at) for said in city.wait_until(601)] == [(Overrunning, at(600))]


def test_lights_under_a_revoked_order_overrun() -> None:
    city = working()
    (said,) = city.tell("permit:p-1", PermitRevoked(at=at(50)), minute=50)
    assert (type(said), said.at) == (Overrunning, at(50))


def test_lights_that_stay_for_days_after_the_end_still_belong_to_the_site() -> None:
    city = working(end=100)
    city.wait_until(5_000)
    refine(city, "L00", 5_000, 1)
    city.wait_until(5_100)
    assert city.kinds()[2:] == ["Overrunning"]


def test_a_site_cleared_in_time_does_not_overrun() -> None:
    city = working(end=100)
    collect(city, 60)
    city.wait_until(300)
    assert city.of(Overrunning) == []


# --- binding ---


def test_the_registry_wins_over_the_nearest_order() -> None:
    city = City()
    city.tell("permit:p-1", approved())
    other = permit(measure("z", line((0, 60), (100, 60))), number="2026-0099")
    city.tell("permit:p-2", msgspec.structs.replace(approved(), permit=other))
    for name in ("L1", "L2"):
        register(city, name, "2026-0099")
        place(city, name, 5, 10, 2)
    assert [said.site_id for said in city.of(SetUpDetected)] == [site_id("p-2", "mz-z")]


def test_a_light_by_hand_but_far_away_says_nothing_of_the_site() -> None:
    city = ordered()
    for number in range(4):
        register(city, f"L{number}")
        place(city, f"L{number}", 5, 50 + number, 210)
    city.wait_until(60)
    assert city.said == []


def test_an_order_finds_lights_that_were_bound_to_its_number_before() -> None:
    city = City()
    for name in ("L1", "L2"):
        register(city, name)
        place(city, name, 5, 10, 190)
    (said,) = city.tell("permit:p-1", approved(), minute=10)
    assert isinstance(said, SetUpDetected)


def test_a_light_bound_by_hand_later_changes_its_site() -> None:
    city = City()
    city.tell("permit:p-1", approved())
    place(city, "L1", 5, 10, 100)
    place(city, "L2", 5, 20, 100)
    assert city.said == []
    register(city, "L1")
    (said,) = register(city, "L2")
    assert isinstance(said, SetUpDetected)
    register(city, "L1", None)
    register(city, "L2", None)
    city.wait_until(60)
    assert city.kinds()[1:] == ["ClearedDetected"]


def test_the_nearest_order_gets_the_light_and_keeps_it_against_a_little_nearer_one() -> None:
    city = City()
    city.tell("permit:p-1", approved())
    other = permit(measure("z", line((0, 20), (100, 20))), number="2026-0099")
    city.tell("permit:p-2", msgspec.structs.replace(approved(), permit=other))
    place(city, "L1", 5, 10, 9)
    place(city, "L2", 5, 20, 9)
    refine(city, "L1", 20, 10, 11)
    refine(city, "L2", 20, 20, 11)
    city.wait_until(60)
    assert city.of(SetUpDetected)[0].site_id == SITE
    assert len(city.of(SetUpDetected)) == 1
    assert city.of(ClearedDetected) == []
    refine(city, "L1", 61, 10, 18)
    (said,) = refine(city, "L2", 61, 20, 18)
    assert said.site_id == site_id("p-2", "mz-z")


def test_measures_near_each_other_share_a_site_and_far_ones_do_not() -> None:
    city = ordered(
        measure("a", STREET),
        measure("b", line((120, 0), (160, 0)), kind="footway_closed"),
        measure("c", line((300, 0), (400, 0))),
    )
    place(city, "L1", 5, 10)
    (first,) = place(city, "L2", 5, 150)
    assert first.measure_ids == ("mz-a", "mz-b")
    place(city, "L3", 5, 310)
    (second,) = place(city, "L4", 5, 350)
    assert (second.site_id, second.measure_ids) == (site_id("p-1", "mz-c"), ("mz-c",))


def test_an_amended_work_area_keeps_its_site() -> None:
    city = working()
    amended = PermitAmended(permit=permit(measure("n", line((0, 3), (100, 3))), measure("a", STREET)))
    city.tell("permit:p-1", amended, minute=40)
    collect(city, 60)
    city.wait_until(100)
    (cleared,) = city.of(ClearedDetected)
    assert (cleared.site_id, cleared.measure_ids) == (SITE, ("mz-n", "mz-a"))
    assert len(city.of(SetUpDetected)) == 1


def test_a_redrawn_measure_is_measured_anew() -> None:
    city = working()
    amended = PermitAmended(permit=permit(measure("a", line((0, 0), (104, 0)))))
    city.tell("permit:p-1", amended, minute=40)
    assert city.kinds() == ["SetUpDetected", "ExtentMeasured", "ExtentMeasured"]


def test_a_work_area_taken_out_of_the_order_loses_its_lights() -> None:
    city = working()
    amended = PermitAmended(permit=permit(measure("b", line((3000, 0), (3100, 0)))))
    city.tell("permit:p-1", amended, minute=40)
    city.wait_until(100)
    assert city.of(ClearedDetected)[0].site_id == SITE
    assert [key for key in city.rows.prefixed("cell:") if SITE in city.rows[key].sites] == []
    assert sorted(said.lights[0] for said in city.of(UnpermittedSiteSuspected)) == ["L00", "L05"]  # a crowd at each end


# --- unpermitted ---


def crowd(city: City, minute: float = 5, lamp: Any = "on", count: int = 3) -> None:
    for number in range(count):
        place(city, f"U{number}", minute + number, 500 + 20 * number, 0, lamp=lamp)


def test_three_lights_together_without_an_order_are_suspected() -> None:
    city = ordered()
    crowd(city)
    assert city.wait_until(16.9) == []
    city.wait_until(17.1)
    (said,) = city.of(UnpermittedSiteSuspected)
    assert (said.site_id, said.permit_id, said.measure_ids) == (suspect_id("U0"), None, ())
    assert (said.at, said.lights) == (at(7), ("U0", "U1", "U2"))
    x, y = to_metric(*said.centre)
    x0, y0 = to_metric(*shifted(520, 0))
    assert abs(x - x0) + abs(y - y0) < 0.5


def test_more_lights_join_a_suspicion_without_another_alarm() -> None:
    city = City()
    crowd(city, count=8)
    city.wait_until(30)
    assert len(city.said) == 1
    for number in range(8):
        leave(city, f"U{number}", 60)
    city.wait_until(100)
    assert [len(said.lights) for said in city.of(ClearedDetected)] == [8]


def test_lamps_that_are_lit_before_they_are_seen_to_leave_the_depot_are_not_suspected() -> None:
    city = City()
    crowd(city, lamp="off")
    for number in range(3):
        switch(city, f"U{number}", 60 + number, "on")
    for number in range(3):
        leave(city, f"U{number}", 67 + number)
    city.wait_until(200)
    assert city.said == []


def test_two_lights_or_lights_far_apart_or_off_are_not_suspected() -> None:
    city = City()
    crowd(city, count=2)
    for number in range(4):
        place(city, f"V{number}", 10, 1000, 29 * number)
    for number in range(4):
        place(city, f"W{number}", 20, 2000, number, lamp="off")
    assert city.said == []
    assert list(city.rows.prefixed("site:")) == []


def test_lights_in_a_depot_are_never_suspected() -> None:
    city = City([Depot("Bauhof", Point(shifted(600, 0)), 150.0)])
    crowd(city, count=10)
    assert city.said == []


def test_an_order_that_comes_later_ends_the_suspicion() -> None:
    city = City()
    crowd(city)
    city.tell("permit:p-1", approved(measure("a", line((480, 0), (580, 0)))), minute=30)
    city.wait_until(60)
    assert city.kinds()[:2] == ["UnpermittedSiteSuspected", "SetUpDetected"]
    assert [said.site_id for said in city.of(ClearedDetected)] == [suspect_id("U0")]


# --- the kernel's side ---


def test_facts_that_do_not_matter_are_skipped_and_unknown_ones_are_poison() -> None:
    city = City()
    city.tell("permit:p-1", PermitProgressed())
    city.tell("light:L1", LightFell(device_id="L1", at=at(0)))
    assert len(city.rows) == 0
    event = Event(
        id="1", type="de.leitbake.light.teleported.v9", stream="light:L1", version=1, time=0, recorded=0, data=b"{}"
    )
    with pytest.raises(UnknownTypeError):
        city.decider.decode(event)


def test_a_work_area_out_of_reach_or_endless_is_poison() -> None:
    for points in (((0, 0), (60_000, 0)), ((6_495_600, -5_561_000), (6_495_700, -5_561_000))):
        fact = approved(measure("a", line(*points)))
        event = Event(id="1", type=fact.TYPE, stream="permit:p-1", version=1, time=0, recorded=0, data=encode(fact))
        with pytest.raises(PoisonError):
            City().decider.decode(event)


def test_only_what_a_light_concerns_is_looked_at() -> None:
    city = City()
    for number in range(300):
        order = permit(measure(f"m{number}", line((0, 300 * number), (100, 300 * number))), number=f"n{number}")
        city.fold(f"permit:p-{number}", msgspec.structs.replace(approved(), permit=order))
    city.decide()
    for number in range(300):
        for spot in (0, 100):
            placed = LightPlaced(device_id=f"L{number}-{spot}", stand=stand(1, spot, 300 * number), lamp="on")
            city.fold(f"light:L{number}-{spot}", placed)
    city.decide()
    assert len(city.of(SetUpDetected)) == 300
    city.fold("light:L7-0", LightMovedAway(device_id="L7-0", at=at(2)))
    city.decide()
    assert city.looked <= {f"site:{site_id('p-7', 'mz-m7')}", "light:L7-0"}
    start = time.process_time()
    for step in range(100):
        awake = [f"light:L{step}-100"]
        city.decider.decide(city.rows, awake, city.now)
    assert (time.process_time() - start) / 100 < 3e-3


def test_the_order_in_which_facts_of_one_instant_are_told_does_not_show() -> None:
    def told(reverse: bool) -> list[Any]:
        city = ordered()
        facts = [
            (name, LightPlaced(device_id=name, stand=stand(1, east, north), lamp="on"))
            for name, east, north in rows_of_lights()
        ]
        for name, fact in reversed(facts) if reverse else facts:
            city.fold(f"light:{name}", fact)
        city.decide()
        city.wait_until(60)
        return [*city.said, {key: city.rows[key] for key in city.rows}]

    assert told(reverse=False) == told(reverse=True)
