import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.beacons.domain.areas import named, site_id, work_areas
from shared.contracts.permits import Measure
from tests.unit.services.beacons.domain.city import line, measure


def groups(*measures: Measure) -> list[list[str]]:
    return [[one.key for one in group] for group in work_areas(measures)]


def at_metre(name: str, east: float, **members: Any) -> Measure:
    return measure(name, line((east, 0), (east + 50, 0)), **members)


def test_measures_within_25_m_share_a_work_area_also_over_a_third_one() -> None:
    assert groups(at_metre("a", 0), at_metre("c", 148), at_metre("b", 74)) == [["a", "c", "b"]]


def test_measures_farther_apart_do_not() -> None:
    assert groups(at_metre("a", 0), at_metre("b", 76)) == [["a"], ["b"]]


def test_detours_join_nothing() -> None:
    assert groups(at_metre("d", 60, kind="detour"), at_metre("a", 0), at_metre("b", 120)) == [["a"], ["b"]]


def test_an_area_goes_on_under_its_name_when_a_measure_comes_before_it() -> None:
    old = named("p", [["a", "b"]], [])
    assert old == [site_id("p", "a")]
    assert named("p", [["n", "a", "b"]], [(old[0], ["a", "b"])]) == old


def test_an_area_that_falls_apart_goes_on_where_its_first_measure_is() -> None:
    assert named("p", [["b"], ["a"]], [(site_id("p", "a"), ["a", "b"])]) == [site_id("p", "b"), site_id("p", "a")]


def test_an_area_that_lost_its_first_measure_keeps_its_name() -> None:
    assert named("p", [["b"]], [(site_id("p", "a"), ["a", "b"])]) == [site_id("p", "a")]


@given(st.text(), st.text())
def test_site_ids_are_public_identifiers(permit: str, first: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,64}", site_id(permit, first))
