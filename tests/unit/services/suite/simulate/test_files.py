import json
from pathlib import Path

import pytest

from services.suite.simulate import Scenario, day, pings, write
from services.suite.simulate.scenario import Light
from shared.geo.citymap import CityMap

NAMES = ["depots.geojson", "devices.csv", "permits.geojson", "pings.ndjson", "truth.json"]


@pytest.fixture(scope="module")
def folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("simulated") / "out"
    write(scenario, path)
    return path


def test_five_files_are_written_and_the_same_seed_gives_the_same_bytes(
    town: CityMap, folder: Path, tmp_path: Path
) -> None:
    write(day(town, 3, sites=12, lights=96), tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == NAMES
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_recorded_pings_carry_the_time_at_which_they_were_received(folder: Path) -> None:
    lines = (folder / "pings.ndjson").read_bytes().splitlines()
    first = json.loads(lines[0])
    assert first["received_time"] >= first["event_time"]


def test_a_recording_ends_for_the_whole_fleet_at_once(scenario: Scenario, folder: Path) -> None:
    lines = (folder / "pings.ndjson").read_bytes().splitlines()
    received = [sent.received for sent in pings(scenario)]
    assert received[-1] >= scenario.end  # some straggle in
    assert len(lines) == sum(1 for time in received if time < scenario.end)


def test_the_truth_tells_of_every_site_where_and_when_it_stood(scenario: Scenario, folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_bytes())
    sites = {site["behaviour"]: site for site in truth["sites"]}
    assert len(truth["sites"]) == len(scenario.sites)
    assert sites["ghost"]["line"] is None
    assert sites["ghost"]["begins"] is None
    assert sites["unpermitted"]["permit_number"] is None
    assert sites["unpermitted"]["line"]["type"] == "LineString"
    assert sites["early"]["begins"] < sites["early"]["complete"] < sites["early"]["ends"]
    assert sites["silent"]["ends"] is None


def test_the_truth_names_every_incident(scenario: Scenario, folder: Path) -> None:
    told = json.loads((folder / "truth.json").read_bytes())["incidents"]
    kinds = {incident["kind"] for incident in told}
    assert kinds == {"nudged", "moved_away", "became_silent", "battery_low", "lamp_failed", "fell"}
    fell = next(incident for incident in told if incident["kind"] == "fell")
    light: Light = next(light for light in scenario.lights if light.device_id == fell["device_id"])
    assert any(leg.fallen for leg in light.legs)


def test_depots_are_points_with_a_radius(folder: Path) -> None:
    features = json.loads((folder / "depots.geojson").read_bytes())["features"]
    assert len(features) == 2
    for feature in features:
        assert feature["geometry"]["type"] == "Point"
        assert feature["properties"]["radius_m"] > 0
        assert feature["properties"]["name"]
