"""The works queue: what a page's address asks for, its rows in words, and the views that a person keeps."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

from flask import redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from services.permits.application.onsite import BURNING, STATES, Site
from services.permits.application.queue import Row, Wanted, statuses
from services.permits.domain.errors import RefusedError
from services.permits.web.context import caller_now, office
from services.permits.web.entry import BEGUN
from services.permits.web.form import Form
from services.permits.web.onsite_words import badge
from services.permits.web.times import begin_words, due_words
from services.permits.web.words import STATUSES
from shared.clock import from_micros
from shared.web.auth import current_actor
from shared.web.shell import shell

PAGE_SIZE = 50
EVERYWHERE, NOWHERE = "alle", "ohne"
EXTENSION = "extension"  # beside the statuses: asked for, and not decided yet
ASKED = ("q", "status", "ortsteil", "vorort", "dichte")
Answer = str | Response | tuple[str, int]


class Line(NamedTuple):
    """A row of the table, ready to show. ``late``: its deadline has passed; ``wrong``: what is on site wants a look.

    ``begin``: when works begin that are ordered and have not begun.
    """

    row: Row
    due: str
    late: bool
    begin: str
    on_site: str
    wrong: bool


def queue() -> Answer:
    return _page(_asked(request.args), request.args.get("seite", "1"))


def _page(asked: dict[str, str], number: str = "1", form: Form | None = None) -> str:
    page = office().page(_wanted(asked, number), caller_now())
    clerk = caller_now().role == "clerk"
    query, kept = urlencode(asked), office().filters.of(current_actor().id)
    return render_template(
        "permits/queue.html",
        page=page,
        lines=_lines(page.rows),
        asked=asked,
        query=query,
        own=own_districts(),
        nowhere=_nowhere(asked) if clerk else 0,
        clerk=clerk,
        suspected=office().onsite.suspected() if clerk else [],
        districts=office().queue.districts() if clerk else [],
        kept=kept,
        current=next((one.name for one in kept if one.query == query), None),
        begun=office().form_drafts.count(current_actor().id, BEGUN),
        form=form or Form(),
    )


def _nowhere(asked: dict[str, str]) -> int:
    """How many cases without an Ortsteil a choice of Ortsteile leaves out."""
    district = asked.get("ortsteil", "")
    if district in {EVERYWHERE, NOWHERE} or not (district or own_districts()):
        return 0
    return office().page(_wanted(asked | {"ortsteil": NOWHERE}, "1"), caller_now()).total


def own_districts() -> list[str]:
    """The Ortsteile of whoever looks, from the scopes of the account (``district:Altstadt``); none: all are theirs."""
    return current_actor().patterns("district")


def _asked(args: MultiDict[str, str]) -> dict[str, str]:
    """What the address says, without its page number; nonsense in it is no reason for an error page."""
    return {name: text for name in ASKED if (text := args.get(name, "")[:200].replace("\0", ""))}


def _wanted(asked: dict[str, str], number: str) -> Wanted:
    status, district, on_site = (asked.get(name, "") for name in ("status", "ortsteil", "vorort"))
    return Wanted(
        status=statuses([status]) if status == "open" or status in STATUSES else (),
        extension=status == EXTENSION,
        q=asked.get("q", ""),
        district="" if district in {EVERYWHERE, NOWHERE} else district,
        unassigned=district == NOWHERE,
        districts=() if district else tuple(own_districts()),
        permit_ids=tuple(office().onsite.in_state(on_site)) if on_site in STATES else None,
        page=max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1,
        size=PAGE_SIZE,
    )


def _lines(rows: list[Row]) -> list[Line]:
    now, land = from_micros(office().clock.now()), shell().settings.land
    sites: dict[str, list[Site]] = office().onsite.of([row.permit_id for row in rows])
    return [
        Line(
            row,
            due_words(row, now, land),
            row.due_at is not None and row.due_at <= now,
            begin_words(row, now),
            badge(found := sites.get(row.permit_id, [])),
            any(site.state in BURNING for site in found),
        )
        for row in rows
    ]


def save_filter() -> Answer:
    """Keep the present view under a name; the page again with the reason where it cannot be."""
    asked, name = _asked(request.form), request.form.get("name", "")
    try:
        office().filters.save(current_actor().id, name, urlencode(asked))
    except RefusedError as refused:
        form = Form({"name": name}, {"name": refused.sentence})
        return _page(asked, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(f"/permits/?{urlencode(asked)}", HTTPStatus.SEE_OTHER)


def drop_filter() -> Answer:
    office().filters.drop(current_actor().id, request.form.get("name", ""))
    return redirect("/permits/", HTTPStatus.SEE_OTHER)
