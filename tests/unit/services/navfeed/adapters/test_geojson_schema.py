import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from services.navfeed.adapters.geojson import join, piece
from services.navfeed.adapters.geojson_schema import DEFS, ROADWORKS, document, shapes
from shared.contracts.permits import Measure
from tests.unit.services.navfeed.adapters.test_geojson import HEADER
from tests.unit.services.navfeed.builders import features_of, measure, measures

SCHEMA = document("https://stadt.example/feed/v1/roadworks.schema.json")
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def collection(*some: Measure, now: str = "03-01 12:00") -> dict[str, Any]:
    pieces = [piece(feature) for one in some for feature in features_of(one, now=now)]
    return dict(json.loads(join(HEADER, pieces)))


@settings(max_examples=60, deadline=None)
@given(st.lists(measures(), max_size=3))
def test_whatever_is_published_is_as_the_schema_says(some: list[Measure]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(collection(*some, now="06-15 12:00"))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("status", "done"), ("start", "yesterday"), ("start", None), ("speed_limit_kph", "30"), ("exempt", ["police"])],
)
def test_what_is_not_of_that_shape_is_refused(name: str, wrong: Any) -> None:
    found = collection(measure())
    found["features"][0]["properties"][name] = wrong
    with pytest.raises(ValidationError):
        VALIDATOR.validate(found)


def test_a_member_that_is_missing_is_refused() -> None:
    found = collection(measure())
    del found["features"][0]["properties"]["provenance"]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(found)


def test_every_member_is_told_in_words_but_those_of_geojson_itself() -> None:
    untold = {
        f"{name}.{member}"
        for name, shape in shapes(DEFS).items()
        for member, said in shape["properties"].items()
        if "description" not in said and not member.startswith(("type", "coordinates"))
    }
    assert untold == {"Feature.properties"}
    assert all(shape["description"] for shape in shapes(DEFS).values())
    assert ROADWORKS in shapes(DEFS)
