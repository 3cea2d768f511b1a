import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.navfeed.adapters.geojson import FOOTER, SEPARATOR, header, join, piece
from shared.contracts.permits import Measure
from tests.unit.services.navfeed.builders import at, features_of, measure, measures

PROPERTIES = """
id situation_id permit_number version version_time authority district measure control works_kind headline
street from_street to_street road_number road_class direction side lanes_total lanes_closed residual_width_m
speed_limit_kph affects exempt detour start end schedule status provenance ordered measured deviation_m place_kind
place_accuracy_m observed_at observed_lights on_site
"""
HEADER = header(publisher="Stadt Mainz", licence="dl-de/by-2-0", attribution="© Stadt", generated_at=at("03-01 12:00"))


def test_a_feature_has_all_properties_and_null_where_nothing_is_known() -> None:
    feature = json.loads(piece(features_of()[0]))
    assert feature["type"] == "Feature"
    assert sorted(feature["properties"]) == sorted(PROPERTIES.split())
    assert feature["id"] == feature["properties"]["id"] == "de-mainz-m1"
    assert feature["geometry"]["type"] == "LineString"
    assert feature["geometry"]["coordinates"][0] == [8.26, 50.0]
    unknown = [name for name, value in feature["properties"].items() if value is None]
    assert {"district", "control", "measured", "schedule", "observed_at", "deviation_m", "affects"} <= set(unknown)


def test_times_have_offsets_and_a_schedule_its_four_members() -> None:
    properties = json.loads(piece(features_of(measure(daily_from="22:00", daily_to="05:00"))[0]))["properties"]
    assert (properties["start"], properties["end"]) == ("2026-03-02T08:00:00Z", "2026-03-13T16:00:00Z")
    assert properties["version_time"] == "2026-03-01T12:00:00Z"
    assert properties["schedule"] == {"daily_from": "22:00", "daily_to": "05:00", "weekdays": None, "except": []}
    assert properties["ordered"]["start"] == "2026-03-02T08:00:00Z"


def test_an_empty_collection_is_valid_and_tells_who_publishes() -> None:
    collection = json.loads(join(HEADER, []))
    assert collection == {
        "type": "FeatureCollection",
        "publisher": "Stadt Mainz",
        "licence": "dl-de/by-2-0",
        "attribution": "© Stadt",
        "generated_at": "2026-03-01T12:00:00Z",
        "features": [],
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(measures(), max_size=3))
def test_a_collection_is_its_stored_bytes_put_together(some: list[Measure]) -> None:
    pieces: list[Any] = [piece(feature) for one in some for feature in features_of(one, now="06-15 12:00")]
    whole = join(HEADER, pieces)
    assert whole == HEADER + SEPARATOR.join(pieces) + FOOTER
    assert json.loads(whole)["features"] == [json.loads(one) for one in pieces]
