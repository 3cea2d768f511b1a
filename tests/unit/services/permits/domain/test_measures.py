import math
from typing import Any

import pytest

from services.permits.domain.measures import GERMANY, ServiceArea, check, check_permit, lacking, lacks
from shared.contracts.base import LineString, Point, Polygon
from tests.unit.services.permits.makers import LINE, at, measure, permit

SQUARE = ((8.0, 50.0), (8.1, 50.0), (8.1, 50.1), (8.0, 50.1), (8.0, 50.0))
BOW_TIE = ((8.0, 50.0), (8.1, 50.1), (8.1, 50.0), (8.0, 50.1), (8.0, 50.0))
HERE = (8.27, 50.0)

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("street", {"street": "  "}),
    ("geometry", {"geometry": LineString((HERE, HERE))}),
    ("geometry", {"geometry": LineString((HERE, (math.nan, 50.0)))}),
    ("geometry", {"geometry": Point((50.0, 8.27))}),
    ("geometry", {"geometry": LineString((HERE, (8.27, 40.0)))}),
    ("geometry", {"geometry": Polygon((SQUARE[:-1],))}),
    ("geometry", {"geometry": Polygon((BOW_TIE,))}),
    ("geometry", {"geometry": Polygon(((HERE, HERE, HERE, HERE),))}),
    ("geometry", {"geometry": LineString((HERE, (8.27, 50.3)))}),
    ("geometry", {"geometry": Polygon((((8.0, 50.0), (8.4, 50.0), (8.4, 50.2), (8.0, 50.0)),))}),
    ("geometry", {"kind": "detour", "geometry": LineString((HERE, (8.27, 51.2)))}),
    ("start", {"start": at(1).replace(tzinfo=None)}),
    ("end", {"end": at(9).replace(tzinfo=None)}),
    ("end", {"end": at(5)}),
    ("end", {"end": at(4)}),
    ("daily_to", {"daily_from": "07:00"}),
    ("daily_from", {"daily_to": "07:00"}),
    ("daily_to", {"daily_from": "07:00", "daily_to": "07:00"}),
    ("weekdays", {"weekdays": ()}),
    ("weekdays", {"weekdays": (1, 1)}),
    ("weekdays", {"weekdays": (8,)}),
    ("lanes_total", {"lanes_total": 0}),
    ("lanes_total", {"lanes_total": 10**30}),
    ("lanes_closed", {"lanes_closed": -1}),
    ("lanes_closed", {"lanes_total": 2, "lanes_closed": 3}),
    ("residual_width_m", {"residual_width_m": 0.0}),
    ("residual_width_m", {"residual_width_m": math.nan}),
    ("speed_limit_kph", {"speed_limit_kph": 0}),
    ("speed_limit_kph", {"speed_limit_kph": 200}),
]

RIGHT: list[dict[str, Any]] = [
    {},
    {"geometry": Point(HERE)},
    {"geometry": Polygon((SQUARE,))},
    {"geometry": LineString((HERE, (8.27, 50.2)))},
    {"kind": "detour", "geometry": LineString((HERE, (8.27, 50.8)))},
    {"end": None},
    {"daily_from": "20:00", "daily_to": "05:00", "weekdays": (1, 7)},
    {"lanes_total": 2, "lanes_closed": 2},
    {"residual_width_m": 3.05, "speed_limit_kph": 30},
]


@pytest.mark.parametrize(("field", "changes"), WRONG)
def test_a_wrong_measure_is_named_by_its_field_in_german(field: str, changes: dict[str, Any]) -> None:
    problems = check(measure(**changes), GERMANY)
    assert [problem.field for problem in problems] == [field]
    assert problems[0].sentence.endswith(".")


@pytest.mark.parametrize("changes", RIGHT)
def test_a_right_measure_has_no_problem(changes: dict[str, Any]) -> None:
    assert check(measure(**changes), GERMANY) == []


def test_the_service_area_is_the_citys_own() -> None:
    mainz = ServiceArea(8.1, 49.9, 8.4, 50.1)
    assert check(measure(), mainz) == []
    assert [p.field for p in check(measure(geometry=Point((13.4, 52.5))), mainz)] == ["geometry"]


def test_all_problems_are_said_at_once_with_their_paths() -> None:
    broken = permit(measure("1"), measure("2", street="", end=at(1)), expected_days=0)
    assert [p.field for p in check_permit(broken, GERMANY)] == [
        "expected_days",
        "measures[1].street",
        "measures[1].end",
    ]


def test_keys_and_ids_are_unique_in_a_permit() -> None:
    assert len(check_permit(permit(measure("1"), measure("1")), GERMANY)) == 2
    assert len(check_permit(permit(measure("1"), measure("2", id=measure("1").id)), GERMANY)) == 1
    assert check_permit(permit(measure("1"), measure("2")), GERMANY) == []


NEEDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("lanes_closed", {"kind": "lanes_closed"}, {"lanes_closed": 1, "lanes_total": 2}),
    ("lanes_closed", {"kind": "lanes_closed", "lanes_closed": 1}, {"lanes_total": 2}),
    ("residual_width_m", {"kind": "narrowed"}, {"residual_width_m": 3.0}),
    ("speed_limit_kph", {"kind": "speed_limit"}, {"speed_limit_kph": 30}),
    ("direction", {"kind": "direction_closed"}, {"direction": "forward"}),
]


@pytest.mark.parametrize(("field", "without", "cure"), NEEDS)
def test_a_kind_says_what_it_lacks(field: str, without: dict[str, Any], cure: dict[str, Any]) -> None:
    assert [p.field for p in lacking(measure(**without))] == [field]
    assert lacking(measure(**without, **cure)) == []


def test_a_note_stands_in_for_the_width_of_a_narrowing() -> None:
    narrow = permit(measure("1"), measure("2", kind="narrowed", geometry=LINE))
    assert [p.field for p in lacks(narrow, {"1": "falsche Maßnahme"})] == ["measures[1].residual_width_m"]
    assert lacks(narrow, {"2": "auf ganzer Länge eng"}) == []
