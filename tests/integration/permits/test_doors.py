"""Bad requests and the problem that each answers."""

import json
from typing import Any

import pytest

from shared.settings import Area
from tests.integration.permits.desk import Caller, World, application
from tests.integration.permits.desk import world as world_of
from tests.integration.permits.test_cases import submitted

LINE = {"type": "LineString", "coordinates": [[8.27, 50.0], [8.271, 50.0005]]}
BAD_APPLICATIONS: list[tuple[Any, int, str]] = [
    (b"{", 400, ""),
    ([], 422, "#"),
    ({}, 422, "#/measures"),
    ({"measures": []}, 422, "#/measures"),
    (application(titel="x"), 422, "#/titel"),
    (application(measure={"measure": "hole"}), 422, "#/measures/0/measure"),
    (application(measure={"street": None}), 422, "#/measures/0/street"),
    (application(measure={"street": "  "}), 422, "#/measures/0/street"),
    (application(measure={"street": "a\u0000b"}), 422, "#/measures/0/street"),
    (application(measure={"street": "Rhein\u202eeßarts"}), 422, "#/measures/0/street"),
    (application(title="Fern\u2066wärme"), 422, "#/title"),
    (application(title="Fern\x9bwärme"), 422, "#/title"),
    (application(personal={"responsible_name": "Max \u200fMuster"}), 422, "#/responsible_name"),
    (
        application(measure={"geometry": {**LINE, "coordinates": [[8.27, 50.0], [8.27, 51.17]]}}),
        422,
        "#/measures/0/geometry",
    ),
    (json.dumps(application(title="\ud800")).encode(), 422, "#/title"),
    (application(measure={"start": "2026-03-05T07:00:00"}), 422, "#/measures/0/start"),
    (application(measure={"start": "0001-01-01T00:00:00+14:00"}), 422, "#/measures/0/start"),
    (application(measure={"end": "2026-03-01T07:00:00+01:00"}), 422, "#/measures/0/end"),
    (application(measure={"end": "9999-12-31T23:59:59-12:00"}), 422, "#/measures/0/end"),
    (application(measure={"geometry": {"type": "Circle", "coordinates": [1]}}), 422, "#/measures/0/geometry/type"),
    (
        application(measure={"geometry": {**LINE, "coordinates": [[8.27, 50.0]]}}),
        422,
        "#/measures/0/geometry/coordinates",
    ),
    (
        application(measure={"geometry": {**LINE, "coordinates": [["a", 1], [2, 3]]}}),
        422,
        "#/measures/0/geometry/coordinates/0/0",
    ),
    (
        application(measure={"geometry": {**LINE, "coordinates": [[50.0, 8.27], [50.0, 8.28]]}}),
        422,
        "#/measures/0/geometry",
    ),
    (application(measure={"measure": "speed_limit"}), 422, "#/measures/0/speed_limit_kph"),
    (application(measure={"daily_from": "07:00"}), 422, "#/measures/0/daily_to"),
    (application(measure={"weekdays": [0]}), 422, "#/measures/0/weekdays/0"),
    (application(measure={"except": ["gestern"]}), 422, "#/measures/0/except/0"),
    (application(measure={"lanes_total": 2, "lanes_closed": 3}), 422, "#/measures/0/lanes_closed"),
    (application(personal={"shoe_size": "44"}), 422, "#/personal/shoe_size"),
    (application(expected_days=0), 422, "#/expected_days"),
]


@pytest.mark.parametrize(("body", "status", "pointer"), BAD_APPLICATIONS)
def test_a_bad_application_is_told_where_it_is_wrong(clerk: Caller, body: Any, status: int, pointer: str) -> None:
    answer = clerk.post("/permits", body, Content_Type="application/json")
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    if pointer:
        assert pointer in [error["pointer"] for error in problem["errors"]], problem
        assert all(error["detail"] for error in problem["errors"])
    assert clerk.get("/permits").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("command", "body", "status", "code"),
    [
        ("start", {}, 409, "case_submitted"),
        ("approve", {}, 422, "number_missing"),
        ("reject", {"reason": " "}, 422, "reason_missing"),
        ("reject", {}, 422, None),
        ("extend", {"end": "2027-01-01T00:00:00Z"}, 409, "case_submitted"),
        ("dance", {}, 404, None),
        ("approve", {"conditions": "frei"}, 422, None),
    ],
)
def test_a_command_that_cannot_be_is_refused_with_its_reason(
    clerk: Caller, command: str, body: Any, status: int, code: str | None
) -> None:
    permit_id = submitted(clerk)
    answer = clerk.post(f"/permits/{permit_id}/{command}", body)
    assert (answer.status_code, answer.get_json().get("code")) == (status, code), answer.text
    assert clerk.get(f"/permits/{permit_id}").get_json()["version"] == 1


def test_an_unknown_case_is_not_found(clerk: Caller) -> None:
    assert clerk.get("/permits/nowhere").status_code == 404
    assert clerk.post("/permits/nowhere/approve", {"permit_number": "1"}).status_code == 404


@pytest.mark.parametrize("query", ["status=dead", "page=0", "page_size=201", "page=x"])
def test_a_bad_query_is_told_so(clerk: Caller, query: str) -> None:
    answer = clerk.get(f"/permits?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["in"] == "query"


def test_a_file_number_belongs_to_one_case(clerk: Caller) -> None:
    submitted(clerk, permit_number="61-1")
    other = submitted(clerk)
    answer = clerk.post(f"/permits/{other}/approve", {"permit_number": "61-1"})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "#/permit_number")
    assert clerk.post("/permits", application(permit_number=" 61-1 ")).status_code == 422


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"authorisation": "own"}, "authorisation_not_yours"),
        ({"received_via": "paper"}, "receipt_not_yours"),
        ({"received_at": "2026-03-01T07:00:00Z"}, "receipt_not_yours"),
    ],
)
def test_what_the_authority_alone_says_no_applicant_says(
    clerk: Caller, contractor: Caller, said: dict[str, Any], code: str
) -> None:
    for path in ("/permits", "/permits?draft=true"):
        answer = contractor.post(path, application(**said))
        assert (answer.status_code, answer.get_json()["code"]) == (422, code), path
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"#/{next(iter(said))}"]
    draft = contractor.post("/permits?draft=true", application(received_via="online")).get_json()["id"]
    assert contractor.post(f"/permits/{draft}/submit", application(**said)).get_json()["code"] == code
    assert clerk.post("/permits", application(**said)).status_code == 201


def test_a_measure_outside_the_citys_own_area_is_refused(postgres_url: str) -> None:
    with world_of(postgres_url, service_area=Area(8.1, 49.9, 8.4, 50.1)) as small:
        answer = small.key("clerk").post("/permits", application())
        assert answer.status_code == 201
        far = {**LINE, "coordinates": [[8.27, 50.0], [8.27, 50.11]]}
        answer = small.key("clerk").post("/permits", application(measure={"geometry": far}))
        assert answer.get_json()["detail"] == "Die Maßnahme liegt außerhalb des Zuständigkeitsgebiets."


def test_a_body_of_another_media_type_is_told_so(clerk: Caller) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = clerk.post("/permits", json.dumps(application()).encode(), Content_Type=media_type)
        assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_an_applicant_gives_itself_no_file_number(contractor: Caller) -> None:
    answer = contractor.post("/permits", application(permit_number="61-1"))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "number_not_yours")


def test_the_document_is_valid_openapi_and_has_a_page_of_its_own(world: World) -> None:
    from openapi_spec_validator import validate  # noqa: PLC0415 - slow to import, used once

    client = world.app.test_client()
    document = client.get("/permits/openapi.json").get_json()
    validate(document)
    assert document["openapi"] == "3.1.0"
    page = client.get("/permits/api").text
    assert all(f" {path}</code>" in page for path in document["paths"])
    assert "<script" not in page.replace('<script type="module"', "")
