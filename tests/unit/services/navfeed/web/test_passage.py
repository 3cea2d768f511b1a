"""Who gets through, and the first sentence of a detail."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from services.navfeed.adapters.geojson import piece
from services.navfeed.web.listing import beside
from services.navfeed.web.passage import GROUP_OF, answers, effect
from services.navfeed.web.shown import Roadwork, roadwork
from shared.contracts.base import LineString
from shared.contracts.permits import Measure
from tests.unit.services.navfeed.builders import KINDS, features_of, measure, measures
from tests.unit.services.navfeed.web.works import NOW, told, work


def verdicts(one: Roadwork) -> dict[str, str]:
    return {answer.person: answer.verdict for answer in answers(one.properties)}


def words(one: Roadwork, person: str) -> str:
    return next(answer.words for answer in answers(one.properties) if answer.person == person)


def test_a_closure_that_does_not_say_whom_it_stops_promises_nobody_a_way() -> None:
    expected = {"car": "blocked", "truck": "blocked", "bus": "blocked", "bicycle": "unknown", "foot": "unknown"}
    assert verdicts(work()) == expected | {"residents": "blocked"}


PATH = replace(work(kind="footway_closed"), id="path")
ALONG = LineString(((8.2600, 50.0001), (8.2620, 50.0001)))


@pytest.mark.parametrize("changes", [{}, {"affects": ("car", "truck", "bus")}])
def test_who_is_not_told_by_a_closure_is_told_by_the_measures_of_its_permit_at_its_side(
    changes: dict[str, Any],
) -> None:
    road = work(**changes)
    near = beside(road, [road, replace(PATH, geometry=ALONG)], NOW)
    said = {one.person: (one.verdict, one.words) for one in answers(road.properties, near)}
    assert said["foot"] == ("blocked", "Gehweg gesperrt")
    assert said["bicycle"] == (("free", "frei") if changes else ("unknown", "keine Angabe"))
    assert said["car"] == ("blocked", "gesperrt")
    assert "u Fuß" not in effect(road.properties, NOW, near)


def test_every_measure_of_a_place_gives_the_gravest_answer_of_all() -> None:
    half, path = work(kind="alternating"), replace(PATH, geometry=ALONG)
    said = {one.person: one.words for one in answers(half.properties, [path.properties])}
    assert (said["foot"], said["car"]) == ("Gehweg gesperrt", "abwechselnd frei, Wartezeit möglich")
    said = {one.person: one.words for one in answers(path.properties, [half.properties])}
    assert (said["foot"], said["car"]) == ("Gehweg gesperrt", "abwechselnd frei, Wartezeit möglich")
    said = {one.person: one.words for one in answers(half.properties, [work().properties])}
    assert (said["car"], said["bicycle"]) == ("gesperrt", "abwechselnd frei, Wartezeit möglich")


@pytest.mark.parametrize(
    "other",
    [
        told(PATH, permit_number="AO-2026-18"),
        told(PATH, start=NOW + timedelta(days=1)),
        told(PATH, end=NOW),
        told(PATH, status="cancelled"),
        replace(PATH, geometry=LineString(((8.2620, 50.0), (8.2640, 50.0)))),  # the next section
        replace(PATH, geometry=LineString(((8.2600, 50.0005), (8.2620, 50.0005)))),  # another street
    ],
)
def test_measures_of_another_permit_time_or_place_say_nothing_about_a_closure(other: Roadwork) -> None:
    near = beside(work(), [other], NOW)
    assert {one.words for one in answers(work().properties, near)} == {"gesperrt", "keine Angabe"}


def test_what_is_planned_meets_what_is_there_when_it_begins() -> None:
    later = told(work(), start=NOW + timedelta(days=2))
    assert beside(later, [told(PATH, start=NOW + timedelta(days=1))], NOW)
    assert not beside(later, [told(PATH, end=NOW + timedelta(days=1))], NOW)


def test_an_exemption_frees_only_who_is_named() -> None:
    found = verdicts(work(exempt=("bus", "residents")))
    assert (found["bus"], found["residents"], found["car"]) == ("free", "free", "blocked")


def test_a_closed_footway_stops_nobody_but_people_on_foot() -> None:
    found = verdicts(work(kind="footway_closed"))
    assert [person for person, verdict in found.items() if verdict != "free"] == ["foot"]


def test_what_has_ended_stops_nobody() -> None:
    assert set(verdicts(told(work(), status="ended")).values()) == {"free"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "narrowed", "residual_width_m": 3.0}, "frei, Restbreite 3,00 m"),
        ({"kind": "lanes_closed", "lanes_total": 3, "lanes_closed": 1}, "2 von 3 Fahrstreifen frei"),
        ({"kind": "speed_limit", "speed_limit_kph": 30}, "frei, höchstens 30 km/h"),
        ({"kind": "alternating"}, "abwechselnd frei, Wartezeit möglich"),
        ({"kind": "direction_closed", "direction": "forward"}, "in einer Richtung gesperrt"),
    ],
)
def test_a_driver_is_told_how_it_is_narrower(changes: dict[str, Any], said: str) -> None:
    assert words(work(**changes), "car") == said


def test_who_rides_a_bicycle_waits_where_the_carriageway_is_half_closed_unless_the_order_says_otherwise() -> None:
    assert words(work(kind="alternating"), "bicycle") == "abwechselnd frei, Wartezeit möglich"
    assert words(work(kind="alternating", affects=("car",)), "bicycle") == "frei"
    assert words(work(kind="narrowed"), "bicycle") == "frei"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"affects": ("car", "truck", "bus"), "exempt": ("residents",)},
            "Gesperrt für Kfz. Zu Fuß, mit dem Rad und für Anwohner frei. Bis voraussichtlich 13. März.",
        ),
        (
            {"kind": "direction_closed", "direction": "forward", "to_street": "Kaiserstraße"},
            "Gesperrt für Kfz Richtung Kaiserstraße. Bis voraussichtlich 13. März.",
        ),
        (
            {"affects": ("truck",), "end": None},
            "Gesperrt für Lkw. Zu Fuß, mit dem Rad und mit dem Bus frei. Ende offen.",
        ),
        (
            {"affects": ("car", "bus")},
            "Gesperrt für Autos und Busse. Zu Fuß und mit dem Rad frei. Bis voraussichtlich 13. März.",
        ),
        (
            {"kind": "alternating", "control": "signals"},
            "Halbseitig gesperrt mit Ampelregelung. Bis voraussichtlich 13. März.",
        ),
        (
            {"kind": "narrowed", "residual_width_m": 3.25},
            "Die Fahrbahn ist verengt, 3,25 m bleiben frei. Bis voraussichtlich 13. März.",
        ),
        ({"kind": "footway_closed"}, "Der Gehweg ist gesperrt. Bis voraussichtlich 13. März."),
    ],
)
def test_a_detail_begins_with_the_effect(changes: dict[str, Any], said: str) -> None:
    assert effect(work(**changes).properties, NOW) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "planned"}, "Gesperrt für Kfz. Geplant vom 2. bis 13. März 2026."),
        ({"status": "planned", "end": None}, "Gesperrt für Kfz. Geplant ab 2. März 2026, Ende offen."),
        ({"status": "suspended"}, "Gesperrt für Kfz. Bis voraussichtlich 13. März, derzeit unterbrochen."),
        ({"status": "suspended", "end": None}, "Gesperrt für Kfz. Ende offen, derzeit unterbrochen."),
        ({"status": "overrunning"}, "Gesperrt für Kfz. Sollte 13. März, 17 Uhr enden."),
        ({"status": "ended"}, "Diese Baustelle ist beendet."),
        ({"status": "cancelled"}, "Diese Baustelle entfällt."),
    ],
)
def test_the_state_of_the_works_is_part_of_it(changes: dict[str, Any], said: str) -> None:
    assert effect(told(work(), **changes).properties, NOW) == said


NIGHTLY = {"daily_from": "20:00", "daily_to": "05:00", "weekdays": (1, 2, 3, 4, 5), "except_dates": (date(2026, 3, 9),)}


def test_a_closure_at_night_names_its_hours_with_every_verdict() -> None:
    closed, hours = work(**NIGHTLY), "(montags bis freitags, 20:00 bis 05:00 Uhr)"
    assert words(closed, "car") == f"gesperrt {hours}"
    assert words(work(kind="alternating", **NIGHTLY), "car") == f"abwechselnd frei, Wartezeit möglich {hours}"
    assert words(closed, "foot") == "keine Angabe"
    assert effect(closed.properties, NOW) == (
        "Gesperrt für Kfz. Gilt montags bis freitags, 20:00 bis 05:00 Uhr, nicht am 9. März. "
        "Bis voraussichtlich 13. März."
    )


def test_what_is_closed_all_day_goes_before_what_is_closed_at_night() -> None:
    said = {one.person: one.words for one in answers(work(**NIGHTLY).properties, [work().properties])}
    assert said["car"] == "gesperrt"


def test_what_is_interrupted_is_said_to_be() -> None:
    paused = told(work(), status="suspended")
    assert words(paused, "car") == "gesperrt (derzeit unterbrochen)"
    assert words(paused, "foot") == "keine Angabe"


@pytest.mark.parametrize(("days", "said"), [(None, "zeitweise"), (1, "an einem Tag"), (2, "an 2 Tagen")])
def test_days_within_a_period_are_said_as_the_list_says_them(days: int | None, said: str) -> None:
    (feature,) = features_of(measure(), occupation="within", expected_days=days)
    one = roadwork(piece(feature))
    assert effect(one.properties, NOW) == f"Gesperrt für Kfz. Geplant {said} im Zeitraum vom 2. bis 13. März 2026."
    assert words(one, "car") == f"gesperrt ({said})"


def test_every_kind_has_its_form_on_the_map() -> None:
    assert set(GROUP_OF) == set(KINDS)


@given(measures())
def test_every_measure_has_an_answer_for_everybody(any_: Measure) -> None:
    for feature in features_of(any_):
        shown = roadwork(piece(feature)).properties
        assert len(answers(shown)) == 6
        assert effect(shown, NOW).endswith(".")
