"""`leitbake simulate` and `leitbake backtest`, as a user calls them: twice the same bytes, and files as promised."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from services.suite import recordings
from services.suite.city import generate
from services.suite.cli import leitbake
from shared.geo.citymap import save
from shared.geo.crs import metric_line
from shared.geo.network import RoadNetwork

ALARM = {"id", "kind", "at", "device_id", "site_id", "permit_number", "lonlat", "closed_at", "detail"}

FILES = {
    "permits": "permits.geojson",
    "devices": "devices.csv",
    "pings": "pings.ndjson",
    "depots": "depots.geojson",
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    call = ["simulate", "--seed", "5", "--sites", "4", "--lights", "24", "--hours", "6", "--out", str(folder)]
    assert CliRunner().invoke(leitbake, call, env={"LEITBAKE_DATA_DIR": str(folder / "data")}).exit_code == 0
    return folder


def backtest(inputs: Path, out: Path, *more: str) -> dict[str, bytes]:
    named = [word for name, file in FILES.items() for word in (f"--{name}", str(inputs / file))]
    call = ["backtest", *named, "--every", "30m", "--out", str(out), *more]
    done = CliRunner().invoke(leitbake, call, env={"LEITBAKE_DATA_DIR": str(inputs / "data")})
    assert done.exit_code == 0, done.output
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_the_same_recording_gives_the_same_bytes(inputs: Path, tmp_path: Path) -> None:
    one, two = backtest(inputs, tmp_path / "one"), backtest(inputs, tmp_path / "two")
    assert one == two
    feeds = [name for name in one if name.startswith("feed/")]
    assert len(feeds) >= 11  # six hours by halves, and nothing is published at the first instant
    assert all(name.endswith("Z.geojson") for name in feeds)
    assert json.loads(one[feeds[-1]])["features"]


def test_a_used_folder_holds_nothing_of_the_earlier_run(inputs: Path, tmp_path: Path) -> None:
    backtest(inputs, tmp_path / "used", "--every", "7m")
    (tmp_path / "used" / "feed" / "notes.geojson").write_text("mine")
    again = backtest(inputs, tmp_path / "used")
    assert again.pop("feed/notes.geojson") == b"mine"
    assert again == backtest(inputs, tmp_path / "fresh")


def test_trips_from_the_depot_are_no_alarms(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = backtest(inputs, out)
    moved = [line for line in files["events.ndjson"].splitlines() if b"light.moved_away.v1" in line]
    alarms = [json.loads(line) for line in files["alarms.ndjson"].splitlines()]
    told = [alarm for alarm in alarms if alarm["kind"] == "moved_away"]
    assert 0 < len(told) < len(moved)
    (inputs / "nowhere.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    nowhere = backtest(inputs, out, "--depots", str(inputs / "nowhere.geojson"))
    unknown = [line for line in nowhere["alarms.ndjson"].splitlines() if b'"moved_away"' in line]
    assert len(unknown) == nowhere["events.ndjson"].count(b"light.moved_away.v1")


def test_with_roads_places_are_measured_along_streets_and_the_feed_tells_of_them(inputs: Path, tmp_path: Path) -> None:
    city = generate(5)
    save(city, tmp_path / "city.json")
    files = backtest(inputs, tmp_path / "roads", "--roads", str(tmp_path / "city.json"))
    last = json.loads(files[max(name for name in files if name.startswith("feed/"))])["features"]
    assert {feature["properties"]["road_class"] for feature in last} > {"residential"}
    network = RoadNetwork(city)
    measured = [feature for feature in last if feature["properties"]["provenance"]["place"] == "measured"]
    assert measured
    for feature in measured:
        ways = network.ways(feature["properties"]["street"])
        street = shapely.unary_union([metric_line(way.coordinates) for way in ways])
        assert street.buffer(0.2).covers(metric_line(feature["geometry"]["coordinates"]))


@pytest.mark.parametrize("processors", [2, 3])
def test_shared_out_among_processors_it_gives_the_same_bytes(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    alone = backtest(inputs, tmp_path / "alone")
    monkeypatch.setattr(recordings, "WORTH_SHARING", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert backtest(inputs, tmp_path / "shared") == alone


def test_roads_that_cannot_be_read_are_named_with_their_fault(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "city.osm.pbf").write_bytes(b"no map")
    named = [word for name in ("permits", "devices", "pings") for word in (f"--{name}", str(inputs / FILES[name]))]
    call = ["backtest", *named, "--roads", str(tmp_path / "city.osm.pbf"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(leitbake, call)
    assert done.exit_code == 1
    assert "city.osm.pbf: " in done.output


def test_events_and_alarms_have_their_shape_and_order(inputs: Path, tmp_path: Path) -> None:
    files = backtest(inputs, tmp_path / "one")
    events = [json.loads(line) for line in files["events.ndjson"].splitlines()]
    decided = [datetime.fromisoformat(event["recorded"]) for event in events]
    assert decided == sorted(decided)
    assert {event["type"] for event in events} >= {
        "de.leitbake.permit.approved.v1",
        "de.leitbake.light.placed.v1",
        "de.leitbake.site.set_up_detected.v1",
        "de.leitbake.situation.published.v1",
    }
    alarms = [json.loads(line) for line in files["alarms.ndjson"].splitlines()]
    assert alarms
    assert all(set(alarm) == ALARM for alarm in alarms)


def test_a_file_that_cannot_be_read_is_named_with_its_fault(inputs: Path, tmp_path: Path) -> None:
    broken = tmp_path / "pings.ndjson"
    broken.write_text('{"device_id": "LT-0001", "event_time": "2026-03-02T06:00:00Z", "fix": "none"}\n')
    call = ["backtest", "--permits", str(inputs / "permits.geojson"), "--devices", str(inputs / "devices.csv")]
    done = CliRunner().invoke(leitbake, [*call, "--pings", str(broken), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "line 1: Object missing required field `received_time`" in done.output
