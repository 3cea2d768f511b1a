"""``/feed/v1/roadworks.schema.json``: the shape of the GeoJSON product, for validators and for code generators."""

import msgspec
from flask import Response, request
from flask_smorest import Blueprint

from services.navfeed.adapters import geojson_schema
from services.navfeed.api.cors import open_to_all
from services.navfeed.application.feed import Feed
from shared.web.auth import public
from shared.web.conditional import tagged
from shared.web.shell import shell

SCHEMA_JSON = "application/schema+json"
DOCUMENT = {
    "summary": "JSON Schema von roadworks.geojson",
    "description": "Entwurf 2020-12; nennt zu jeder Angabe ihre Bedeutung.",
    "responses": {"200": {"description": "Das Schema", "content": {SCHEMA_JSON: {}}}},
}


def blueprint(_feed: Feed) -> Blueprint:
    doors = Blueprint("schema", __name__, url_prefix="/feed/v1", description="Formen der Dokumente")
    open_to_all(doors)

    @public
    def schema() -> Response:
        address = f"{shell().settings.origin}/feed/v1/{geojson_schema.NAME}"
        data = msgspec.json.format(msgspec.json.encode(geojson_schema.document(address)), indent=2)
        return tagged(request, data, SCHEMA_JSON)

    doors.add_url_rule(f"/{geojson_schema.NAME}", "schema", doors.doc(**DOCUMENT)(schema))
    return doors
