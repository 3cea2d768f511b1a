"""Errors as RFC 9457 problem details, for people in German, and as a page where somebody looks with a browser.

``errors`` says which fields are wrong: ``[{"pointer": "#/lon", "detail": "…"}]``, with ``"in": "query"`` and the like
for what does not stand in the body. Nothing internal ever leaves; the request id leads to the log.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.port import LogUnavailableError
from shared.web.german import german, words
from shared.web.kept import Fields, packed, sent

PROBLEM_JSON = "application/problem+json"
RETRY_S = "5"
OUTAGE = "{} antwortet gerade nicht. Nichts Gespeichertes ist verloren; bitte versuchen Sie es gleich noch einmal."
PASSING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
BODY = {"json", "form", "files", "json_or_form"}


class ProblemError(Exception):
    """Raised anywhere behind a door to answer with this problem; ``members`` are extra members of its body.

    ``passing``: what was sent may well be taken if it is sent again.
    """

    passing = False

    def __init__(self, status: int, title: str = "", detail: str = "", **members: Any) -> None:
        super().__init__(status, title, detail)
        self.status, self.title, self.detail = status, title, detail
        self.headers: Mapping[str, str] = members.pop("headers", {})
        self.members = members


class ExpiredFormError(ProblemError):
    """The form is of another session than the one that sends it."""

    passing = True


def problem(status: int, title: str = "", detail: str = "", *, passing: bool = False, **members: Any) -> Response:
    """The answer for an error: problem+json, or a page for those who prefer one. Empty words: the usual ones.

    A page for a person whose form could not be taken for the moment keeps what was sent.
    """
    usual = words(status)
    body: dict[str, Any] = {"type": "about:blank", "title": title or usual.title, "status": status}
    body |= {"detail": detail or usual.detail, "request_id": g.get("request_id", ""), **members}
    if _prefers_page():
        g.setdefault("actor", None)  # an error page asks nobody who looks at it: the answer may be the next error
        answer = current_app.make_response(_page(status, body, sent() if passing or status in PASSING else []))
    else:
        answer = jsonify(body)
        answer.mimetype = PROBLEM_JSON
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    answer.vary.add("Accept")
    return answer


def _page(status: int, body: dict[str, Any], kept: Fields) -> str:
    if status == HTTPStatus.UNAUTHORIZED and kept:
        return render_template("login.html", target=request.path, kept=packed(kept), name="", ended=True)
    return render_template("error.html", problem=body, kept=kept)


def register_problems(app: Flask) -> None:
    """Answer every error of the app with a problem."""
    app.register_error_handler(ProblemError, _of_problem)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(ValidationError, _of_validation)
    app.register_error_handler(DatabaseUnavailableError, partial(_of_outage, "Die Datenbank"))
    app.register_error_handler(LogUnavailableError, partial(_of_outage, "Das Ereignisprotokoll"))
    app.register_error_handler(RecursionError, _of_nonsense)
    app.register_error_handler(psycopg.DataError, _of_nonsense)


def _prefers_page() -> bool:
    """Whoever sends a key is a machine, whatever it accepts."""
    if "Authorization" in request.headers or "X-API-Key" in request.headers:
        return False
    return request.accept_mimetypes.best_match([PROBLEM_JSON, "application/json", "text/html"]) == "text/html"


def _of_problem(error: ProblemError) -> Response:
    answer = problem(error.status, error.title, error.detail, passing=error.passing, **error.members)
    answer.headers.update(error.headers)
    return answer


def _of_validation(error: ValidationError) -> Response:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors=list(_flat(error.messages, "#", {})))


def _of_nonsense(error: Exception) -> Response:
    """What a parser cannot nest or the database cannot hold (a NUL) is an input at fault, wherever it came in."""
    current_app.logger.info("input_refused %s", type(error).__name__)
    return problem(
        HTTPStatus.BAD_REQUEST, detail="Die Angaben enthalten unzulässige Zeichen oder sind zu tief verschachtelt."
    )


def _of_outage(what: str, error: Exception) -> Response:
    current_app.logger.warning("dependency_unavailable %s", type(error).__name__)
    answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, detail=OUTAGE.format(what))
    answer.headers["Retry-After"] = RETRY_S
    return answer


def _of_http(error: HTTPException) -> HTTPException | Response:
    """werkzeug's, webargs' and flask-smorest's errors; redirects and ready answers pass as they are.

    webargs and flask-smorest hang what they know on ``error.data``: messages per location, own message, headers.
    """
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    data: dict[str, Any] = getattr(error, "data", None) or {}
    members: dict[str, Any] = (
        {"errors": list(_located(data["messages"]))} if isinstance(data.get("messages"), dict) else {}
    )
    answer = problem(error.code, detail=data.get("message", ""), **members)
    for name, value in error.get_headers():
        if name != "Content-Type":
            answer.headers[name] = value
    answer.headers.update(data.get("headers") or {})
    return answer


def _located(messages: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for location, found in messages.items():
        yield from _flat(found, "#", {} if location in BODY else {"in": location})


def _flat(messages: Any, pointer: str, more: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Nested messages of marshmallow as JSON pointers (RFC 6901) in URI fragments."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            part = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _flat(inner, pointer + part, more)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield {"pointer": pointer, "detail": german(str(message)), **more}
