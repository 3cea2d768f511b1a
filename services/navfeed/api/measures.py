"""``/feed/v1/measures``, ``changes`` and ``stream``: single measures for life, and what changed since a position."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from flask import Response, request
from flask_smorest import Blueprint

from services.navfeed.api.cors import open_to_all
from services.navfeed.api.instants import AT, past
from services.navfeed.application.feed import Feed
from services.navfeed.application.ledger import Entry
from shared.clock import from_micros, rfc3339, to_micros
from shared.web import sse
from shared.web.auth import public
from shared.web.conditional import tagged
from shared.web.problems import ProblemError

LIMIT, MAX_LIMIT = 100, 1_000
GEOJSON, JSON = "application/geo+json", "application/json"

_encode = msgspec.json.encode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

SINCE = {
    "in": "query",
    "name": "since",
    "schema": {"type": "integer", "minimum": 0},
    "description": "Stelle im Veröffentlichungsprotokoll; geliefert wird, was danach kam",
}
PAGE = {
    "in": "query",
    "name": "limit",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT},
    "description": "Etwa so viele Änderungen; eine Veröffentlichung wird nie geteilt",
}
RESUME = {
    "in": "header",
    "name": "Last-Event-ID",
    "schema": {"type": "integer", "minimum": 0},
    "description": "Letzte empfangene id; geht vor since",
}


def _responses(kind: str, *others: int) -> dict[str, Any]:
    words = {
        400: "Angabe nicht lesbar",
        404: "Nie veröffentlicht",
        410: "Diese Stelle gibt es nicht (mehr): den Bestand neu lesen",
        503: "Kein Platz frei",
    }
    return {"200": {"description": "Gefunden", "content": {kind: {}}}} | {
        str(status): {"description": words[status]} for status in others
    }


DOCUMENT: dict[str, dict[str, Any]] = {
    "measure": {
        "summary": "Eine Maßnahme, auf Dauer",
        "description": "Neueste Fassung, oder die von damals. `removed` nennt, seit wann sie nicht mehr im Feed ist.",
        "parameters": [AT],
        "responses": _responses(GEOJSON, 400, 404),
    },
    "history": {
        "summary": "Alle veröffentlichten Fassungen einer Maßnahme",
        "description": "Älteste zuerst, mit Zeitpunkt, Stelle im Protokoll und auslösendem Ereignis.",
        "responses": _responses(JSON, 404),
    },
    "changes": {
        "summary": "Änderungen seit einer Stelle",
        "description": "In der Reihenfolge der Veröffentlichung; `removed` ist das Ende einer Maßnahme im Feed.",
        "parameters": [SINCE, PAGE],
        "responses": _responses(JSON, 400, 410),
    },
    "stream": {
        "summary": "Änderungen als Server-Sent Events",
        "description": "Ereignisse measure.updated, measure.ended, measure.removed; id ist die Stelle im Protokoll. "
        "reset: die genannte Stelle gibt es nicht (mehr), der Bestand ist neu zu lesen.",
        "parameters": [SINCE, RESUME],
        "responses": _responses("text/event-stream", 400, 503),
    },
}


def blueprint(feed: Feed) -> Blueprint:
    doors = Blueprint("measures", __name__, url_prefix="/feed/v1", description="Einzelne Maßnahmen und Änderungen")
    open_to_all(doors)

    @public
    def measure(measure_id: str) -> Response:
        history, text = _history(feed, measure_id), request.args.get("at")
        if text is None:
            return tagged(request, _for_life(history), GEOJSON)
        when, cache = past(text, from_micros(feed.clock.now()))
        then = [version for version in history if version[1] <= when]
        if not then:
            since = rfc3339(to_micros(history[0][1]))
            detail = f"Zu diesem Zeitpunkt war diese Maßnahme noch nicht veröffentlicht, zuerst am {since}."
            raise ProblemError(404, detail=detail)
        return tagged(request, _for_life(then), GEOJSON, cache)

    @public
    def history(measure_id: str) -> Response:
        found = _history(feed, measure_id)
        versions = [change_of(entry) | {"published_at": at, "cause": cause} for entry, at, cause in found]
        return tagged(request, _encode({"id": measure_id, "versions": versions}), JSON)

    @public
    def changes() -> Response:
        since, limit = _number("since", 0, 0, 10**18), _number("limit", LIMIT, 1, MAX_LIMIT)
        entries = feed.ledger.changes(since, limit)
        if not entries:
            _require_position(feed, since)
        body = {
            "changes": [change_of(entry) for entry in entries],
            "position": entries[-1].seq if entries else since,
            "more": len(entries) >= limit,
        }
        return tagged(request, _encode(body), JSON)

    @public
    def stream() -> Response:
        return sse.serve(feed.hub)

    for path, view in (
        ("/measures/<measure_id>", measure),
        ("/measures/<measure_id>/history", history),
        ("/changes", changes),
        ("/stream", stream),
    ):
        doors.add_url_rule(path, view.__name__, doors.doc(**DOCUMENT[view.__name__])(view))
    return doors


def _require_position(feed: Feed, since: int) -> None:
    """Nobody was given a position beyond the newest by this ledger: who waits there would wait in vain."""
    position = feed.ledger.position()
    newest = position[0] if position else 0
    if since > newest:
        detail = "since: Diese Stelle gibt es nicht (mehr). Bitte lesen Sie den Bestand neu und gehen von position aus."
        raise ProblemError(410, "Stelle unbekannt", detail, position=newest)


def _history(feed: Feed, measure_id: str) -> Sequence[tuple[Entry, datetime, str]]:
    found = feed.ledger.history(measure_id)
    if not found:
        raise ProblemError(404, detail="Eine Maßnahme mit dieser Kennung wurde nie veröffentlicht.")
    return found


def change_of(entry: Entry) -> dict[str, Any]:
    """A change as JSON; ``feature`` are the stored bytes, None for a removal."""
    feature = None if entry.change == "removed" else msgspec.Raw(entry.data)
    return {
        "seq": entry.seq,
        "change": entry.change,
        "id": entry.id,
        "version": entry.version,
        "feature": feature,
    }


def _for_life(history: Sequence[tuple[Entry, datetime, str]]) -> bytes:
    """The newest feature as stored; of a removed one the last, with the foreign member ``removed``."""
    entry, at, _ = history[-1]
    if entry.change != "removed":
        return entry.data
    last = next(old for old, _, _ in reversed(history) if old.change != "removed")
    return _encode(_members(last.data) | {"removed": {"version": entry.version, "at": at}})


def _number(name: str, default: int, least: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise ProblemError(400, detail=f"{name}: Hier wird eine ganze Zahl von {least} bis {most} erwartet.")
    return int(text)
