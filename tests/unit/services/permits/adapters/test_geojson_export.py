from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.permits.adapters.geojson_export import feature_collection
from services.permits.adapters.geojson_import import Origin, load, read
from services.permits.domain import ids
from services.permits.domain.case import NEW, evolve
from services.permits.domain.content import Content
from services.permits.domain.decisions import decide_all
from services.permits.domain.imports import Incoming, steps
from services.permits.domain.people import Actor, Personal, Sealed
from shared.contracts.base import LineString, Point, Polygon
from shared.contracts.permits import Measure, MeasureKind, Permit
from tests.unit.services.permits.makers import at, context, measure, permit

ORIGIN = Origin("de-mainz")
IMPORTER = Actor("importer", "file")

words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
places = st.tuples(st.floats(6, 15), st.floats(47.5, 55))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
days_of_week = st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(tuple)
steps_away = st.lists(st.tuples(*[st.integers(-200, 200)] * 2), min_size=2, max_size=5, unique=True)
lines = st.tuples(places, steps_away).map(
    lambda drawn: LineString(tuple((drawn[0][0] + lon / 1e4, drawn[0][1] + lat / 1e4) for lon, lat in drawn[1]))
)
boxes = places.map(lambda p: Polygon(((p, (p[0] + 0.01, p[1]), (p[0], p[1] + 0.01), p),)))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def measures(draw: st.DrawFn, key: str, permit_id: str) -> Measure:
    start = draw(moments)
    window = draw(maybe(st.just(("20:00", "05:00"))))
    return Measure(
        id=ids.measure_id("de-mainz", permit_id, key),
        key=key,
        kind=draw(st.sampled_from(MeasureKind.__args__)),  # type: ignore[attr-defined] # a Literal has its values there
        geometry=draw(lines | boxes | places.map(Point)),
        street=draw(words),
        direction=draw(st.sampled_from(["both", "forward", "backward"])),
        start=start,
        end=draw(maybe(st.integers(1, 10_000).map(lambda minutes: start + timedelta(minutes=minutes)))),
        daily_from=window and window[0],
        daily_to=window and window[1],
        weekdays=draw(maybe(days_of_week)),
        except_dates=tuple(draw(st.lists(st.dates(date(2020, 1, 1), date(2040, 1, 1)), max_size=2))),
        control=draw(maybe(st.sampled_from(["signals", "flagging", "priority_signs"]))),
        lanes_total=draw(maybe(st.integers(3, 6))),
        lanes_closed=draw(maybe(st.integers(0, 3))),
        residual_width_m=draw(maybe(st.floats(0.5, 20))),
        speed_limit_kph=draw(maybe(st.integers(10, 100))),
        side=draw(maybe(st.sampled_from(["left", "right", "both"]))),
        house_numbers=draw(maybe(words)),
        affects=draw(st.sampled_from([(), ("car", "bus")])),
        exempt=draw(st.sampled_from([(), ("residents",)])),
        detour=draw(maybe(words)),
    )


@st.composite
def incomings(draw: st.DrawFn) -> Incoming:
    number, source = draw(words), draw(words)
    permit_id = ids.permit_id("de-mainz", source, number)
    keys = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    content = Content(
        permit=Permit(
            permit_id=permit_id,
            permit_number=number,
            authority=draw(words),
            district=draw(maybe(words)),
            title=draw(maybe(words)),
            applicant=draw(st.sampled_from([None, "Mainzer Netze GmbH"])),
            occupation=draw(st.sampled_from(["whole", "within"])),
            expected_days=draw(maybe(st.integers(1, 30))),
            measures=tuple(draw(measures(key, permit_id)) for key in keys),
        ),
        notes=draw(st.sampled_from([{}, {keys[0]: "Bemerkung"}])),
        extra=draw(st.sampled_from([{}, {keys[0]: {"colour": "red", "n": [1, {"a": None}]}}])),
    )
    return Incoming(content=content, digest="", source=source, received_via="paper", received_at=draw(maybe(moments)))


@settings(max_examples=60, deadline=None)
@given(incomings())
def test_what_was_written_is_read_back_as_it_was(incoming: Incoming) -> None:
    case = NEW
    for event in decide_all(case, steps(case, incoming, IMPORTER), context(at(1))):
        case = evolve(case, event)
    features = load(msgspec.json.encode(feature_collection([case])))
    again = read(features, ORIGIN)
    assert {report.outcome for report in again.report} == {"taken"}
    assert [msgspec.structs.replace(p, digest="") for p in again.permits] == [incoming]
    assert read(features, ORIGIN) == again


def test_personal_fields_stay_out_of_an_export() -> None:
    sealed = Sealed("p-1", "geheim")
    incoming = Incoming(content=Content(permit=permit()), digest="", source="x", personal=Personal())
    case = NEW
    for event in decide_all(case, steps(case, incoming, IMPORTER, sealed), context(at(1))):
        case = evolve(case, event)
    assert case.personal == sealed
    assert "geheim" not in str(feature_collection([case]))


def test_an_open_end_is_written_and_measures_of_cases_follow_one_another() -> None:
    incoming = Incoming(content=Content(permit=permit(measure("1", end=None), measure("2"))), digest="", source="x")
    case = NEW
    for event in decide_all(case, steps(case, incoming, IMPORTER), context(at(1))):
        case = evolve(case, event)
    features = feature_collection([case, case])["features"]
    assert [f["properties"]["measure_id"] for f in features] == ["1", "2", "1", "2"]
    assert features[0]["properties"]["end"] is None
    assert features[0]["properties"]["measure"] == "road_closed"
    assert "id" not in features[0]["properties"]
