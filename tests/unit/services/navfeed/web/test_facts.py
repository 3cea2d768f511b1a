"""Times and places of a detail, each with who says so."""

from datetime import date
from typing import Any

import pytest

from services.navfeed.domain.feature import Provenance, Schedule
from services.navfeed.web.facts import facts
from services.navfeed.web.shown import Roadwork
from shared.contracts.base import Geometry
from tests.unit.services.navfeed.builders import AREA, POINT, at
from tests.unit.services.navfeed.web.works import NOW, told, work


def said(one: Roadwork) -> dict[str, tuple[str, str]]:
    return {fact.name: (fact.value, fact.source) for fact in facts(one.properties, NOW)}


def test_an_order_alone_is_named_as_the_source_of_everything() -> None:
    found = said(work())
    assert found["Beginn"] == ("2. März, 9 Uhr", "laut Anordnung")
    assert found["Voraussichtliches Ende"] == ("13. März, 17 Uhr", "laut Anordnung")
    assert found["Lage"] == ("Anfang und Ende", "laut Anordnung")
    assert "Warnleuchten" not in found


@pytest.mark.parametrize("place", [POINT, AREA])
def test_a_point_and_an_area_have_no_ends(place: Geometry) -> None:
    assert said(work(geometry=place))["Lage"] == ("laut Anordnung", "")


def test_each_end_of_a_half_measured_place_names_its_own_source() -> None:
    provenance = Provenance(
        place="measured", place_from="measured", place_to="ordered", start="measured", end="ordered"
    )
    half = told(work(), provenance=provenance, observed_at=at("03-05 13:03"), place_accuracy_m=4.2, observed_lights=9)
    found = said(half)
    assert found["Anfang"] == ("Lage", "gemessen um 14:03 Uhr, auf etwa 5 m genau")
    assert found["Ende"] == ("Lage", "laut Anordnung")
    assert found["Warnleuchten"] == ("9 erkannt", "zuletzt um 14:03 Uhr")
    assert found["Beginn"][1] == "von Warnleuchten gemessen"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weekdays": (1, 2, 3, 4, 5)}, "montags bis freitags"),
        ({"weekdays": (6, 3)}, "mittwochs und samstags"),
        ({"daily_from": "07:00", "daily_to": "16:00"}, "07:00 bis 16:00 Uhr"),
        ({"weekdays": (7,), "except_": (date(2026, 3, 8),)}, "sonntags, nicht am 8. März"),
    ],
)
def test_daily_times_are_said_in_short(changes: dict[str, Any], words: str) -> None:
    plain: dict[str, Any] = {"daily_from": None, "daily_to": None, "weekdays": None, "except_": ()}
    assert said(told(work(), schedule=Schedule(**(plain | changes))))["Gilt"] == (words, "laut Anordnung")


def test_what_is_late_or_open_says_so() -> None:
    late = said(told(work(), status="overrunning"))["Vorläufiges Ende"]
    assert late == ("13. März, 17 Uhr", "fortgeschrieben, solange Warnleuchten stehen")
    assert said(told(work(), end=None))["Voraussichtliches Ende"][0] == "offen"
