from typing import Any, get_args

import msgspec
import pytest

from services.beacons.domain.gate import GERMAN, Reason, ServiceArea, gate, gate_time
from shared.clock import HOUR_US, MINUTE_US, SECOND_US, from_micros
from tests.unit.services.beacons.domain.lights import T0, ping


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, None),
        ({"accuracy_m": 100.0}, None),
        ({"accuracy_m": 101.0}, "inaccurate"),
        ({"accuracy_m": None}, None),
        ({"lon": 0.0, "lat": 0.0}, "null_island"),
        ({"lon": 0.004, "lat": -0.004}, "null_island"),
        ({"lon": 8.27, "lat": 0.0}, None),
        ({"lon": None}, "no_position"),
        ({"fix": "cached"}, "no_fix"),
        ({"fix": "failed"}, "no_fix"),
        ({"fix": "none", "lon": None, "lat": None}, "no_fix"),
        ({"fix_time": from_micros(T0 - 5 * MINUTE_US)}, None),
        ({"fix_time": from_micros(T0 - 5 * MINUTE_US - SECOND_US)}, "stale_fix"),
        ({"fix_time": from_micros(T0 + 2 * SECOND_US)}, None),
        ({"fix_time": from_micros(T0 + 2 * MINUTE_US)}, "fix_after_event"),
    ],
)
def test_a_ping_moves_its_light_only_with_a_sound_fix(members: dict[str, Any], reason: Reason | None) -> None:
    assert gate(msgspec.structs.replace(ping(0), **members)) == reason


@pytest.mark.parametrize(("east", "reason"), [(0, None), (60_000, "outside_service_area")])
def test_a_service_area_keeps_out_what_lies_beyond(east: float, reason: Reason | None) -> None:
    assert gate(ping(0, east), ServiceArea(8.1, 49.9, 8.4, 50.1)) == reason


@pytest.mark.parametrize(
    ("time", "newest", "reason"),
    [
        (T0, 0, None),
        (T0, T0 + HOUR_US, None),
        (T0, T0 + HOUR_US + 1, "too_late"),
        (T0 + 70 * MINUTE_US, T0, "from_future"),
        (T0 + 65 * MINUTE_US, T0, None),
        (0, 0, "too_late"),
        (-1, 0, "too_late"),
    ],
)
def test_a_message_counts_within_an_hour_of_the_newest_and_not_before_it_was_sent(
    time: int, newest: int, reason: Reason | None
) -> None:
    assert gate_time(time, newest, T0 + HOUR_US) == reason


def test_every_reason_has_a_german_sentence() -> None:
    assert set(GERMAN) == set(get_args(Reason))
    assert all(sentence.endswith(".") for sentence in GERMAN.values())
