"""``/feed/v1/…``: the documents of the feed, now and at any instant since the first publication."""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from services.navfeed.adapters import geojson_schema
from services.navfeed.adapters.rendering import PRODUCTS
from services.navfeed.api.cors import open_to_all
from services.navfeed.api.instants import AT, past
from services.navfeed.application.documents import NotYetError, Served
from services.navfeed.application.feed import Feed
from shared.clock import from_micros, rfc3339, to_micros
from shared.web.auth import public
from shared.web.conditional import LIVE, answer
from shared.web.problems import ProblemError

RETRY_S = "5"
TITLES = {
    "roadworks.geojson": "Baustellen als GeoJSON (RFC 7946)",
    "datex2/payload.xml": "Baustellen als DATEX II 3.7, Publikation",
    "datex2/container.xml": "Baustellen als DATEX II 3.7, Nachrichtencontainer (Snapshot Pull)",
}
SHAPES = {"roadworks.geojson": geojson_schema.OPENAPI.format(name=geojson_schema.ROADWORKS)}


def blueprint(feed: Feed) -> Blueprint:
    doors = Blueprint("products", __name__, url_prefix="/feed/v1", description="Dokumente der aktuellen Lage")
    open_to_all(doors)
    for product in PRODUCTS:
        view = doors.doc(**_document(product))(_door(feed, product))
        doors.add_url_rule(f"/{product}", re.sub(r"\W", "_", product), view)
    return doors


def _door(feed: Feed, product: str) -> Callable[[], Response]:
    media_type = PRODUCTS[product].media_type

    @public
    def get() -> Response:
        text = request.args.get("at")
        if text is None:
            served, cache = _newest(feed, product), LIVE
        else:
            served, cache = _at(feed, product, text)
        return answer(request, served, media_type=media_type, now=feed.clock.now(), cache=cache)

    return get


def _document(product: str) -> dict[str, Any]:
    shape = {"schema": {"$ref": SHAPES[product]}} if product in SHAPES else {}
    return {
        "summary": TITLES.get(product, product),
        "parameters": [AT],
        "responses": {
            "200": {"description": "Das Dokument", "content": {PRODUCTS[product].media_type: shape}},
            "304": {"description": "Unverändert (If-None-Match, If-Modified-Since)"},
            "400": {"description": "Zeitpunkt nicht lesbar oder in der Zukunft"},
            "404": {"description": "Vor der ersten Veröffentlichung"},
            "503": {"description": "Noch kein vollständiger Stand; Retry-After sagt, wann"},
        },
    }


def _newest(feed: Feed, product: str) -> Served:
    try:
        return feed.documents.newest(product)
    except NotYetError:
        detail = "Es wurde noch nichts veröffentlicht, und der Bestand wird noch gelesen."
        raise ProblemError(503, detail=detail, headers={"Retry-After": RETRY_S}) from None


def _at(feed: Feed, product: str, text: str) -> tuple[Served, str]:
    when, cache = past(text, from_micros(feed.clock.now()))
    served = feed.documents.at(product, when)
    if served is None:
        raise _too_early(feed)
    return served, cache


def _too_early(feed: Feed) -> ProblemError:
    """404 that says when the first publication was, if there was any."""
    detail = "Zu diesem Zeitpunkt war noch nichts veröffentlicht."
    since = feed.began()
    if since is None:
        return ProblemError(404, detail=detail)
    return ProblemError(404, detail=f"{detail} Das Erste am {rfc3339(to_micros(since))}.")
