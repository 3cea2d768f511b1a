"""``/feed/``: what subscribers get, with a live sample of everything and a line to try it; no script is needed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from services.navfeed.adapters.rendering import PRODUCTS
from services.navfeed.application.documents import NotYetError, Served
from services.navfeed.application.feed import Feed, item
from services.navfeed.web.samples import Samples
from services.navfeed.web.times import ago, at, minute
from services.navfeed.web.told import SSE, told
from shared.clock import BERLIN, from_micros
from shared.web.auth import public
from shared.web.shell import shell

SAMPLE_BYTES = 600
MINUTE = timedelta(minutes=1)
NEWEST = 20  # publications to look through: one may have changed no measure


def blueprint(feed: Feed) -> Blueprint:
    pages = Blueprint("feed_page", __name__, template_folder="templates")
    samples = Samples()

    def page(error: str = "", wanted: str = "") -> str:
        now = from_micros(feed.clock.now())
        upto = now - timedelta(seconds=int(feed.behind_s()))
        return render_template(
            "feed.html",
            products=[_product(feed, name, samples, now) for name in PRODUCTS],
            as_of=minute(upto),
            streamed=f"laufend, Stand {ago(upto, now)}",
            stream=_stream_sample(feed),
            sse=SSE,
            error=error,
            wanted=wanted or f"{now.astimezone(BERLIN):%Y-%m-%dT%H:%M}",
            example=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:00Z}",
            latest=f"{now.astimezone(BERLIN):%Y-%m-%dT%H:%M}",
        )

    @pages.get("/feed/")
    @public
    def subscribers() -> str:
        return page()

    @pages.get("/feed/zeitreise")
    @public
    def time_travel() -> Response | tuple[str, int]:
        """From a form's local time to the document's own address."""
        product, wanted = request.args.get("produkt", ""), request.args.get("zeitpunkt", "")
        when = berlin_time(wanted)
        if product not in PRODUCTS or when is None:
            return page("Bitte geben Sie Tag und Uhrzeit an, etwa 2. März 2026, 7 Uhr.", wanted), 400
        now = from_micros(feed.clock.now())
        if when > now:
            return page("Der Zeitpunkt liegt in der Zukunft.", wanted), 400
        began = feed.began()
        if began is not None and began - when < MINUTE:
            when = max(when, began + timedelta(seconds=1))  # within the minute that was meant
        if began is None or when < began:
            first = f", das Erste {at(began, now)}" if began else ""
            return page(f"Zu diesem Zeitpunkt war noch nichts veröffentlicht{first}.", wanted), 400
        return redirect(f"/feed/v1/{product}?at={when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")

    return pages


def berlin_time(text: str) -> datetime | None:
    """The instant of a ``datetime-local`` field, whose time is that of people here; None for anything else."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    return local.replace(tzinfo=BERLIN) if local.tzinfo is None and local.year >= 2000 else None


def size(count: int) -> str:
    """``840 Byte``, ``12,4 kB``, ``3,1 MB``."""
    if count < 1_000:
        return f"{count} Byte"
    number, unit = (count / 1_000, "kB") if count < 1_000_000 else (count / 1_000_000, "MB")
    return f"{number:.1f} {unit}".replace(".", ",")


def _product(feed: Feed, name: str, samples: Samples, now: datetime) -> dict[str, Any]:
    address, note, media_type = f"{shell().settings.origin}/feed/v1/{name}", told(name), PRODUCTS[name].media_type
    file = name.replace("/", "-")
    facts = {
        "id": file.replace(".", "-"),
        "name": name,
        "note": note,
        "address": address,
        "media_type": media_type,
        "curl": f"curl --compressed -o {file} {address}",
        "polling": f"curl --compressed --etag-save {file}.etag --etag-compare {file}.etag -o {file} {address}",
        "freshness": "noch nichts veröffentlicht",
    }
    try:
        served = feed.documents.newest(name)
    except NotYetError:
        return facts
    return facts | _live(served, now) | {"sample": samples.of(name, served, media_type, note)}


def _live(served: Served, now: datetime) -> dict[str, Any]:
    return {
        "freshness": f"zuletzt geändert {ago(served.published_at, now)}" if served.seq else "noch leer",
        "size": f"{size(len(served.data))}, übertragen {size(len(served.gzipped))} (gzip)",
        "tag": served.tag,
    }


def _stream_sample(feed: Feed) -> str:
    """The newest change, as the stream sends it; empty before the first one."""
    position = feed.ledger.position()
    entries = feed.ledger.changes(max(0, position[0] - NEWEST), NEWEST) if position else []
    if not entries:
        return ""
    newest = item(entries[-1])
    data = newest.data.decode()
    shown = data if len(data) <= SAMPLE_BYTES else f"{data[:SAMPLE_BYTES]} …"
    return f"id: {newest.position}\nevent: {newest.kind}\ndata: {shown}"
