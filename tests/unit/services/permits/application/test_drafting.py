"""Content out of what a door was given."""

from typing import Any

import pytest

from services.permits.application.drafting import draft
from services.permits.application.house import House
from services.permits.domain.errors import RefusedError
from tests.unit.services.permits.makers import PERMIT_ID, at, content, measure, permit

HOUSE = House("de-mainz", "Straßenverkehrsbehörde Mainz")
LINE = {"type": "LineString", "coordinates": [(8.27, 50.0), (8.271, 50.0005)]}


def given(**changes: Any) -> dict[str, Any]:
    return {"kind": "road_closed", "street": "Große Bleiche", "start": at(5), "geometry": LINE, **changes}


def test_measures_without_a_key_are_named_by_their_order_and_get_ids_for_life() -> None:
    drafted = draft({"measures": [given(), given(key="b"), given()]}, PERMIT_ID, HOUSE).permit
    assert [m.key for m in drafted.measures] == ["1", "b", "3"]
    assert drafted == draft({"measures": [given(), given(key="b"), given()]}, PERMIT_ID, HOUSE).permit
    assert len({m.id for m in drafted.measures}) == 3
    assert (drafted.authority, drafted.permit_number) == (HOUSE.authority, "")


def test_white_space_is_tidied_as_an_import_does_and_a_note_stays_inside() -> None:
    drafted = draft({"title": " Fern  wärme ", "measures": [given(street=" A  B", note="x\ny")]}, PERMIT_ID, HOUSE)
    assert (drafted.permit.title, drafted.permit.measures[0].street) == ("Fern wärme", "A B")
    assert drafted.notes == {"1": "x\ny"}


def test_an_amendment_keeps_known_ids_number_and_what_it_does_not_mention() -> None:
    known = content(measure("1", id="old-for-life"), title="Kanal", district="Altstadt")
    drafted = draft({"title": "", "measures": [given(), given()]}, PERMIT_ID, HOUSE, known).permit
    assert drafted.measures[0].id == "old-for-life"
    assert drafted.measures[1].id.startswith("de-mainz-")
    assert (drafted.permit_number, drafted.district, drafted.title) == (permit().permit_number, "Altstadt", None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "measures"),
        ({"measures": [given(kind="hole")]}, "measures[0].kind"),
        ({"measures": [given(), given(street=None)]}, "measures[1].street"),
        ({"measures": [given(geometry={"type": "Circle"})]}, "measures[0].geometry.type"),
        ({"authorisation": "royal", "measures": [given()]}, "authorisation"),
    ],
)
def test_what_has_the_wrong_form_is_refused_at_its_place(values: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        draft(values, PERMIT_ID, HOUSE)
    assert [problem.field for problem in refused.value.problems] == [field]
