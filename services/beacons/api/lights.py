"""``/beacons/api/v1/lights.geojson`` and ``lights/stream``: what stands on the streets, for everybody."""

from typing import Any

import msgspec
from flask import Response, request
from flask_smorest import Blueprint

from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.shown import light_feature
from shared.web import sse
from shared.web.auth import current_actor, public
from shared.web.conditional import tagged
from shared.web.problems import ProblemError

RETRY_S = "10"
DOCUMENT: dict[str, dict[str, Any]] = {
    "lights": {
        "summary": "Warnleuchten an angeordneten Arbeitsstellen als GeoJSON",
        "description": "WGS 84. battery_pct sehen nur die Rollen fleet und clerk, sonst null.",
        "responses": {"200": {"description": "Alle", "content": {"application/geo+json": {}}}},
    },
    "stream": {
        "summary": "Änderungen der Warnleuchten als Server-Sent Events",
        "description": "light.updated mit dem ganzen Punkt, light.removed mit seiner id; Wiederaufnahme über die id.",
        "parameters": [
            {"in": "query", "name": "since", "schema": {"type": "integer", "minimum": 0}},
            {"in": "header", "name": "Last-Event-ID", "schema": {"type": "integer", "minimum": 0}},
        ],
        "responses": {
            "200": {"description": "Ereignisse", "content": {"text/event-stream": {}}},
            "400": {"description": "Stelle nicht lesbar"},
            "503": {"description": "Kein Platz frei"},
        },
    },
}


def blueprint(fleet: FleetDoors) -> Blueprint:
    doors = Blueprint("lights", __name__, url_prefix="/beacons/api/v1", description="Warnleuchten für die Karte")

    @public
    def lights() -> Response:
        staff = current_actor().has("fleet", "clerk")
        features = [light_feature(row, staff=staff) for row in fleet.reads.shown()]
        body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
        # What staff sees nobody else may get from a cache, and the other way round.
        response = tagged(request, body, "application/geo+json", "private, no-cache" if staff else "no-cache")
        for name in ("Authorization", "X-API-Key", "Cookie"):
            response.vary.add(name)
        return response

    @public
    def stream() -> Response:
        try:
            after = sse.resume_position(request.headers.get("Last-Event-ID"), request.args.get("since"))
        except ValueError:
            raise ProblemError(400, detail="since, Last-Event-ID: Hier wird eine ganze Zahl ab 0 erwartet.") from None
        if request.method == "HEAD":
            return sse.response(iter(()))
        try:
            return sse.response(fleet.hub.subscribe(after))
        except sse.TooManySubscribersError:
            detail = "Alle Plätze für dauerhafte Verbindungen sind belegt."
            raise ProblemError(503, detail=detail, headers={"Retry-After": RETRY_S}) from None

    for path, view in (("/lights.geojson", lights), ("/lights/stream", stream)):
        doors.add_url_rule(path, view.__name__, doors.doc(**DOCUMENT[view.__name__])(view))
    return doors
