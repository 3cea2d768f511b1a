import re
from typing import Any

import pytest
from hypothesis import given, settings

from services.navfeed.domain.feature import Feature
from shared.contracts.permits import Measure, PermitApproved, PermitRevoked, WorksEnded, WorksInterrupted
from shared.contracts.sites import SetUpDetected
from tests.unit.services.navfeed.builders import KINDS, Feed, at, features_of, measure, measures, permit, site


def headline(now: str = "03-05 12:00", permit_changes: dict[str, Any] | None = None, **changes: Any) -> str:
    return features_of(measure(**changes), now=now, **(permit_changes or {}))[0].headline


def test_an_active_closure_between_two_streets() -> None:
    section: dict[str, Any] = {"from_street": "Kaiserstraße", "to_street": "Bauhofstraße", "end": at("03-14 17:00")}
    assert headline(**section) == "Rheinstraße zwischen Kaiserstraße und Bauhofstraße: Vollsperrung bis 14. März 2026."


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("03-14 17:00", "vom 2. bis 14. März 2026"),
        ("04-01 17:00", "vom 2. März bis 1. April 2026"),
        ("03-02 17:00", "am 2. März 2026"),
    ],
)
def test_a_planned_closure_says_its_period(end: str, words: str) -> None:
    assert headline("02-25 12:00", end=at(end)) == f"Rheinstraße: Vollsperrung {words}."


def test_a_period_over_new_year_says_both_years() -> None:
    text = headline("12-01 12:00", start=at("12-20 08:00"), end=at("12-31 23:30"))
    assert text == "Rheinstraße: Vollsperrung vom 20. Dezember 2026 bis 1. Januar 2027."


def test_days_are_those_of_berlin_and_midnight_belongs_to_the_day_before() -> None:
    assert headline(end=at("03-14 23:00")).endswith("bis 14. März 2026.")
    assert headline(end=at("03-14 23:01")).endswith("bis 15. März 2026.")


def test_days_within_a_period() -> None:
    within = {"occupation": "within"}
    assert (
        headline(permit_changes=within) == "Rheinstraße: Vollsperrung zeitweise im Zeitraum vom 2. bis 13. März 2026."
    )
    two = headline(permit_changes=within | {"expected_days": 2})
    assert two == "Rheinstraße: Vollsperrung an 2 Tagen im Zeitraum vom 2. bis 13. März 2026."
    assert "an einem Tag im" in headline(permit_changes=within | {"expected_days": 1})


def test_every_other_status_has_its_words() -> None:
    def of(feed: Feed) -> str:
        return feed.features[0].headline

    feeds = [Feed() for _ in range(4)]
    for feed in feeds:
        feed.tell("02-20 12:00", PermitApproved(permit()))
    suspended, over, ended, cancelled = feeds
    suspended.tell("03-05 12:00", WorksInterrupted(at("03-05 12:00")))
    assert of(suspended) == "Rheinstraße: Vollsperrung bis 13. März 2026, derzeit unterbrochen."
    over.tell("03-02 08:00", site(SetUpDetected, "03-02 08:00"))
    over.at("03-13 16:00")
    assert of(over) == "Rheinstraße: Vollsperrung dauert über den 13. März 2026 hinaus an."
    ended.tell("03-09 12:00", WorksEnded(at("03-09 12:00")))
    assert of(ended) == "Rheinstraße: Vollsperrung am 9. März 2026 beendet."
    cancelled.tell("03-01 12:00", PermitRevoked(at("03-01 12:00")))
    assert of(cancelled) == "Rheinstraße: Vollsperrung entfällt."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "alternating", "control": "signals"}, "halbseitige Sperrung mit Ampelregelung"),
        ({"kind": "lanes_closed", "lanes_closed": 1, "lanes_total": 2}, "Fahrstreifeneinschränkung (1 von 2 gesperrt)"),
        ({"kind": "narrowed", "residual_width_m": 3.25}, "Fahrbahneinengung (Restbreite 3,25 m)"),
        ({"kind": "speed_limit", "speed_limit_kph": 30}, "Geschwindigkeitsbeschränkung auf 30 km/h"),
        ({"kind": "detour", "detour": "U5"}, "Umleitung U5"),
        ({"house_numbers": "12-20"}, "Rheinstraße 12–20: Vollsperrung"),
        ({"from_street": "Kaiserstraße"}, "Rheinstraße ab Kaiserstraße: Vollsperrung"),
        ({"to_street": "Kaiserstraße"}, "Rheinstraße bis Kaiserstraße: Vollsperrung"),
        ({"street": " "}, "Baustelle: Vollsperrung"),
    ],
)
def test_details_are_told(changes: dict[str, Any], words: str) -> None:
    assert f"{words} bis" in headline(**changes)


def test_every_kind_has_its_own_words() -> None:
    assert len({headline(kind=kind) for kind in KINDS}) == len(KINDS)


@settings(max_examples=60, deadline=None)
@given(measures())
def test_any_measure_gets_one_line_that_ends_with_a_stop(some: Measure) -> None:
    features: list[Feature] = features_of(some, now="06-15 12:00")
    assert all(re.search(r": .+\.$", feature.headline, re.DOTALL) for feature in features)
