from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.adapters.geojson_import import (
    FeatureReport,
    Imported,
    Origin,
    UnreadableError,
    load,
    read,
)
from services.permits.domain.measures import ServiceArea
from shared.contracts.base import LineString
from shared.contracts.permits import Measure

ORIGIN = Origin("de-mainz", area=ServiceArea(8.0, 49.8, 8.6, 50.2))
LINE = {"type": "LineString", "coordinates": [[8.27, 50.0], [8.28, 50.01]]}


def feature(geometry: Any = LINE, /, **changes: Any) -> dict[str, Any]:
    properties = {
        "permit_number": "61-1",
        "measure": "road_closed",
        "street": "Große Bleiche",
        "start": "2026-03-05T07:00:00+01:00",
        "end": "2026-03-20T17:00:00+01:00",
        **changes,
    }
    return {"type": "Feature", "geometry": geometry, "properties": {k: v for k, v in properties.items() if v != ...}}


def one(geometry: Any = LINE, /, **changes: Any) -> tuple[Measure, FeatureReport]:
    imported = read([feature(geometry, **changes)], ORIGIN)
    return imported.permits[0].content.permit.measures[0], imported.report[0]


def refused(geometry: Any = LINE, /, **changes: Any) -> str:
    imported = read([feature(geometry, **changes)], ORIGIN)
    assert imported.permits == ()
    assert imported.report[0].outcome == "refused"
    return " ".join(imported.report[0].sentences)


def test_a_good_feature_is_taken_as_it_is() -> None:
    measure, report = one(direction="forward", lanes_total=2, weekdays=[1, 2], **{"except": ["2026-03-06"]})
    assert report.permit_id is not None
    assert report[:-1] == FeatureReport(0, "61-1", "1", "taken", (), None)[:-1]
    assert measure.kind == "road_closed"
    assert measure.geometry == LineString(((8.27, 50.0), (8.28, 50.01)))
    assert (measure.start, measure.weekdays) == (datetime(2026, 3, 5, 6, tzinfo=UTC), (1, 2))
    assert [day.isoformat() for day in measure.except_dates] == ["2026-03-06"]


def test_features_with_one_number_are_one_permit_and_their_order_names_them() -> None:
    imported = read([feature(), feature(permit_number="61-2"), feature(), feature(measure_id="x")], ORIGIN)
    keys = {p.content.permit.permit_number: [m.key for m in p.content.permit.measures] for p in imported.permits}
    assert keys == {"61-1": ["1", "2", "x"], "61-2": ["1"]}
    assert [p.permit_id for p in imported.permits] == [p.permit_id for p in read([feature(), feature(
        permit_number="61-2")], ORIGIN).permits]  # fmt: skip


def test_one_number_of_two_sources_is_two_permits() -> None:
    imported = read([feature(source="a"), feature(source="b")], ORIGIN)
    assert len({p.permit_id for p in imported.permits}) == 2
    assert [p.source for p in imported.permits] == ["a", "b"]
    assert read([feature()], ORIGIN._replace(source="c")).permits[0].source == "c"


def test_the_digest_knows_changes_and_nothing_else() -> None:
    def digest(*features: Any) -> str:
        return read(list(features), ORIGIN).permits[0].digest

    a, b = feature(measure_id="a"), feature(measure_id="b")
    assert digest(a, b) == digest(a, b) == digest(b, a)
    assert digest(a, b) == digest({**a, "properties": dict(reversed(a["properties"].items()))}, b)
    assert digest(a, b) != digest(a, feature(measure_id="b", street="Kleine Bleiche"))
    assert digest(a) == digest(feature(measure_id="a", received_at="2026-03-01T00:00:00Z"))
    assert digest(a) != digest(feature(measure_id="a", colour="red"))


@pytest.mark.parametrize(
    ("changes", "member", "value", "word"),
    [
        ({"measure": "hole"}, "kind", "other", "other"),
        ({"measure": ...}, "kind", "other", "other"),
        ({"measure": "Road_Closed"}, "kind", "road_closed", "gelesen"),
        ({"direction": "north"}, "direction", "both", "direction"),
        ({"residual_width_m": "3,05"}, "residual_width_m", 3.05, "gelesen"),
        ({"lanes_total": "zwei"}, "lanes_total", None, "lanes_total"),
        ({"daily_from": "7:00", "daily_to": "17:00:00"}, "daily_from", "07:00", "gelesen"),
        ({"daily_from": "20:00", "daily_to": "24:00"}, "daily_to", "00:00", "gelesen"),
        ({"weekdays": "1-99999999999"}, "weekdays", None, "weekdays"),
        ({"weekdays": "Mo-Fr"}, "weekdays", (1, 2, 3, 4, 5), "gelesen"),
        ({"weekdays": ["Sa", "sunday"]}, "weekdays", (6, 7), "gelesen"),
        ({"affects": "car, truck"}, "affects", ("car", "truck"), ""),
        ({"daily_from": "07:00"}, "daily_from", None, "Tagesfenster"),
        ({"lanes_total": 1, "lanes_closed": 2}, "lanes_closed", None, "Fahrstreifen"),
        ({"speed_limit_kph": 0}, "speed_limit_kph", None, "Geschwindigkeit"),
        ({"expected_days": 0}, "kind", "road_closed", "expected_days"),
        ({"house_numbers": 17}, "house_numbers", "17", ""),
        ({"start": "2026-03-05T07:00"}, "start", datetime(2026, 3, 5, 6, tzinfo=UTC), "Zeitzone"),
        ({"start": "2026-03-05"}, "start", datetime(2026, 3, 4, 23, tzinfo=UTC), "ganzer Tag"),
        ({"end": "2026-03-20"}, "end", datetime(2026, 3, 20, 23, tzinfo=UTC), "ganzer Tag"),
        ({"end": ...}, "end", None, "offen"),
        ({"end": None}, "end", None, ""),
    ],
)
def test_what_can_be_repaired_is_repaired_and_said(changes: dict[str, Any], member: str, value: Any, word: str) -> None:
    measure, report = one(**changes)
    assert getattr(measure, member) == value
    assert report.outcome == ("repaired" if word else "taken")
    assert word in " ".join(report.sentences)


def test_a_summer_end_date_without_offset_is_berlin_wall_time() -> None:
    assert one(end="2026-07-01T17:00")[0].end == datetime(2026, 7, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"permit_number": ...}, "Aktenzeichen"),
        ({"permit_number": " "}, "Aktenzeichen"),
        ({"permit_number": True}, "Aktenzeichen"),
        ({"street": ...}, "Straße"),
        ({"start": ...}, "Beginn"),
        ({"start": "bald"}, "start"),
        ({"start": "0001-01-01T00:00"}, "start"),
        ({"end": "2026-03-05T07:00:00+01:00"}, "Ende"),
        ({"end": 17}, "end"),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_the_reason(changes: dict[str, Any], word: str) -> None:
    assert word in refused(**changes)


def test_a_direction_at_a_point_is_taken_with_a_hint() -> None:
    point = {"type": "Point", "coordinates": [8.27, 50.0]}
    assert one(point)[1].sentences == ()
    measure, report = one(point, direction="backward")
    assert (measure.direction, report.outcome) == ("backward", "taken")
    assert "Ein Punkt hat keine Linie" in report.sentences[0]


def test_a_key_used_twice_is_refused_the_second_time() -> None:
    imported = read([feature(measure_id="a"), feature(measure_id="a", street="Andere Straße")], ORIGIN)
    assert [report.outcome for report in imported.report] == ["taken", "refused"]
    assert [m.street for m in imported.permits[0].content.permit.measures] == ["Große Bleiche"]
    assert imported.permits[0].refused == ()


def test_a_refused_measure_is_remembered_by_its_permit() -> None:
    imported = read([feature(measure_id="a"), feature(measure_id="b", start="bald")], ORIGIN)
    assert imported.permits[0].refused == ("b",)
    assert imported.permits[0].digest != read([feature(measure_id="a")], ORIGIN).permits[0].digest


def test_what_a_permit_says_twice_differently_is_said() -> None:
    imported = read([feature(title="Kanal"), feature(title="Gas")], ORIGIN)
    assert imported.permits[0].content.permit.title == "Kanal"
    assert [report.outcome for report in imported.report] == ["taken", "repaired"]


def test_unknown_and_unreadable_properties_are_kept() -> None:
    imported = read([feature(colour="red", side="north", measure="hole", source_id="4")], ORIGIN)
    assert imported.permits[0].content.extra == {
        "1": {"colour": "red", "measure": "hole", "side": "north", "source_id": "4"}
    }


def test_what_was_set_aside_is_kept_too() -> None:
    imported = read([feature(daily_to="17:00", lanes_total=0, expected_days=-1)], ORIGIN)
    assert imported.permits[0].content.extra == {"1": {"daily_to": "17:00", "expected_days": -1, "lanes_total": 0}}


def test_an_applicant_in_an_unknown_shape_is_sealed_like_a_person() -> None:
    permit = read([feature(applicant={"name": "Erika"}), feature(applicant="Max")], ORIGIN).permits[0]
    assert permit.personal is not None
    assert permit.personal.applicant_name == "{'name': 'Erika'}"
    assert b"Erika" not in msgspec.json.encode(permit.content)


def test_a_person_as_applicant_is_never_public_and_an_organisation_is() -> None:
    person = read(
        [feature(applicant="Erika Mustermann", bauleiter="Max", info="a@example.org", client="Eva")], ORIGIN
    ).permits[0]
    assert person.personal is not None
    assert person.personal.applicant_name == "Erika Mustermann"
    assert person.personal.more == {"1.bauleiter": "Max", "1.client": "Eva", "1.info": "a@example.org"}
    wire = msgspec.json.encode(person.content).decode()
    assert not any(word in wire for word in ("Mustermann", "Max", "example"))
    company = read([feature(applicant="Mainzer Netze GmbH")], ORIGIN).permits[0]
    assert (company.content.permit.applicant, company.personal) == ("Mainzer Netze GmbH", None)


def test_an_unreadable_date_of_receipt_refuses_nothing() -> None:
    imported = read([feature(received_at="gestern")], ORIGIN)
    assert imported.permits[0].received_at is None
    assert imported.report[0].outcome == "repaired"


def test_receipt_on_paper_is_kept() -> None:
    permit = read([feature(received_via="paper", received_at="2026-02-01T10:00:00Z")], ORIGIN).permits[0]
    assert (permit.received_via, permit.received_at) == ("paper", datetime(2026, 2, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"{}", b'{"features": {}}', b"\xff", b'{"features": [], "crs": "EPSG:25832"}', b"[" * 100_000],
)
def test_a_file_that_is_no_feature_collection_in_wgs_84_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"Datei|Koordinatensystem"):
        load(data)


def test_a_byte_order_mark_and_the_old_name_of_wgs_84_do_no_harm() -> None:
    crs = b'{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    assert load(b'\xef\xbb\xbf{"features": [], "crs": ' + crs + b"}") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_days_beyond_all_calendars_are_set_aside() -> None:
    measure, report = one(**{"except": ["9999-12-31"]})
    assert measure.except_dates == ()
    assert "Die Angabe bleibt unberücksichtigt (except)." in " ".join(report.sentences)


NAMES = st.sampled_from(
    [
        "permit_number",
        "measure_id",
        "measure",
        "street",
        "start",
        "end",
        "weekdays",
        "affects",
        "daily_from",
        "lanes_total",
        "lanes_closed",
        "except",
        "applicant",
        "source",
        "expected_days",
        "received_at",
        "received_via",
    ]
)
GEOMETRIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["Point", "LineString", "Polygon", "MultiLineString", "GeometryCollection"]) | JSON},
    optional={"coordinates": JSON, "geometries": JSON},
)


@given(st.lists(JSON | st.builds(lambda g, p: feature(g, **p), GEOMETRIES | st.just(LINE),
                                 st.dictionaries(NAMES, JSON, max_size=4)), max_size=4))  # fmt: skip
def test_whatever_a_feature_says_it_is_reported_and_never_raises(features: list[Any]) -> None:
    imported: Imported = read(features, ORIGIN)
    assert [report.feature for report in imported.report] == list(range(len(features)))
    taken = sum(report.outcome != "refused" for report in imported.report)
    assert taken == sum(len(permit.content.permit.measures) for permit in imported.permits)
    assert all(report.sentences for report in imported.report if report.outcome != "taken")
