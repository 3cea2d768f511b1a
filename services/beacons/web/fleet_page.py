"""The fleet: lights found a page at a time, in a table and on a map."""

from collections import Counter
from math import ceil
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.fleet_light import Known
from services.beacons.application.fleet_search import STATES, Found, Wanted, trouble
from services.beacons.application.reads import Row
from services.beacons.domain.depots import depot_around
from services.beacons.web import words
from services.beacons.web.people import now_of, order_of

PAGE_SIZE = 50
FILTERS = ("suche", "zustand", "hersteller", "vorgang", "sortierung")


def wanted_of(fields: Any) -> Wanted:
    """What a page's address asks for; nonsense in it is no reason for an error page."""
    texts = {name: fields.get(name, "").strip()[:128].replace("\0", "") for name in FILTERS}
    number = fields.get("seite", "1")
    return Wanted(
        texts["suche"],
        texts["zustand"] if texts["zustand"] in STATES else "",
        texts["hersteller"],
        texts["vorgang"],
        texts["sortierung"] == "stoerung",
        max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
    )


def given(fields: Any) -> dict[str, str]:
    """What of it an address says, to be said again by that of another page."""
    return {name: text for name in FILTERS if (text := fields.get(name, "").strip())}


def found_page(fleet: FleetDoors, wanted: Wanted, size: int) -> tuple[Wanted, Found]:
    """The wanted page, or the last one where there are fewer."""
    found = fleet.search.page(wanted, size)
    if found.total and not found.rows:
        wanted = wanted._replace(page=ceil(found.total / size))
        found = fleet.search.page(wanted, size)
    return wanted, found


def show(fleet: FleetDoors) -> str | Response:
    """Who types a whole id is led to its light at once, unless the address asks for the map (``karte``)."""
    wanted, found = found_page(fleet, wanted_of(request.args), PAGE_SIZE)
    if "karte" not in request.args and found.total == 1 and wanted.search.lower() == found.rows[0]["device_id"].lower():
        return redirect(url_for("beacons_pages.light", device_id=found.rows[0]["device_id"]), 303)
    return render_template(
        "fleet.html",
        lights=_rows(fleet, found.rows),
        total=found.total,
        first=(wanted.page - 1) * PAGE_SIZE + 1,
        page=wanted.page,
        pages=max(1, ceil(found.total / PAGE_SIZE)),
        wanted=wanted,
        given=given(request.args),
        counts=fleet.search.counts(),
        vendors=fleet.search.vendors(),
        states=words.STATES,
        as_of=words.stamp(now_of(fleet), now_of(fleet)),
        waiting_alarms=fleet.reads.waiting_alarms(),
    )


def _rows(fleet: FleetDoors, rows: list[Row]) -> list[dict[str, Any]]:
    ids = [row["device_id"] for row in rows]
    known, orders = fleet.lights.known(ids), fleet.orders.by_number(row["order_number"] for row in rows)
    alarms = fleet.reads.alarms({"open": True, "devices": ids}, limit=10 * PAGE_SIZE)
    waiting = Counter(alarm["device_id"] for alarm in alarms if alarm["acknowledged"] is None)
    seen = Counter(alarm["device_id"] for alarm in alarms if alarm["acknowledged"] is not None)
    return [
        _light(fleet, row, known.get(row["device_id"]))
        | order_of(orders, row["order_number"])
        | {"waiting": waiting[row["device_id"]], "seen": seen[row["device_id"]]}
        for row in rows
    ]


def _light(fleet: FleetDoors, row: Row, known: Known | None) -> dict[str, Any]:
    worst = trouble(row)
    depot = None if row["site_id"] else depot_around(row["lon"], row["lat"], fleet.depots)
    return {
        "device_id": row["device_id"],
        "kind": words.KINDS.get(row["kind"], "Gerät"),
        "vendor": row["vendor"],
        "look": worst or ("on" if row["lamp"] == "on" else "off"),
        "trouble": worst is not None,
        "states": words.states(row),
        "battery": battery_words(known),
        "contact": words.stamp(known.newest if known else None, now_of(fleet)),
        "number": row["order_number"],
        "site": words.site(row),
        "depot": depot.name if depot else None,
    }


def battery_words(known: Known | None) -> str:
    """A dash where it was never told."""
    return "–" if known is None or known.battery_pct is None else f"{known.battery_pct} %"
