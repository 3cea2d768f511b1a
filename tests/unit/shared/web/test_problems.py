"""The table of bad requests: each is answered by a problem, in German, with nothing internal in it."""

import io
import json
from typing import Any

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from flask_smorest import abort as smorest_abort
from marshmallow import Schema, ValidationError, fields, validate
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.port import LogUnavailableError
from shared.web.api import ApiBlueprint
from shared.web.app import api_of
from shared.web.auth import limits, public, without_csrf
from shared.web.problems import ProblemError

SECRET = "table people_keys at 10.0.0.7"  # noqa: S105  # stands for anything internal


class PlaceSchema(Schema):
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    tags = fields.List(fields.Integer())


class PageSchema(Schema):
    limit = fields.Integer()


ERRORS: dict[str, Exception] = {
    "problem": ProblemError(409, "Schon erteilt", "Die Anordnung ist schon erteilt.", headers={"X-A": "b"}, version=7),
    "database": DatabaseUnavailableError(SECRET),
    "log": LogUnavailableError(SECRET),
    "bug": ZeroDivisionError(SECRET),
    "schema": ValidationError({"start": ["Missing data for required field."], "_schema": ["Das Ende fehlt."]}),
}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    api = ApiBlueprint("toys", __name__, url_prefix="/toy/api")

    @api.route("/places", methods=["POST"])
    @without_csrf
    @public
    @limits(body_bytes=2_000)
    @api.arguments(PlaceSchema)
    @api.arguments(PageSchema, location="query")
    def places(place: Any, page: Any) -> Any:
        return {"place": place, "page": page}

    @api.route("/gone")
    @public
    def gone() -> None:
        smorest_abort(410, message="Diese Stelle gibt es nicht mehr.")

    @app.post("/toy/raw")
    @public
    @without_csrf
    def raw() -> Any:
        return {"n": len(request.get_json())}

    @app.get("/toy/raise/<name>")
    @public
    def fail(name: str) -> str:
        raise ERRORS[name]

    @app.get("/toy/abort/<int:status>")
    @public
    def stop(status: int) -> str:
        abort(status)

    api_of(app).register_blueprint(api)
    return app.test_client()


def body(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.data)
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert found["request_id"] == answer.headers["X-Request-Id"]
    assert SECRET not in answer.text
    return found


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"lon": 181}, [("#/lon", "Der Wert muss mindestens -180 und höchstens 180 sein.")]),
        ({}, [("#/lon", "Diese Angabe fehlt.")]),
        ({"lon": "x"}, [("#/lon", "Hier wird eine Zahl erwartet.")]),
        ({"lon": 1, "a/b~c": 2}, [("#/a~1b~0c", "Diese Angabe ist hier nicht vorgesehen.")]),
        ({"lon": 1, "tags": [1, "x"]}, [("#/tags/1", "Hier wird eine ganze Zahl erwartet.")]),
    ],
)
def test_a_wrong_field_is_named_by_its_pointer(
    client: FlaskClient, sent: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    found = body(client.post("/toy/api/places", json=sent), 422)
    assert [(error["pointer"], error["detail"]) for error in found["errors"]] == errors


def test_a_wrong_parameter_says_that_it_stands_in_the_query(client: FlaskClient) -> None:
    found = body(client.post("/toy/api/places?limit=x", json={"lon": 1}), 422)
    assert found["errors"] == [{"pointer": "#/limit", "detail": "Hier wird eine ganze Zahl erwartet.", "in": "query"}]


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", "/toy/api/places", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/toy/api/places", {"data": b"\xff", "content_type": "application/json"}, 400),
        ("POST", "/toy/raw", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/toy/raw", {"data": "{}", "content_type": "text/plain"}, 415),
        ("POST", "/toy/api/places", {"data": b"x" * 2_001, "content_type": "application/json"}, 413),
        ("GET", "/toy/nothing", {}, 404),
        ("GET", "/%00", {}, 404),
        ("DELETE", "/toy/raw", {}, 405),
        ("GET", "/toy/abort/412", {}, 412),
        ("GET", "/toy/abort/418", {}, 418),
        ("GET", "/toy/raise/bug", {}, 500),
    ],
)
def test_every_bad_request_is_a_problem(
    client: FlaskClient, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    body(client.open(path, method=method, **more), status)


def test_a_body_without_a_length_stops_at_the_limit(client: FlaskClient) -> None:
    chunked = {
        "wsgi.input": io.BytesIO(b"[" + b"1," * 1_000 + b"1]"),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_TYPE": "application/json",
    }
    body(client.post("/toy/api/places", environ_overrides=chunked), 413)
    chunked["wsgi.input"] = io.BytesIO(b'{"lon": 1, "tags": [' + b"1," * 900 + b"1]}")
    assert len(client.post("/toy/api/places", environ_overrides=chunked).get_json()["place"]["tags"]) == 901


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    assert "POST" in client.delete("/toy/raw").headers["Allow"]


def test_a_problem_carries_its_words_members_and_headers(client: FlaskClient) -> None:
    answer = client.get("/toy/raise/problem")
    found = body(answer, 409)
    assert (found["title"], found["detail"], found["version"]) == (
        "Schon erteilt",
        "Die Anordnung ist schon erteilt.",
        7,
    )
    assert answer.headers["X-A"] == "b"


def test_words_given_to_abort_are_kept(client: FlaskClient) -> None:
    assert body(client.get("/toy/api/gone"), 410)["detail"] == "Diese Stelle gibt es nicht mehr."


def test_a_schema_loaded_by_hand_answers_alike(client: FlaskClient) -> None:
    found = body(client.get("/toy/raise/schema"), 422)
    assert found["errors"] == [
        {"pointer": "#/start", "detail": "Diese Angabe fehlt."},
        {"pointer": "#", "detail": "Das Ende fehlt."},
    ]


@pytest.mark.parametrize("name", ["database", "log"])
def test_an_outage_asks_to_come_again(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/toy/raise/{name}")
    body(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_bug_is_logged_with_the_id_that_the_answer_tells(client: FlaskClient) -> None:
    with capture_logs() as lines:
        answer = client.get("/toy/raise/bug", headers={"X-Request-Id": "abcdefgh-1"})
    assert body(answer, 500)["request_id"] == "abcdefgh-1"
    assert [line["event"] for line in lines] == ["request_crashed", "request_served"]
    assert isinstance(lines[0]["exc_info"][1], ZeroDivisionError)


@pytest.mark.parametrize("path", ["/toy/nothing", "/toy/raise/bug", "/toy/raise/database"])
def test_a_browser_gets_a_page_in_german(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.mimetype == "text/html"
    assert '<html lang="de"' in answer.text
    assert "<h1" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize("path", ["/toy/raise/database", "/toy/nothing", "/hinweise"])
def test_somebody_logged_in_gets_a_page_too_while_the_database_is_away(client: FlaskClient, path: str) -> None:
    with client.session_transaction() as session:
        session["sid"] = "x" * 43
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "Vorübergehend nicht verfügbar" in answer.text
    assert "Retry-After" in answer.headers


def test_what_a_visitor_sends_is_not_shown_as_markup(app: Flask) -> None:
    @app.get("/toy/echo")
    @public
    def echo() -> str:
        raise ProblemError(400, detail=request.args["x"])

    answer = app.test_client().get("/toy/echo?x=<script>", headers={"Accept": "text/html"})
    assert "<script>" not in answer.text


def test_redirects_pass_as_they_are(app: Flask) -> None:
    @app.get("/toy/folder/")
    @public
    def folder() -> str:
        return "ok"

    assert app.test_client().get("/toy/folder").status_code == 308
