import json
from datetime import UTC, datetime

import pytest
from lxml import etree

from services.navfeed.web.feed_page import berlin_time, size
from services.navfeed.web.samples import MAX_LINES, sample

XML = "application/xml"


def test_a_sample_of_geojson_is_valid_and_holds_the_first_feature_with_its_position_on_one_line() -> None:
    features = [{"id": str(n), "geometry": {"type": "Point", "coordinates": [8.27, 50.0]}} for n in range(7)]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    found = sample(data, "application/geo+json", "features")
    assert json.loads(found.text) == {"type": "FeatureCollection", "features": features[:1]}
    assert '"coordinates": [8.27, 50.0]' in found.text
    assert (found.entries, found.more) == (7, 0)


def test_a_sample_of_xml_is_valid_and_holds_the_first_situation() -> None:
    situations = "".join(f'<s:situation xmlns:s="urn:s" id="{n}"><s:record/></s:situation>' for n in range(3))
    found = sample(f"<payload>{situations}</payload>".encode(), XML, "situation")
    root = etree.fromstring(found.text)
    assert [it.get("id") for it in root] == ["0"]
    assert found.entries == 3
    assert "\n  <" in found.text


def test_an_empty_document_is_shown_as_it_is() -> None:
    assert sample(b'{"features":[]}', "application/json", "features").entries == 0
    assert sample(b"<payload/>", XML, "situation") == ("<payload/>", 0, 0)


def test_a_long_sample_is_cut_and_says_by_how_much() -> None:
    data = json.dumps({"features": [{f"k{n}": n for n in range(300)}]}).encode()
    found = sample(data, "application/json", "features")
    assert len(found.text.splitlines()) == MAX_LINES
    assert found.more == 306 - MAX_LINES


def test_what_is_neither_json_nor_xml_stays_as_it_is() -> None:
    assert sample(b"id: 1\ndata: x", "text/event-stream").text == "id: 1\ndata: x"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T07:00", datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
        ("2026-07-02T07:00", datetime(2026, 7, 2, 5, 0, tzinfo=UTC)),
        ("2026-07-02T07:00+02:00", None),
        ("0001-01-01T00:00", None),
        ("gestern", None),
        ("", None),
    ],
)
def test_a_forms_time_is_that_of_people_here(text: str, instant: datetime | None) -> None:
    assert berlin_time(text) == instant


def test_sizes_are_said_in_german() -> None:
    assert [size(n) for n in (0, 999, 43_300, 3_140_000)] == ["0 Byte", "999 Byte", "43,3 kB", "3,1 MB"]
