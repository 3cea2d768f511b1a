"""A simulated day against the truth behind it, with generous bounds: what must never be missed or made up."""

from statistics import median

import pytest

from benchmarks.truth_compare import Outcome, Report, recording, run
from services.suite.city import generate
from services.suite.simulate import Scenario, Signal, day
from shared.contracts.sites import NotSetUp
from shared.geo.citymap import CityMap


@pytest.fixture(scope="module")
def city() -> CityMap:
    return generate(1)


@pytest.fixture(scope="module")
def scenario(city: CityMap) -> Scenario:
    return small(city)


def small(city: CityMap) -> Scenario:
    return day(city, 1, sites=11, lights=88, hours=16, signal=Signal(drift_m=2.5))


@pytest.fixture(scope="module")
def report(scenario: Scenario) -> Report:
    return run(scenario)


def test_the_same_seed_gives_the_same_recording(city: CityMap, scenario: Scenario) -> None:
    again, before = recording(small(city)), recording(scenario)
    assert [share() for share in again.pings] == [share() for share in before.pings]
    assert again._replace(pings=()) == before._replace(pings=())


def test_no_site_is_missed_and_none_is_made_up(report: Report) -> None:
    assert report.missed() == []
    assert report.invented() == []
    assert report.suspects[:2] == (1, 1)


def test_no_clearing_is_missed_and_none_is_made_up(report: Report) -> None:
    assert report.not_cleared() == []
    assert report.cleared_falsely() == []


def test_a_ghost_is_found(report: Report) -> None:
    assert [bool(ghost.all(NotSetUp)) for ghost in report.ghosts] == [True]


def test_set_up_and_clearing_are_known_within_half_an_hour(report: Report) -> None:
    assert 0 < max(report.delays(Outcome.set_up_delay)) < 30
    assert 0 < max(report.delays(Outcome.cleared_delay)) < 30


def test_ends_are_measured_within_metres(report: Report) -> None:
    assert all(outcome.extent is not None for outcome in report.outcomes)
    straight = [outcome for outcome in report.outcomes if outcome.site.behaviour != "shifted"]
    errors = [error for outcome in straight for error in outcome.end_errors()]
    assert median(errors) < 4
    assert max(errors) < 20


def test_lights_belong_to_their_site(report: Report) -> None:
    assert report.foreign == 0
    assert report.left_out <= 0.1 * report.bound


def test_what_befalls_lights_is_told(report: Report) -> None:
    assert {kind: found for kind, (found, true) in report.incidents.items() if found < true} == {}
    assert report.false_alarms == 0
