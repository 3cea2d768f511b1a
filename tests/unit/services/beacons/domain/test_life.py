from typing import Any

import pytest

from shared.contracts.devices import (
    DeviceRetired,
    LightBecameSilent,
    LightRecovered,
)
from shared.contracts.permits import (
    EndReverted,
    PermitExtended,
    PermitRevoked,
    WorksEnded,
    WorksInterrupted,
)
from shared.contracts.sites import (
    ClearedDetected,
    NotSetUp,
    Overrunning,
    SetUpDetected,
    SiteBecameSilent,
    SiteRecovered,
)
from tests.unit.services.beacons.domain.city import (
    STREET,
    City,
    approved,
    at,
    leave,
    line,
    measure,
    place,
    refine,
    register,
    rows_of_lights,
    set_up,
    switch,
)
from tests.unit.services.beacons.domain.sites import SITE, collect, ordered, working

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
