"""``POST /beacons/api/v1/pings``: the busiest door. No schema library on this path, no database but the log."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from flask import Response, request
from flask_smorest import Blueprint

from services.beacons.application.door import UnreadableBodyError, judge, split
from services.beacons.application.fleet_doors import FleetDoors
from shared.clock import Micros
from shared.web.auth import current_actor, limits, requires
from shared.web.doors import MIB
from shared.web.problems import ProblemError
from shared.web.shell import shell

BODY_BYTES = 8 * MIB
UNREADABLE_BODY = "the body is no ping, array or NDJSON"
MEDIA_TYPES = {"application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"}

DOCUMENT: dict[str, Any] = {
    "summary": "Meldungen von Warnleuchten annehmen",
    "description": "Eine Meldung, eine JSON-Liste oder NDJSON. Bestätigt wird, was dauerhaft gespeichert ist; jede "
    "abgelehnte Meldung nennt ihren Grund.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [{"type": "object"}, {"type": "array"}]}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    },
    "responses": {
        "202": {
            "description": "Angenommen, soweit nicht abgelehnt",
            "content": {
                "application/json": {
                    "example": {"accepted": 2, "rejected": [{"index": 1, "reason": "unknown device"}]},
                }
            },
        },
        "400": {"description": "Der Inhalt als Ganzes ist nicht lesbar"},
        "413": {"description": "Mehr als 8 MiB"},
        "415": {"description": "Kein JSON oder NDJSON, oder komprimiert"},
        "503": {"description": "Nichts wurde angenommen; nach Retry-After noch einmal senden"},
    },
}


def blueprint(fleet: FleetDoors) -> Blueprint:
    doors = Blueprint("pings", __name__, url_prefix="/beacons/api/v1", description="Meldungen der Warnleuchten")

    @requires("device", "fleet")
    @limits(body_bytes=BODY_BYTES)
    def pings() -> Response:
        if request.mimetype not in MEDIA_TYPES or request.headers.get("Content-Encoding", "identity") != "identity":
            raise ProblemError(415, detail="Erwartet wird JSON (application/json) oder NDJSON (application/x-ndjson).")
        now, data = fleet.clock.now(), request.get_data(cache=False)
        try:
            items = split(data, request.mimetype)
        except UnreadableBodyError as error:
            _refused(fleet, [(UNREADABLE_BODY, data)], now)
            raise ProblemError(400, detail=str(error)) from error
        actor = current_actor()
        may = partial(actor.allows, "devices")
        verdict = judge(items, known=fleet.known.among, may=may, now=now)
        if verdict.messages:
            # Acknowledged is only what the log has: it raises where it is away, and the answer is 503.
            fleet.log.send(verdict.messages)
        shell().metrics.count("pings_total", len(verdict.messages), source="http")
        if verdict.rejected:
            _refused(fleet, [(it.reason, items[it.index]) for it in verdict.rejected], now)
        body = msgspec.json.encode({"accepted": len(verdict.messages), "rejected": verdict.rejected})
        return Response(body, status=202, mimetype="application/json")

    doors.add_url_rule("/pings", "pings", doors.doc(**DOCUMENT)(pings), methods=["POST"])
    return doors


def _refused(fleet: FleetDoors, refused: Sequence[tuple[str, bytes]], now: Micros) -> None:
    """Count them for a scrape, and keep them for the ops pages."""
    for reason, _ in refused:
        shell().metrics.count("pings_rejected_total", source="http", reason=reason)
    fleet.refusals.note(refused, now)
