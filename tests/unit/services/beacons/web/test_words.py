from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from services.beacons.api.schemas import ALARM_KINDS, SITE_STATES
from services.beacons.web.words import ALARMS, KINDS, LAMPS, SITES, stamp, states
from shared.contracts.devices import DeviceKind, Lamp

NOW = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
QUIET: dict[str, Any] = {
    "silent_since": None, "fallen": False, "lamp_failed": False, "battery_low": False, "moved_at": None,
    "standing_since": None, "lamp": "unknown", "registered": True,
}  # fmt: skip


def test_there_are_german_words_for_everything_that_can_be() -> None:
    assert KINDS.keys() == set(get_args(DeviceKind))
    assert LAMPS.keys() == set(get_args(Lamp))
    assert ALARMS.keys() == set(ALARM_KINDS)
    assert SITES.keys() == set(SITE_STATES)


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (None, "–"),  # noqa: RUF001  # a dash
        (datetime(2026, 3, 2, 13, 3, tzinfo=UTC), "heute 14:03 Uhr"),
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), "gestern 23:59 Uhr"),
        (datetime(2026, 3, 1, 23, 1, tzinfo=UTC), "heute 00:01 Uhr"),
        (datetime(2026, 2, 1, 8, 5, tzinfo=UTC), "01.02.2026, 09:05 Uhr"),
    ],
)
def test_instants_are_told_as_people_in_berlin_say_them(instant: datetime | None, words: str) -> None:
    assert stamp(instant, NOW) == words


def test_troubles_are_told_first() -> None:
    assert states(QUIET) == ["noch nichts gehört"]
    assert states(QUIET | {"standing_since": NOW, "lamp": "on", "silent_since": NOW, "battery_low": True}) == [
        "ohne Signal",
        "Batterie schwach",
        "steht",
        "Lampe leuchtet",
    ]
    assert states(QUIET | {"registered": False}) == ["abgemeldet"]
