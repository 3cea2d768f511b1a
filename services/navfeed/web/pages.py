"""The public pages: the live map with its list, one measure on a page of its own, and what the scripts ask for."""

import gzip
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, render_template, request

from services.navfeed.adapters.ground import Ground
from services.navfeed.application.documents import NotYetError, Served
from services.navfeed.application.feed import Feed, LedgerSource
from services.navfeed.application.ledger import Entry
from services.navfeed.web.choice import any_of, choice_of, chosen, counted, nothing
from services.navfeed.web.extract import extract
from services.navfeed.web.facts import facts
from services.navfeed.web.history import steps
from services.navfeed.web.listing import Listed, Listing, listed, listed_data, plain
from services.navfeed.web.passage import answers, effect
from services.navfeed.web.shown import Roadwork, Shown, roadwork
from services.navfeed.web.times import minute
from shared.clock import from_micros
from shared.web import sse
from shared.web.auth import current_actor, embeddable, public
from shared.web.conditional import answer
from shared.web.problems import ProblemError

LIST = "roadworks.geojson"
# Enough to begin to read; the scripts bring the rest, and without them there are pages.
FIRST, WITH_EXTRACTS = 50, 20
JSON = "application/json"
BEHIND = "Behind-Seconds"
STALE_AFTER_S = 180  # the scripts say the same


def blueprint(feed: Feed) -> Blueprint:
    pages = Blueprint("live", __name__, template_folder="templates")
    listing, ground = Listing(), Ground(feed.city, plain)
    hub = sse.Hub(
        LedgerSource(feed.ledger, lambda entry: listed_data(entry, from_micros(feed.clock.now()))),
        beat=lambda: b'event: stand\ndata: {"behind_s":%d}\n\n' % feed.behind_s(),
    )

    @pages.get("/")
    @public
    @embeddable
    def live_map() -> Response:
        now, choice = from_micros(feed.clock.now()), choice_of(request.args)
        all_ = listing.items(_newest(feed), now)
        found = chosen(all_, choice, now)
        sketches = request.args.get("ansicht") == "liste"
        size, page = (WITH_EXTRACTS if sketches else FIRST), _page()
        here = found[(page - 1) * size : page * size]
        elsewhere = bool(choice.search) and any_of(all_, choice.search)
        text = render_template(
            "sketches.html" if sketches else "map.html",
            items=here,
            extracts={one.id: extract(one, ground) for one in here} if sketches else {},
            count=counted(found),
            choice=choice,
            nothing="" if found else nothing(choice, elsewhere=elsewhere),
            anyway=_anyway(choice.search) if elsewhere and not found else None,
            similar=None if found or elsewhere else _similar(ground, choice.search),
            embed="embed" in request.args,
            **_age(feed, now),
            large=_address(embed=None, seite=None),
            with_map=_address(ansicht=None, seite=None),
            before=_address(seite=str(page - 1)) if page > 1 else None,
            after=_address(seite=str(page + 1)) if page * size < len(found) else None,
        )
        return _small(text)

    @pages.get("/baustellen/<measure_id>")
    @public
    def measure(measure_id: str) -> str:
        return render_template("measure_page.html", **_detail(feed, listing, ground, measure_id))

    @pages.get("/map/detail/<measure_id>")
    @public
    def detail(measure_id: str) -> str:
        """The part of that page which the live map shows beside the map."""
        return render_template("live/detail.html", **_detail(feed, listing, ground, measure_id))

    @pages.get("/map/measures.json")
    @public
    def measures() -> Response:
        now = feed.clock.now()
        served = listing.document(_newest(feed), from_micros(now))
        response = answer(request, served, media_type=JSON, now=now)
        response.headers[BEHIND] = str(int(feed.behind_s()))
        return response

    @pages.get("/map/stream")
    @public
    def stream() -> Response:
        return sse.serve(hub)

    @pages.get("/map/streets.json")
    @public
    def streets() -> Response:
        found = ground.search(request.args.get("q", "")[:80])
        if found is None:
            return Response(status=HTTPStatus.NO_CONTENT)
        data = msgspec.json.encode([street._asdict() for street in found])
        return Response(data, content_type=JSON, headers={"Cache-Control": "public, max-age=300"})

    return pages


def _detail(feed: Feed, listing: Listing, ground: Ground, measure_id: str) -> dict[str, Any]:
    history = feed.ledger.history(measure_id)
    if not history:
        raise ProblemError(404, detail="Eine Maßnahme mit dieser Kennung wurde nie veröffentlicht.")
    now = from_micros(feed.clock.now())
    work = next(roadwork(entry.data) for entry, _, _ in reversed(history) if entry.change != "removed")
    return _told(work, listing.beside(_newest(feed), work, now), history, ground, now) | _age(feed, now)


def _told(
    work: Roadwork,
    beside: Sequence[Shown],
    history: Sequence[tuple[Entry, datetime, str]],
    ground: Ground,
    now: datetime,
) -> dict[str, Any]:
    one: Listed = listed(work, now)
    return {
        "item": one.properties,
        "effect": effect(work.properties, now, beside),
        "answers": answers(work.properties, beside),
        "facts": facts(work.properties, now),
        "steps": steps(history, now),
        "extract": extract(one, ground),
    }


def _similar(ground: Ground, search: str) -> dict[str, str] | None:
    """Names and addresses for who sought a street that is not known; None: nothing to say about it."""
    names = ground.similar(search)
    return None if names is None else {name: _address(strasse=name, seite=None) for name in names}


def _anyway(search: str) -> str:
    """The address of all that is called so, whenever and for whomever."""
    kept = {name: request.args[name] for name in ("embed", "ansicht") if name in request.args}
    return f"/?{urlencode(kept | {'zeit': 'zeitraum', 'strasse': search})}"


def _newest(feed: Feed) -> Served:
    try:
        return feed.documents.newest(LIST)
    except NotYetError:
        detail = "Der Bestand wird noch gelesen. Bitte laden Sie die Seite in wenigen Sekunden neu."
        raise ProblemError(503, detail=detail, headers={"Retry-After": "5"}) from None


def _age(feed: Feed, now: datetime) -> dict[str, Any]:
    """How new all this is, in words, and how old in seconds."""
    behind_s = int(feed.behind_s())
    return {
        "as_of": minute(now - timedelta(seconds=behind_s)),
        "behind_s": behind_s,
        "stale": behind_s > STALE_AFTER_S,
    }


def _small(text: str) -> Response:
    """Compressed for those who are nobody: a page with a secret in it must not tell it by its length (BREACH)."""
    response = Response(text)
    response.vary.update(("Accept-Encoding", "Cookie"))
    if current_actor().via == "nobody" and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _page() -> int:
    text = request.args.get("seite", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10_000 else 1


def _address(**change: str | None) -> str:
    """The address of this page, but for what changes; None: left out."""
    values = request.args.to_dict() | change
    return f"/?{urlencode({name: value for name, value in values.items() if value is not None})}"
