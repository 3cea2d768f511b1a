"""One permit and its lights from door to feed, in memory: ordered, set up, measured, cleared early, gone."""

import json
from datetime import datetime
from typing import Any

import pytest

from services.navfeed.adapters.rendering import Imprint
from services.suite.backtest import Recording, Replayed, replay
from shared.clock import DAY_US, HOUR_US, MINUTE_US, Micros, from_micros
from shared.events.envelope import Event
from tests.support.city import START_US, approved, registered, rows, standing

IMPRINT = Imprint("Stadt Mainz", "dl-de/by-2-0", "Stadt Mainz", "DE-Mainz")


def run(pings: list[Event], end: Micros, **permit: Any) -> Replayed:
    lights = sorted({event.stream.partition(":")[2] for event in pings})
    recording = Recording(
        permits=[approved(**permit)],
        registry=[registered(device, "45-2026-0001") for device in lights],
        pings=[lambda: pings],
        start=START_US,
        end=end,
    )
    return replay(recording, namespace="de-mainz", imprint=IMPRINT)


def feature(replayed: Replayed, at: Micros) -> dict[str, Any] | None:
    document = replayed.ledger.document("roadworks.geojson", from_micros(at))
    assert document is not None
    features = json.loads(document.data)["features"]
    assert len(features) <= 1
    return features[0]["properties"] if features else None


@pytest.fixture(scope="module")
def day() -> Replayed:
    pings = [
        e for device, along in rows(8, 112) for e in standing(device, along, START_US + HOUR_US, START_US + 5 * HOUR_US)
    ]
    away = [
        e for device, _ in rows(8, 112) for e in standing(device, 3_000, START_US + 5 * HOUR_US, START_US + 9 * HOUR_US)
    ]
    return run([*pings, *away], START_US + 30 * HOUR_US)


def test_before_the_lights_come_the_feed_says_what_was_ordered(day: Replayed) -> None:
    said = feature(day, START_US + 30 * MINUTE_US)
    assert said is not None
    assert said["provenance"]["place"] == "ordered"
    assert said["status"] == "active"


def test_with_the_lights_the_place_is_measured(day: Replayed) -> None:
    said = feature(day, START_US + 3 * HOUR_US)
    assert said is not None
    assert said["on_site"] == "set_up"
    assert said["provenance"]["place"] == "measured"
    assert said["measured"]["geometry"]["type"] == "LineString"


def test_cleared_early_is_published_as_an_end_kept_for_a_day_and_dropped(day: Replayed) -> None:
    said = feature(day, START_US + 7 * HOUR_US)
    assert said is not None
    assert said["status"] == "ended"
    assert said["on_site"] == "cleared"
    assert said["provenance"]["end"] == "measured"
    ended = datetime.fromisoformat(said["end"])
    assert abs((ended - from_micros(START_US + 5 * HOUR_US)).total_seconds()) < 900
    assert feature(day, START_US + 29 * HOUR_US + 30 * MINUTE_US) is None


def test_versions_grow_by_one_and_ids_stay(day: Replayed) -> None:
    versions = [entry.version for entry, _, _ in day.ledger.history("de-mainz-p1-1")]
    assert versions == list(range(1, len(versions) + 1))
    assert [entry.change for entry, _, _ in day.ledger.history("de-mainz-p1-1")][-2:] == ["ended", "removed"]


def test_the_same_recording_gives_the_same_events_and_bytes() -> None:
    pings = [e for device, along in rows(8, 112) for e in standing(device, along, START_US, START_US + 2 * HOUR_US)]
    one, two = (run(list(order), START_US + DAY_US) for order in (pings, pings[::-1]))
    assert one.events == two.events
    assert one.ledger.document("datex2/container.xml") == two.ledger.document("datex2/container.xml")
