"""Every row of the table of what we know, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from services.navfeed.domain.feature import Claim, Provenance
from services.navfeed.web import times
from services.navfeed.web.words import Badge, Truth, badges, deviates, sentences
from shared.contracts.base import LineString, Point

NOW = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)  # 14:30 in Berlin
LINE = LineString(((8.2600, 50.0), (8.2620, 50.0)))
SOUTH = LineString(((8.2600, 49.99964), (8.2620, 49.99964)))  # about 40 m
ORDER = Claim(geometry=LINE, start=datetime(2026, 3, 3, 6, tzinfo=UTC), end=datetime(2026, 3, 14, 16, tzinfo=UTC))


def truth(place: str = "ordered", ended: str = "ordered", **changes: Any) -> Truth:
    provenance = Provenance(place=place, place_from=place, place_to=place, start="ordered", end=ended)  # type: ignore[arg-type]  # words of a test
    plain: dict[str, Any] = {
        "status": "active",
        "on_site": "set_up",
        "provenance": provenance,
        "start": ORDER.start,
        "end": ORDER.end,
        "ordered": ORDER,
        "measured": None,
        "deviation_m": None,
        "place_accuracy_m": None,
        "observed_at": None,
    }
    return Truth(**(plain | changes))


MEASURED = truth(
    "measured",
    measured=Claim(geometry=LINE, start=None, end=None),
    deviation_m=4.0,
    place_accuracy_m=4.2,
    observed_at=datetime(2026, 3, 2, 13, 3, tzinfo=UTC),
)
APART = replace(MEASURED, measured=Claim(geometry=SOUTH, start=None, end=None), deviation_m=40.4)
SILENT = replace(MEASURED, on_site="silent", observed_at=datetime(2026, 3, 2, 12, 22, tzinfo=UTC))

ROWS = [
    (truth(status="planned"), ["Angeordnet", "Geplant"], ["laut Anordnung ab 3. März"]),
    (MEASURED, ["Gemessen"], ["gemessen um 14:03 Uhr, auf etwa 5 m genau"]),
    (
        APART,
        ["Lage weicht ab"],
        ["steht etwa 40 m weiter südlich als angeordnet", "gemessen um 14:03 Uhr, auf etwa 5 m genau"],
    ),
    (
        truth(on_site="not_set_up", start=NOW - timedelta(hours=2)),
        ["Nicht eingerichtet"],
        ["angeordnet ab heute, vor Ort noch keine Warnleuchten erkannt"],
    ),
    (truth(on_site="unknown"), ["Angeordnet"], ["laut Anordnung ab 3. März", "keine Warnleuchten zugeordnet"]),
    (SILENT, ["Ohne Signal"], ["seit 13:22 Uhr ohne Signal, Lage laut letzter Messung"]),
    (
        truth(status="overrunning", ordered=Claim(geometry=LINE, start=ORDER.start, end=NOW - timedelta(hours=21.5))),
        ["Frist überschritten", "Angeordnet"],
        ["sollte gestern 17 Uhr enden", "laut Anordnung ab 3. März"],
    ),
    (
        truth("measured", "measured", status="ended", end=datetime(2026, 3, 2, 13, 5, tzinfo=UTC)),
        ["Beendet"],
        ["laut Warnleuchten seit 14:05 Uhr abgebaut"],
    ),
    (
        truth("ordered", "reported", status="ended", end=datetime(2026, 3, 1, 13, 5, tzinfo=UTC)),
        ["Beendet"],
        ["seit gestern 14:05 Uhr beendet"],
    ),
    (truth(status="cancelled"), ["Entfällt"], []),
    (truth(status="suspended"), ["Angeordnet", "Unterbrochen"], ["laut Anordnung ab 3. März"]),
]


@pytest.mark.parametrize(("said", "labels", "words"), ROWS)
def test_what_is_known_is_said_in_the_words_of_the_table(said: Truth, labels: list[str], words: list[str]) -> None:
    assert [badge.label for badge in badges(said)] == labels
    assert sentences(said, NOW) == words


def test_only_a_passed_deadline_is_urgent() -> None:
    urgent = {badge for said, _, _ in ROWS for badge in badges(said) if badge.urgent}
    assert urgent == {Badge("late", "Frist überschritten", urgent=True)}


@pytest.mark.parametrize(
    ("deviation", "accuracy", "expected"),
    [(26.0, 5.0, True), (25.0, 5.0, False), (40.0, 30.0, False), (None, 5.0, False)],
)
def test_a_deviation_must_be_more_than_the_lights_may_err(
    deviation: float | None, accuracy: float, *, expected: bool
) -> None:
    assert deviates(replace(APART, deviation_m=deviation, place_accuracy_m=accuracy)) is expected


def test_order_and_lights_are_compared_by_their_middle_whatever_their_form() -> None:
    north = Claim(geometry=Point((8.2610, 50.0004)), start=None, end=None)
    assert sentences(replace(APART, measured=north), NOW)[0] == "steht etwa 40 m weiter nördlich als angeordnet"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (datetime(2026, 3, 1, 23, tzinfo=UTC), "gestern 24 Uhr"),
        (datetime(2026, 3, 2, 16, 30, tzinfo=UTC), "heute 17:30 Uhr"),
        (datetime(2026, 2, 20, 6, tzinfo=UTC), "20. Februar, 7 Uhr"),
        (datetime(2025, 12, 31, 23, tzinfo=UTC), "31. Dezember 2025, 24 Uhr"),
    ],
)
def test_an_exclusive_end_is_told_as_the_last_moment(end: datetime, words: str) -> None:
    assert times.ending(end, NOW) == words


def test_days_are_those_of_berlin() -> None:
    assert times.relative_day(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), NOW) == "heute"
    assert times.at(datetime(2026, 3, 1, 22, 30, tzinfo=UTC), NOW) == "gestern um 23:30 Uhr"
    assert times.at(datetime(2026, 2, 3, 22, 30, tzinfo=UTC), NOW) == "am 3. Februar um 23:30 Uhr"
    assert times.since(datetime(2026, 2, 3, 22, 30, tzinfo=UTC), NOW) == "seit 3. Februar, 23:30 Uhr"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "vor 0 s"),
        (40, "vor 40 s"),
        (119, "vor 119 s"),
        (120, "vor 2 min"),
        (7_200, "vor 2 h"),
        (172_800, "vor 2 Tagen"),
    ],
)
def test_freshness_is_told_in_one_unit(seconds: int, words: str) -> None:
    assert times.ago(NOW - timedelta(seconds=seconds), NOW) == words
