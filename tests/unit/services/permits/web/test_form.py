"""The form's fields: places, figures, and which measure an error belongs to."""

from datetime import date
from typing import Any

import pytest

from services.permits.domain.errors import Problem, RefusedError
from services.permits.domain.measures import GERMANY
from services.permits.web.form import IN_MEASURE, ON_PAGE, Form, of_content, of_request
from services.permits.web.words import typed_words
from tests.unit.services.permits.makers import content, measure

WHOLE = {"kind": "road_closed", "street": "Rheinstraße", "start": "2026-03-05T07:00", "geometry": "8.27,50.0"}


def form(**changes: str) -> Form:
    return Form({f"measures-0-{name}": text for name, text in (WHOLE | changes).items()})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("8.27,50.0", "Point"),
        ("8.27,50.0 8.28,50.0", "LineString"),
        ("8.27,50.0;8.28,50.0\n8.28,50.1", "LineString"),
        ("8.27,50.0 8.28,50.0 8.28,50.1 8.27,50.0", "Polygon"),
    ],
)
def test_places_are_a_point_a_line_or_an_area(text: str, kind: str) -> None:
    assert form(geometry=text).values()["measures"][0]["geometry"]["type"] == kind


@pytest.mark.parametrize("text", ["8.27", "8,27,50,0", "8.27;50.0", "nan,nan", "inf,1", "200,50", "a,b"])
def test_what_is_no_place_is_said_at_the_field(text: str) -> None:
    typed = form(geometry=text)
    assert "geometry" not in typed.values()["measures"][0]
    assert list(typed.errors) == ["measures-0-geometry"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("residual_width_m", "3,05", 3.05),
        ("residual_width_m", "3.5", 3.5),
        ("residual_width_m", "breit", None),
        ("lanes_total", "2", 2),
        ("lanes_total", "-2", None),
    ],
)
def test_figures_are_read_as_germans_write_them(name: str, text: str, value: Any) -> None:
    typed = form(**{name: text})
    assert typed.values()["measures"][0].get(name) == value
    assert (f"measures-0-{name}" in typed.errors) == (value is None)


def test_only_places_that_can_be_read_and_lie_in_the_area_are_drawn() -> None:
    texts = ["8.27,50.0", "hier", "98.27,50.0", "", "8.27,50.0 8.28,50.1"]
    form = Form({f"measures-{number}-geometry": text for number, text in enumerate(texts)})
    form.fields["measures-4-kind"] = "detour"
    assert [(kind, type(place).__name__) for kind, place in form.places(GERMANY)] == [
        ("", "Point"),
        ("detour", "LineString"),
    ]
    assert form.errors == {}


def test_errors_find_the_measure_that_they_mean_after_one_was_removed() -> None:
    typed = Form({"measures-2-street": "A", "measures-7-street": "B"})
    typed.refuse(RefusedError("invalid", "x", None, (Problem("measures[1].end", "zu früh"), Problem("title", "lang"))))
    assert typed.errors == {"measures-7-end": "zu früh", "title": "lang"}


def test_the_last_measure_is_never_removed() -> None:
    typed = form()
    typed.remove_measure(0)
    assert typed.fields["measures-0-street"] == "Rheinstraße"


def test_boxes_of_one_name_are_words_of_one_field() -> None:
    typed = of_request([("measures-0-weekdays", "1"), ("measures-0-weekdays", "5"), ("csrf_token", "x")])
    assert typed.fields == {"measures-0-weekdays": "1 5"}
    assert typed.values()["measures"][0]["weekdays"] == [1, 5]


def test_whom_a_measure_is_for_is_chosen_and_shown_again_as_it_was_chosen() -> None:
    form = of_content(content(measure(affects=("car", "foot"), exempt=("residents",))))
    assert form.fields["measures-0-affects"] == "car foot"
    [given] = form.values()["measures"]
    assert (given["affects"], given["exempt"]) == (["car", "foot"], ["residents"])
    assert typed_words({"measures-0-affects": "car foot"}) == [("Maßnahme 1: betrifft", "Auto und zu Fuß")]


def test_days_without_works_are_typed_as_people_write_them_and_shown_again() -> None:
    known = content(measure(except_dates=(date(2026, 12, 24), date(2026, 12, 31))))
    form = of_content(known)
    assert form.fields["measures-0-except_dates"] == "24.12.2026, 31.12.2026"
    form.fields["measures-0-except_dates"] = " 1.5.2026;2026-10-03 "
    assert form.merged(known)["measures"][0]["except_dates"] == [date(2026, 5, 1), date(2026, 10, 3)]
    form.fields["measures-0-except_dates"] = "24. 12. 2026, 24.12.2026"
    assert form.merged(known)["measures"][0]["except_dates"] == [date(2026, 12, 24)]
    form.fields["measures-0-except_dates"] = ""
    assert "except_dates" not in form.merged(known)["measures"][0]
    del form.fields["measures-0-except_dates"]
    assert form.merged(known)["measures"][0]["except_dates"] == (date(2026, 12, 24), date(2026, 12, 31)), "an old form"
    for text in ("31.2.2026", "Heiligabend", "24.12.", "20261224", "2026-W52-4", "٢٤.١٢.٢٠٢٦", "1.1.26"):
        form.fields["measures-0-except_dates"] = text
        form.errors.clear()
        form.values()
        assert "ist kein Tag. Bitte etwa 24.12.2026" in form.errors["measures-0-except_dates"]


def test_a_new_measure_of_a_known_case_takes_no_key_that_is_in_use() -> None:
    known = content(measure("1"), measure("2"))
    typed = of_content(known)
    typed.remove_measure(0)
    typed.add_measure()
    typed.fields["measures-2-key"] = ""
    assert [given["key"] for given in typed.merged(known)["measures"]] == ["2", "3"]


def test_an_organisation_is_public_and_a_person_is_sealed() -> None:
    said = {"applicant": "Müller", "responsible_phone": "0171"}
    organisation, person = Form({**said, "applicant_kind": "organisation"}), Form({**said, "applicant_kind": "person"})
    assert organisation.values()["applicant"] == "Müller"
    assert organisation.personal().applicant_name is None  # type: ignore[union-attr]  # there is a phone number
    assert person.values()["applicant"] is None
    assert person.personal().applicant_name == "Müller"  # type: ignore[union-attr]  # the same


def test_errors_are_told_in_the_order_of_the_page_whatever_was_found_first() -> None:
    names = ["command", "measures-1-kind", "measures-0-end", "measures-0-street", "applicant", "expected_days"]
    told = [name for name, _ in Form(errors=dict.fromkeys(names, "falsch")).faults]
    assert told == [
        "expected_days", "applicant", "measures-0-street", "measures-0-end", "measures-1-kind", "command",
    ]  # fmt: skip


def test_every_field_of_the_form_has_its_place_in_that_order() -> None:
    fields = of_content(content(measure())).fields
    unseen = {"measures-0-key", "measures-0-side", "applicant_kind", "conditions"}
    assert set(fields) - unseen - {f"measures-0-{name}" for name in IN_MEASURE} <= set(ON_PAGE)
