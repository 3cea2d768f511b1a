"""A simulated fleet on the streets of Heidelberg, its orders drawn by hand: measured along the streets, or not."""

from statistics import median
from typing import NamedTuple

import pytest
import shapely
from rich.console import Console

from benchmarks.truth import share
from benchmarks.truth_compare import Outcome, Report, run
from benchmarks.truth_drawn import by_hand
from services.suite.simulate import Signal, day
from shared.geo.crs import metric_line
from shared.geo.importing import read_city
from shared.geo.network import RoadNetwork
from tests.conftest import data_folder

FILE = data_folder() / "osm" / "heidelberg.osm.pbf"
DRAWN_M = 5.0


class Heidelberg(NamedTuple):
    network: RoadNetwork
    along_streets: Report
    along_orders: Report


@pytest.fixture(scope="module")
def heidelberg() -> Heidelberg:
    if not FILE.is_file():
        pytest.skip(f"no test data at {FILE}: set LEITBAKE_TESTDATA")
    city = read_city(FILE)
    network = RoadNetwork(city)
    scenario = by_hand(day(city, 1, sites=11, lights=77, hours=8, signal=Signal(drift_m=3.0)), DRAWN_M)
    return Heidelberg(network, run(scenario, network=network), run(scenario))


def test_errors_against_the_truth_are_metres_and_smaller_along_the_streets(
    heidelberg: Heidelberg, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {}
    for name, of in (("ends", Outcome.end_errors), ("lines", Outcome.line_errors)):
        streets, orders = heidelberg.along_streets.errors(of), heidelberg.along_orders.errors(of)
        figures[name] = (median(streets), share(streets, 95)), (median(orders), share(orders, 95))
    with capsys.disabled():
        for name, pairs in figures.items():
            along = ["{:.1f} m median, {:.1f} m at 95 %".format(*pair) for pair in pairs]
            Console().print(f"\nHeidelberg, {name} off: along streets {along[0]}; along orders {along[1]}")
    assert figures["ends"][0][0] < 3
    assert figures["ends"][0][1] < 12
    assert figures["lines"][0][0] < figures["lines"][1][0]
    assert heidelberg.along_streets.missed() == heidelberg.along_streets.invented() == []


def test_every_site_is_measured_on_the_street_that_it_stands_on(heidelberg: Heidelberg) -> None:
    for outcome in heidelberg.along_streets.outcomes:
        assert outcome.extent is not None, outcome.site.street
        ways = heidelberg.network.ways(outcome.site.street)
        street = shapely.unary_union([metric_line(way.coordinates) for way in ways])
        told = metric_line(outcome.extent.extents[0].line.coordinates)
        assert street.buffer(0.5).covers(told), outcome.site.street


def test_no_light_is_left_out_or_belongs_to_another_site(heidelberg: Heidelberg) -> None:
    report = heidelberg.along_streets
    assert (report.left_out, report.foreign, report.suspects.elsewhere) == (0, 0, 0)
