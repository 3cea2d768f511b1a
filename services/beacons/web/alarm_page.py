"""Alarms: what needs a look, filtered and paged, and acknowledging one with a note."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from services.beacons.application.fleet_alarms import (
    NOTE_LENGTH,
    AlreadyAcknowledgedError,
    EmptyNoteError,
    UnknownAlarmError,
)
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.web.people import alarms_in_words, now_of
from services.beacons.web.words import ALARMS, stamp
from shared.web.auth import current_actor
from shared.web.problems import ProblemError

PAGE_SIZE = 50
SHOWN: dict[str, dict[str, Any]] = {
    "": {"open": True},
    "unbestaetigt": {"open": True, "acknowledged": False},
    "bestaetigt": {"open": True, "acknowledged": True},
    "erledigt": {"open": False},
    "alle": {},
}
SHOWN_WORDS = {
    "": "offene",
    "unbestaetigt": "offene, noch nicht bestätigt",
    "bestaetigt": "offene, bestätigt",
    "erledigt": "erledigte",
    "alle": "alle",
}
CHOICE = ("zeigen", "art", "suche", "nach")
UNKNOWN = "Diesen Alarm gibt es nicht."


def show(fleet: FleetDoors) -> str:
    which = "alle" if "alle" in request.args else request.args.get("zeigen", "")
    kind, search = request.args.get("art", ""), request.args.get("suche", "").strip()[:128].replace("\0", "")
    which, kind = (which if which in SHOWN else ""), (kind if kind in ALARMS else "")
    filters = SHOWN[which] | {"kind": kind or None, "search": search or None}
    filters |= {"along": fleet.orders.along(search) if search else None}
    gravest_first = bool(filters.get("open"))
    rows = fleet.reads.alarms(filters, gravest_first=gravest_first, after=_after(fleet), limit=PAGE_SIZE + 1)
    return render_template(
        "alarms.html",
        alarms=alarms_in_words(fleet, rows[:PAGE_SIZE]),
        more=rows[PAGE_SIZE - 1]["id"] if len(rows) > PAGE_SIZE else None,
        which=which,
        kind=kind,
        search=search,
        gravest_first=gravest_first,
        query=_query(),
        shown=SHOWN_WORDS,
        kinds={name: words for name, words in ALARMS.items() if name != "recovered"},
        may=_may(),
        as_of=stamp(now_of(fleet), now_of(fleet)),
    )


def one(fleet: FleetDoors, alarm_id: UUID, *, error: str = "", note: str = "") -> str:
    row = fleet.reads.alarm(str(alarm_id))
    if row is None:
        raise ProblemError(404, detail=UNKNOWN)
    (alarm,) = alarms_in_words(fleet, [row])
    return render_template("alarm.html", alarm=alarm, error=error, note=note, may=_may(), length=NOTE_LENGTH)


def acknowledge(fleet: FleetDoors, alarm_id: UUID) -> Response | tuple[str, int]:
    """Back to where the form stood; the alarm's own page with the reason where it cannot be."""
    actor, note = current_actor(), request.form.get("vermerk", "")
    try:
        alarm = fleet.alarms.acknowledge(str(alarm_id), note, role=actor.role, by=actor.id)
    except UnknownAlarmError as error:
        raise ProblemError(404, detail=UNKNOWN) from error
    except EmptyNoteError as error:
        return one(fleet, alarm_id, error=str(error), note=note), 422
    except AlreadyAcknowledgedError:
        return one(fleet, alarm_id, error="Jemand war schneller: Dieser Alarm ist schon bestätigt.", note=note), 409
    flash("Der Alarm ist bestätigt.", "success")
    if request.form.get("zurueck") == "leuchte" and alarm["device_id"]:
        return redirect(f"/beacons/lichter/{alarm['device_id']}#alarm-{alarm_id}", 303)
    query = _query()
    return redirect(f"/beacons/alarme{f'?{query}' if query else ''}#alarm-{alarm_id}", 303)


def _query() -> str:
    """Which alarms the address asks for, to come back to."""
    return urlencode({name: text for name in CHOICE if (text := request.args.get(name))})


def _may() -> bool:
    return current_actor().has("fleet", "clerk")


def _after(fleet: FleetDoors) -> str | None:
    """The alarm that the page before ended with, if there is such a one."""
    text = request.args.get("nach", "")
    try:
        found = fleet.reads.alarm(str(UUID(text))) if text else None
    except ValueError:
        return None
    return found["id"] if found else None
