from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from services.beacons.application.registry import read_csv
from services.permits.adapters import geojson_import
from services.suite.simulate import Scenario, TooFewStreetsError, day, devices_csv, permits
from services.suite.simulate.day import EACH
from services.suite.simulate.scenario import Site
from shared.geo.citymap import CityMap
from shared.geo.crs import metric_line, to_metric, to_metric_array
from shared.geo.linear import project
from shared.geo.network import RoadNetwork


def ordered_ends(site: Site) -> list[float]:
    """Metres along the street from each ordered end to the true one."""
    assert site.line is not None
    true = metric_line(site.line.coordinates)
    drawn = site.features[0]["geometry"]["coordinates"]
    ends = project(true, to_metric_array(np.array([drawn[0], drawn[-1]])), extended=True).offset.tolist()
    return [ends[0], ends[1] - true.length]


def test_every_behaviour_occurs_where_there_are_sites_enough(scenario: Scenario) -> None:
    assert {site.behaviour for site in scenario.sites} == set(EACH)


def test_the_same_seed_gives_the_same_day_and_another_one_another(town: CityMap, scenario: Scenario) -> None:
    assert day(town, 3, sites=12, lights=96) == scenario
    assert day(town, 4, sites=12, lights=96) != scenario


def test_all_lights_are_handed_out_once(scenario: Scenario) -> None:
    assert len({light.device_id for light in scenario.lights}) == 96
    assert set(Counter(light.site for light in scenario.lights).values()) == {8}


def test_orders_follow_their_street_and_lie_between_two_crossings(town: CityMap, scenario: Scenario) -> None:
    network = RoadNetwork(town)
    for site in scenario.sites:
        for feature in site.features[:1]:
            line = metric_line(tuple(map(tuple, feature["geometry"]["coordinates"])))
            path = network.street_path(site.street, line)
            assert path is not None
            assert path.buffer(0.5).contains(line)
            assert network.passed(site.street, line) == ()
            assert {feature["properties"]["from_street"], feature["properties"]["to_street"]} <= set(network.streets())


def test_sites_stand_where_ordered_or_30_to_40_metres_beside(scenario: Scenario) -> None:
    for site in scenario.sites:
        if site.line is None or not site.features:
            continue
        least, most = (20, 50) if site.behaviour == "shifted" else (0, 10)
        for off in ordered_ends(site):
            assert least <= abs(off) <= most, site.key


def test_sites_keep_apart(scenario: Scenario) -> None:
    lines = [metric_line(site.line.coordinates) for site in scenario.sites if site.line]
    assert min(one.distance(other) for one, other in combinations(lines, 2)) > 100


def test_the_importer_takes_every_order_as_it_is(scenario: Scenario) -> None:
    imported = geojson_import.read(geojson_import.load(permits(scenario)), geojson_import.Origin("de-mainz"))
    assert {report.outcome for report in imported.report} == {"taken"}
    assert [sentence for report in imported.report for sentence in report.sentences] == []
    assert len(imported.permits) == 11
    assert all(incoming.content.permit.applicant for incoming in imported.permits)


def test_the_registry_takes_every_light_and_binds_only_to_orders(scenario: Scenario) -> None:
    devices, refused = read_csv(devices_csv(scenario))
    numbers = {site.permit_number for site in scenario.sites if site.permit_number}
    assert not refused
    assert len(devices) == 96
    assert {device.permit_number for device in devices if device.permit_number} <= numbers


@pytest.mark.parametrize("seed", range(5))
def test_nobody_comes_to_a_ghost_though_lights_are_bound_to_it(town: CityMap, seed: int) -> None:
    made = day(town, seed, sites=5, lights=20)
    ghost = next(site for site in made.sites if site.behaviour == "ghost")
    lights = [light for light in made.lights if light.site == ghost.key]
    assert ghost.stand is None
    assert all(light.permit_number == ghost.permit_number for light in lights)
    assert all(leg.lamp == "off" for light in lights for leg in light.legs)


def test_lights_crowd_in_rows_at_the_true_ends(scenario: Scenario) -> None:
    for site in scenario.sites:
        if site.line is None:
            continue
        line = metric_line(site.line.coordinates)
        places = [leg.place for light in scenario.lights if light.site == site.key for leg in light.legs[2:3]]
        along = project(line, np.array([to_metric(*place) for place in places]), extended=True).offset
        assert np.count_nonzero(np.abs(along) < 2) == 3
        assert np.count_nonzero(np.abs(along - line.length) < 2) == 3


def test_a_town_without_room_says_so(town: CityMap) -> None:
    with pytest.raises(TooFewStreetsError, match="Schachbrett"):
        day(town, 1, sites=500)
