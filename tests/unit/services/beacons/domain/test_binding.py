from typing import Any

import msgspec

from services.beacons.domain.areas import site_id, suspect_id
from services.beacons.domain.depots import Depot
from shared.contracts.base import Point
from shared.contracts.permits import (
    PermitAmended,
)
from shared.contracts.sites import (
    ClearedDetected,
    SetUpDetected,
    UnpermittedSiteSuspected,
)
from shared.geo.crs import to_metric
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
    switch,
)
from tests.unit.services.beacons.domain.lights import shifted
from tests.unit.services.beacons.domain.sites import SITE, collect, ordered, working

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
