"""What the list and the map show, in which order, and what a reader's choice leaves of it."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from services.navfeed.application.documents import Served
from services.navfeed.application.ledger import Document
from services.navfeed.domain.feature import Claim
from services.navfeed.web.choice import choice_of, chosen, counted, nothing
from services.navfeed.web.listing import Listing, listed, plain
from services.navfeed.web.shown import Roadwork
from shared.contracts.base import LineString
from tests.unit.services.navfeed.builders import at
from tests.unit.services.navfeed.web.works import NOW, told, work

WORK = work()


def served(*works: Roadwork, seq: int = 1) -> Served:
    return Served(Document(msgspec.json.encode({"features": works}), seq, NOW))


def other(number: int, **changes: Any) -> Roadwork:
    one = told(WORK, id=f"m{number}", **changes)
    return Roadwork(id=f"m{number}", geometry=one.geometry, properties=one.properties)


def found(query: str, *works: Roadwork) -> list[str]:
    values = dict(part.split("=") for part in query.split("&") if part)
    return [one.id for one in chosen(Listing().items(served(*works), NOW), choice_of(values), NOW)]


def test_the_heaviest_effect_comes_first_and_what_has_ended_last() -> None:
    works = other(1, measure="narrowed"), other(2, status="ended"), other(3), other(4, measure="alternating")
    assert found("", *works) == ["m3", "m4", "m1", "m2"]


def test_what_is_planned_is_shown_for_the_next_days_and_not_now() -> None:
    soon = other(1, status="planned", start=NOW + timedelta(days=3))
    late = other(2, status="planned", start=NOW + timedelta(days=8))
    assert found("", soon, late) == []
    assert found("zeit=woche", soon, late) == ["m1"]
    assert found("zeit=zeitraum&von=2026-03-13&bis=2026-03-13", soon, late) == ["m1", "m2"]
    assert found("zeit=zeitraum&von=2026-03-14", soon, late) == []


def test_what_begins_within_a_week_is_new_and_nothing_else() -> None:
    soon, late = (other(n, status="planned", start=NOW + timedelta(days=days)) for n, days in ((1, 3), (2, 8)))
    called_off = other(3, status="cancelled", start=NOW + timedelta(days=3))
    overdue = other(4, status="planned", start=NOW - timedelta(hours=1))
    assert found("zeit=neu", soon, late, called_off, overdue, other(5)) == ["m1"]


def test_the_measures_of_a_site_stand_together_where_its_gravest_belongs() -> None:
    narrow, closed = (other(n, measure=kind, permit_number="AO-2") for n, kind in ((1, "narrowed"), (2, "road_closed")))
    between = other(3, measure="alternating", permit_number="AO-3")
    assert found("", narrow, closed, between) == ["m2", "m1", "m3"]
    assert found("wirkung=narrow", narrow, closed, between) == ["m1"]


def test_a_range_holds_both_of_its_days_in_berlin() -> None:
    night = other(1, start=at("03-07 22:59"), end=at("03-07 23:30"))  # until half past midnight in Berlin
    assert [found(f"zeit=zeitraum&von=2026-03-{day}&bis=2026-03-{day}", night) for day in ("07", "08", "09")] == [
        ["m1"],
        ["m1"],
        [],
    ]


@pytest.mark.parametrize(
    ("query", "elsewhere", "sentence"),
    [
        ("", False, "Jetzt ist keine Baustelle bekannt."),
        (
            "zeit=woche&wirkung=path",
            False,
            "In den nächsten 7 Tagen ist keine Baustelle bekannt, die zu dieser Auswahl passt.",
        ),
        ("zeit=zeitraum", False, "Es ist keine Baustelle bekannt."),
        ("zeit=neu", False, "Es ist keine Baustelle bekannt, die in den nächsten 7 Tagen beginnt."),
        (
            "zeit=neu&verkehr=car&strasse=A",
            False,
            "Zu „A“ ist keine Baustelle bekannt, die in den nächsten 7 Tagen beginnt und zu dieser Auswahl passt.",
        ),
        ("strasse=Rheinstraße", True, "Zu „Rheinstraße“ ist jetzt keine Baustelle bekannt. Sonst schon:"),
        (
            "zeit=zeitraum&von=2026-03-01&strasse=A",
            False,
            "Zu „A“ ist in diesem Zeitraum keine Baustelle bekannt.",
        ),
        ("zeit=zeitraum&von=2026-03-02&bis=2026-03-01", False, "„Von“ liegt nach „Bis“."),
    ],
)
def test_an_empty_list_says_why_as_the_scripts_do(query: str, elsewhere: bool, sentence: str) -> None:
    assert nothing(choice_of(dict(parse_qsl(query))), elsewhere=elsewhere) == sentence


@pytest.mark.parametrize("search", ["rheinstr.", "Rheinstrasse", "RHEINSTR", "rhein AO-2026"])
def test_a_street_is_found_however_its_name_is_written(search: str) -> None:
    assert found(f"strasse={search}", other(1)) == ["m1"]
    assert found("strasse=Kaiserstraße", other(1)) == []


def test_effect_and_means_of_travel_narrow_the_list() -> None:
    works = other(1), other(2, measure="footway_closed")
    assert found("wirkung=path", *works) == ["m2"]
    assert found("verkehr=car", *works) == ["m1"]


def test_nonsense_in_the_address_chooses_nothing() -> None:
    assert choice_of({"zeit": "nie", "von": "2026-02-30", "wirkung": "x", "verkehr": "x"}) == choice_of({})


def test_words_are_made_anew_when_the_day_ends_and_only_then() -> None:
    seen = told(
        WORK,
        observed_at=at("03-05 13:03"),
        provenance=msgspec.structs.replace(WORK.properties.provenance, place="measured"),
    )
    listing, document = Listing(), served(seen)
    today = listing.document(document, NOW)
    assert listing.document(document, NOW + timedelta(hours=9)) is today
    assert "gestern um 14:03" in listing.document(document, NOW + timedelta(hours=10)).data.decode()


def test_the_collection_is_what_the_list_shows() -> None:
    listing = Listing()
    document = served(other(1), other(2))
    told_ = msgspec.json.decode(listing.document(document, NOW).data)
    assert [feature["id"] for feature in told_["features"]] == [one.id for one in listing.items(document, NOW)]
    assert told_["features"][0]["properties"]["words"] == "Laut Anordnung ab 2. März; keine Warnleuchten zugeordnet."
    assert msgspec.json.decode(Listing().document(served(), NOW).data)["features"] == []


def test_two_versions_of_a_measure_are_not_mixed_up() -> None:
    listing = Listing()
    listing.items(served(other(1)), NOW)
    (item,) = listing.items(served(other(1, version=2, district="Neustadt"), seq=2), NOW)
    assert item.properties.district == "Neustadt"


def test_names_are_compared_as_people_mean_them() -> None:
    assert plain(" Große  Bleiche ") == plain("grosse bleiche")
    assert plain("Mühlstr") == plain("MUEHLSTRASSE") == plain("mühlstr.")


def test_the_ordered_place_goes_along_only_where_lights_tell_of_another() -> None:
    away = LineString(((8.26, 50.001), (8.262, 50.001)))
    apart = told(WORK, measured=Claim(geometry=away, start=None, end=None), deviation_m=110.0)
    assert listed(apart, NOW).properties.ghost == WORK.properties.ordered.geometry
    assert listed(WORK, NOW).properties.ghost is None


def test_measures_of_one_permit_are_one_site() -> None:
    works = [listed(other(1), NOW), listed(other(2), NOW)]
    assert counted(works[:1]) == "1 Baustelle"
    assert counted(works) == "1 Baustelle, 2 Maßnahmen"
    assert counted([*works, listed(other(3, permit_number="61-2"), NOW)]) == "2 Baustellen, 3 Maßnahmen"
    many = [listed(other(number, permit_number=str(number)), NOW) for number in range(1_200)]
    assert counted(many) == "1.200 Baustellen"
