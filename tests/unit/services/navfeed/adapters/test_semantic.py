"""Each defect that the schema cannot see is found on an otherwise clean document."""

from pathlib import Path

import pytest

from services.navfeed.adapters.datex2 import Supplier, payload, situation
from services.navfeed.adapters.semantic import GERMANY, Area, check
from tests.unit.services.navfeed.builders import AREA, POINT, at, features_of, measure

MAINZ = Area(8.1, 49.9, 8.4, 50.1)


def clean(*others: str) -> str:
    places = [measure(), measure(id="de-mainz-m2", geometry=AREA, daily_from="08:00", daily_to="16:00")]
    places.append(measure(id="de-mainz-m3", geometry=POINT, except_dates=(at("03-06 00:00").date(),)))
    piece = situation(features_of(*places))
    return payload(at("03-05 12:00"), [piece, *(other.encode() for other in others)], Supplier("DE-1")).decode()


def mutated(old: str, new: str) -> list[str]:
    document = clean()
    assert old in document, "the mutation must hit"
    return check(document.replace(old, new, 1).encode(), MAINZ)


def test_a_clean_document_has_no_defects() -> None:
    assert check(clean().encode(), MAINZ) == []


@pytest.mark.parametrize(
    ("old", "new", "defect"),
    [
        (
            "<loc:posList>50.0000000 8.2600000 50.0000000 8.2610000",
            "<loc:posList>8.2600000 50.0000000 8.2610000 50.0000000",
            "swapped axes",
        ),
        ("<loc:latitude>50.0000000<", "<loc:latitude>51.0000000<", "outside the service area"),
        (
            "<loc:latitude>50.0000000</loc:latitude><loc:longitude>8.2600000<",
            "<loc:latitude>8.2600000</loc:latitude><loc:longitude>50.0000000<",
            "swapped axes",
        ),
        ("<loc:latitude>50.0000000<", "<loc:latitude>fifty<", "no numbers"),
        (":00Z</com:publicationTime>", ":00</com:publicationTime>", "time without offset"),
        (":00Z</com:overallStartTime>", ":00</com:overallStartTime>", "time without offset"),
        (
            ">2026-03-13T16:00:00Z</com:overallEndTime>",
            ">2026-03-01T16:00:00Z</com:overallEndTime>",
            "end before start",
        ),
        (
            ">2026-03-13T16:00:00Z</com:overallEndTime>",
            ">2026-03-02T09:59:00+02:00</com:overallEndTime>",
            "end before start",
        ),
        ("Z</com:endOfPeriod>", "-23:59</com:endOfPeriod>", None),
        (">2026-03-06T23:00:00Z</com:endOfPeriod>", ">2026-03-04T23:00:00Z</com:endOfPeriod>", "end before start"),
        ('id="de-mainz-m2"', 'id="de-mainz-m1"', "duplicate id"),
        (
            '<sit:objectReference targetClass="sit:SituationRecord" id="',
            '<sit:objectReference id="x',
            "dangling reference",
        ),
        ('-works" version="3"', '-works" version="4"', "dangling reference"),
        ("8.2600000</loc:posList></loc:exterior>", "8.2600001</loc:posList></loc:exterior>", "open ring"),
        ("<loc:posList>50.0000000 8", "<loc:posList>50.0000000  8", "posList format"),
        ("<loc:posList>50.0000000 8", "<loc:posList>50.0000000\n8", "posList format"),
        ("<loc:posList>50.0000000 8", "<loc:posList> 50.0000000 8", "posList format"),
        ("<loc:posList>50.0000000 8", "<loc:posList>50.0 8", "posList format"),
        ("<loc:posList>50.0000000 8.2600000", "<loc:posList>5.0000000e1 8.2600000", "posList format"),
        ("<loc:posList>50.0000000 8.2600000", "<loc:posList>50.0000000", "odd number"),
        ("</sit:situation>", "", "not well-formed"),
        ("sit:SituationPublication", "sit:OtherPublication", "no publication"),
    ],
)
def test_a_defect_is_found_and_named(old: str, new: str, defect: str | None) -> None:
    found = mutated(old, new)
    assert (found == []) if defect is None else any(defect in line for line in found), found


def test_a_defect_names_the_record_that_has_it() -> None:
    assert "in posList of de-mainz-s-p1-works" in mutated("<loc:posList>50.0000000 8", "<loc:posList>50.0 8")[0]


def test_empty_publications_and_situations_are_defects() -> None:
    empty = payload(at("03-05 12:00"), [], Supplier("DE-1"))
    assert check(empty) == ["empty publication"]
    hollow = '<sit:situation xmlns:sit="http://datex2.eu/schema/3/situation" id="hollow"/>'
    assert check(clean(hollow).encode()) == ["empty situation: hollow"]


def test_a_situation_published_twice_is_found() -> None:
    document = clean()
    piece = document[document.index("<sit:situation ") : document.index("</sit:situation>") + len("</sit:situation>")]
    assert sum("duplicate id" in line for line in check(clean(piece).encode())) == 5


def test_entities_are_not_resolved() -> None:
    secret = Path(__file__).as_uri()
    bomb = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret}">]><x>&e;</x>'
    assert check(bomb.encode()) == ["no publication in the document"]


def test_real_dutch_works_lie_outside_germany_but_have_clean_times_and_references(datex2_data: Path) -> None:
    xml = (datex2_data / "samples" / "nl-ndw" / "situations.xml").read_bytes()
    found = check(xml, Area(3.0, 50.5, 7.3, 53.7))
    assert {line.partition(":")[0] for line in found} <= {"posList format", "dangling reference"}
    assert any("swapped" in line or "outside" in line for line in check(xml, MAINZ))


def test_the_made_up_examples_are_judged(datex2_data: Path) -> None:
    assert check((datex2_data / "own_minimal_d2payload.xml").read_bytes().strip(), GERMANY) == []
