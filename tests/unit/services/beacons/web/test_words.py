from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from services.beacons.api.schemas import ALARM_KINDS, SITE_STATES
from services.beacons.application import fleet_search
from services.beacons.application.fleet_binding import Binding, Reason
from services.beacons.application.fleet_light import SeenFix, Verdict
from services.beacons.web.words import (
    ALARMS,
    KINDS,
    LAMPS,
    SITES,
    STATES,
    STORIES,
    TROUBLES,
    about,
    alarm,
    metres,
    stamp,
    states,
    streets,
    verdict,
    why,
)
from shared import contracts
from shared.contracts.devices import DeviceKind, Lamp, LightRefined, Trouble

NOW = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
QUIET: dict[str, Any] = {
    "silent_since": None, "fallen": False, "lamp_failed": False, "battery_low": False, "moved_at": None,
    "lon": None, "standing_since": None, "lamp": "unknown", "registered": True,
}  # fmt: skip


def test_there_are_german_words_for_everything_that_can_be() -> None:
    assert KINDS.keys() == set(get_args(DeviceKind))
    assert LAMPS.keys() == set(get_args(Lamp))
    assert ALARMS.keys() == set(ALARM_KINDS)
    assert SITES.keys() == set(SITE_STATES)
    assert STATES.keys() == fleet_search.STATES.keys()
    assert TROUBLES.keys() == set(get_args(Trouble))
    told = {name for name in contracts.REGISTRY if name.startswith(("de.leitbake.light.", "de.leitbake.device."))}
    assert {fact.TYPE for fact in STORIES} == told - {LightRefined.TYPE}


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_of_a_binding_is_a_german_sentence(reason: Reason) -> None:
    said = why(Binding(reason, "s1", 6.2, 25.0, "Bauhof Nord"), "45-2026-0001")
    assert said.endswith(".")
    assert "None" not in said


@pytest.mark.parametrize("kind", get_args(Verdict))
def test_every_verdict_on_a_fix_has_its_reason(kind: Verdict) -> None:
    said = verdict(SeenFix(NOW, 8.27, 50.0, 4.0, 30.0, 40.0, 15.0, kind))
    assert said
    if kind == "outlier":
        assert said == "Ausreißer: 50,0 m vom Standort, erlaubt sind 15,0 m"


@pytest.mark.parametrize(
    ("value", "exact", "said"),
    [
        (0.04, "0,0 m", "0 m"),
        (4.44, "4,4 m", "4 m"),
        (38.0, "38,0 m", "40 m"),
        (412.0, "412 m", "410 m"),
        (1_234, "1,2 km", "1,2 km"),
    ],
)
def test_distances_are_written_the_german_way(value: float, exact: str, said: str) -> None:
    assert metres(value) == exact
    assert about(value) == said


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (None, "–"),
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
    assert states(QUIET | {"lon": 8.27}) == ["aus dem Lager unterwegs"]
    assert states(QUIET | {"lon": 8.27, "moved_at": NOW}) == ["vom Platz bewegt"]


def test_an_alarm_says_how_bad_it_is_where_that_is_known() -> None:
    assert alarm("deviation", {"deviation_m": 41.7}) == "Lage weicht um etwa 40 m ab"
    assert alarm("battery_low", {"battery_pct": 11.6}) == "Batterie schwach (12 %)"
    assert alarm("fell", {}) == "Umgefallen"
    assert alarm("deviation", {}) == "Lage weicht ab"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["A"], "A"),
        (["A", "B"], "A und B"),
        (["A", "B", "C"], "A, B und eine weitere"),
        (["A", "B", "C", "D"], "A, B und 2 weitere"),
    ],
)
def test_a_few_streets_are_named_and_more_are_counted(names: list[str], said: str) -> None:
    assert streets(names) == said
