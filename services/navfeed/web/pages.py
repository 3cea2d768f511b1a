"""The public pages: the live map with its list, and what there is for subscribers."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, render_template

from services.navfeed.adapters.rendering import PRODUCTS
from services.navfeed.application.documents import NotYetError, Served
from services.navfeed.application.feed import Feed
from services.navfeed.web.times import ago, minute
from services.navfeed.web.words import Truth, badges, sentences
from shared.clock import from_micros
from shared.web.auth import public
from shared.web.problems import ProblemError
from shared.web.shell import shell

LIST = "roadworks.geojson"


class Told(NamedTuple):
    """A product as subscribers are told of it."""

    title: str
    schema: str


PRODUCT_NOTES = {
    "roadworks.geojson": Told(
        "GeoJSON",
        "RFC 7946, eine Fläche oder Linie je Maßnahme, WGS 84 (Länge, Breite). Jede Angabe nennt ihre Herkunft: "
        "angeordnet, gemeldet oder gemessen.",
    ),
    "datex2/payload.xml": Told(
        "DATEX II, Publikation",
        "DATEX II 3.7, SituationPublication, Profil leitbake-roadworks 1.0: eine Situation je Vorgang.",
    ),
    "datex2/container.xml": Told(
        "DATEX II, Nachrichtencontainer",
        "DATEX II 3.7, MessageContainer für Snapshot Pull, etwa über die Mobilithek; "
        "beendete Maßnahmen stehen 24 Stunden als closed oder cancelled darin.",
    ),
}


class _Page(msgspec.Struct):
    features: list[dict[str, Any]]


class Features:
    """The features of the newest document, decoded once per publication."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: tuple[Served, list[dict[str, Any]]] | None = None
        self._decode = msgspec.json.Decoder(_Page).decode

    def of(self, served: Served) -> list[dict[str, Any]]:
        with self._lock:
            if self._of is None or self._of[0] is not served:
                self._of = served, self._decode(served.data).features
            return self._of[1]


def blueprint(feed: Feed) -> Blueprint:
    pages = Blueprint("navfeed_pages", __name__, template_folder="templates")
    decoded = Features()

    @pages.get("/")
    @public
    def live_map() -> str:
        served, now = _newest(feed), from_micros(feed.clock.now())
        features = [listed(feature, now) for feature in decoded.of(served)]
        return render_template("map.html", features=features, as_of=minute(now), position=served.seq)

    @pages.get("/feed/")
    @public
    def subscribers() -> str:
        now = from_micros(feed.clock.now())
        return render_template("feed.html", products=_products(feed.documents.newest, now), as_of=minute(now))

    return pages


def listed(feature: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A feature for the list: what it is, its stored properties, and what is known of it in German."""
    properties = feature["properties"]
    truth = msgspec.convert(properties, Truth)
    return {
        "id": feature["id"],
        "headline": properties["headline"],
        "geometry": feature["geometry"],
        "properties": properties,
        "badges": [badge._asdict() for badge in badges(truth)],
        "words": sentences(truth, now),
    }


def _newest(feed: Feed) -> Served:
    try:
        return feed.documents.newest(LIST)
    except NotYetError:
        detail = "Der Bestand wird noch gelesen. Bitte laden Sie die Seite in wenigen Sekunden neu."
        raise ProblemError(503, detail=detail, headers={"Retry-After": "5"}) from None


def _products(newest: Callable[[str], Served], now: datetime) -> list[dict[str, Any]]:
    origin, told = shell().settings.origin, []
    for name, product in PRODUCTS.items():
        address = f"{origin}/feed/v1/{name}"
        note = PRODUCT_NOTES.get(name, Told(name, ""))
        told.append(
            {
                "title": note.title,
                "schema": note.schema,
                "address": address,
                "media_type": product.media_type,
                "curl": f"curl --compressed --etag-save {name.replace('/', '-')}.etag "
                f"--etag-compare {name.replace('/', '-')}.etag -O {address}",
                "freshness": _freshness(newest, name, now),
            }
        )
    return told


def _freshness(newest: Callable[[str], Served], name: str, now: datetime) -> str:
    try:
        served = newest(name)
    except NotYetError:
        return "noch nichts veröffentlicht"
    return f"zuletzt geändert {ago(served.published_at, now)}" if served.seq else "noch leer"
