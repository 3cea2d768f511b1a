"""Setting lights up on the street, on a phone: find the light, see whether it speaks, bind it to an order."""

import math
from datetime import datetime
from typing import Any

import segno
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.beacons.application import fleet_setup as setup
from services.beacons.application.fleet_binding import binding_of
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.fleet_light import Known
from services.beacons.application.fleet_orders import Ordered
from services.beacons.application.reads import Row
from services.beacons.web import words
from services.beacons.web.fleet_page import found_page, given, wanted_of
from services.beacons.web.light_page import CERTAIN, device
from services.beacons.web.people import now_of
from shared.contracts.base import LonLat
from shared.contracts.devices import DeviceRegistered
from shared.web.auth import current_actor
from shared.web.problems import ProblemError
from shared.web.shell import shell
from shared.words import KINDS

NEAR = 6
MEASURES = 500  # before those of others are left out
LABELS = 60
HISTORY = 30


def index(fleet: FleetDoors) -> str | Response | tuple[str, int]:
    wanted = request.args.get("kennung", "").strip()[:64].replace("\0", "")
    if not wanted:
        return render_template("setup.html", wanted="", others=[], staff=_staff())
    page = fleet.search.page(wanted_of({"suche": wanted}), NEAR)
    found, left_out = page.rows, page.total - len(page.rows)
    exact = next((row["device_id"] for row in found if row["device_id"].lower() == wanted.lower()), None)
    if exact or len(found) == 1:
        return redirect(url_for("beacons_pages.setup_light", device_id=exact or found[0]["device_id"]), 303)
    others = [row["device_id"] for row in found]
    shown = render_template("setup.html", wanted=wanted, others=others, left_out=left_out, staff=_staff())
    return shown, 200 if others else 404


def light(fleet: FleetDoors, device_id: str, *, error: str = "") -> str:
    row, now = _own_device(fleet, device_id), now_of(fleet)
    known = fleet.lights.known([device_id]).get(device_id)
    phone, search = _phone(), request.args.get("suche", "").strip()[:128].replace("\0", "")
    near = phone or ((row["lon"], row["lat"]) if row["standing_since"] else None)
    contractor = current_actor().role == "contractor"
    orders = _own_orders(fleet, now, None if search else near, search)
    if contractor and near and not orders and not search:  # theirs are few: all of them, wherever they are
        near, orders = None, _own_orders(fleet, now, None, "")
    bound = binding_of(fleet.lights, device_id, fleet.depots)
    return render_template(
        "setup_light.html",
        light=row,
        kind=words.KINDS.get(row["kind"], "Gerät"),
        states=words.states(row),
        contact=words.stamp(known.newest if known else None, now),
        lamp=_lamp(known, _bound_at(fleet, row), now),
        stands=words.stamp(row["standing_since"], now) if row["standing_since"] else None,
        accuracy=math.ceil(row["sigma_m"] * CERTAIN) if row["sigma_m"] is not None else None,
        interval=words.every(row["expected_interval_s"]),
        why=words.why(bound, row["order_number"]),
        orders=orders[:NEAR],
        left_out=max(0, len(orders) - NEAR),
        again=request.query_string.decode(errors="replace"),
        search=search,
        near=near is not None,
        by_phone=phone is not None,
        contractor=contractor,
        scoped=bool(current_actor().patterns("organisation")),
        error=error,
    )


def bind(fleet: FleetDoors, device_id: str) -> Response | tuple[str, int]:
    """Bind to the order in ``vorgang``; an empty one unbinds."""
    row, number = _own_device(fleet, device_id), request.form.get("vorgang", "").strip()
    if number:
        order = fleet.orders.of_permit(number)
        if order is None:
            return light(fleet, device_id, error=f"Der Vorgang {number} ist hier nicht bekannt."), 422
        if not setup.owns(current_actor(), order["applicant"]):
            raise ProblemError(403, detail="Dieser Vorgang gehört nicht zu Ihrer Firma.")
    setup.SetUp(fleet.registry, fleet.reads).bind(row, number or None)
    return redirect(url_for("beacons_pages.setup_light", device_id=device_id), 303)


def codes(fleet: FleetDoors) -> str:
    """Labels to be printed, for the lights that the address asks for as the fleet page does."""
    wanted, found = found_page(fleet, wanted_of(request.args), LABELS)
    labels = [(row["device_id"], words.KINDS.get(row["kind"], "Gerät"), _code(row["device_id"])) for row in found.rows]
    pages = max(1, math.ceil(found.total / LABELS))
    asked = given(request.args)
    return render_template("codes.html", labels=labels, wanted=wanted, total=found.total, pages=pages, given=asked)


def _code(device_id: str) -> str:
    """The light's address as an SVG; error correction M survives a quarter of an hour of mud."""
    address = f"{shell().settings.origin}{url_for('beacons_pages.setup_light', device_id=device_id)}"
    return segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True, dark="#000", light="#fff")


def _own_device(fleet: FleetDoors, device_id: str) -> Row:
    row = device(fleet, device_id)
    if not row["registered"]:
        raise ProblemError(404, detail="Dieses Gerät ist abgemeldet.")
    order = fleet.orders.of_permit(row["permit_number"]) if row["permit_number"] else None
    try:
        setup.check_light(current_actor(), row, order)
    except setup.NotYoursError as error:
        raise ProblemError(403, detail=str(error)) from error
    return row


def _phone() -> tuple[float, float] | None:
    """Where the phone is, WGS 84 lon-lat, if the address says so."""
    try:
        lon, lat = (float(request.args.get(name, "")) for name in ("lon", "lat"))
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 85 else None


def _bound_at(fleet: FleetDoors, row: Row) -> datetime | None:
    """When the light was bound by hand, if it is."""
    history = fleet.lights.history(row["device_id"], HISTORY) if row["permit_number"] else []
    return next((at for at, fact in history if isinstance(fact, DeviceRegistered)), None)


def _lamp(known: Known | None, bound: datetime | None, now: datetime) -> dict[str, Any]:
    """``state``: lit, dark, or waiting for a word since the light was bound."""
    lit, dark = (known.lit, known.dark) if known else (None, None)
    if lit and (not bound or lit >= bound) and (not dark or lit >= dark):
        return {"state": "lit", "words": f"Ja: Lampe leuchtet, gemeldet {words.stamp(lit, now)}."}
    if dark and (not bound or dark >= bound):
        return {"state": "dark", "words": f"Nein: Lampe aus, gemeldet {words.stamp(dark, now)}. Bitte einschalten."}
    since = f"Seit der Zuordnung ({words.stamp(bound, now)}) hat" if bound else "Bisher hat"
    return {"state": "waiting", "words": f"{since} sich die Lampe noch nicht gemeldet."}


def _own_orders(fleet: FleetDoors, now: datetime, near: LonLat | None, search: str) -> list[dict[str, Any]]:
    measures = fleet.orders.in_force(now, near=near, search=search, limit=MEASURES)
    return _orders(setup.own(current_actor(), measures))


def _orders(found: list[Ordered]) -> list[dict[str, Any]]:
    """One entry per order, in the order of its nearest measure."""
    orders: dict[str, dict[str, Any]] = {}
    for one in found:
        distance = None if one.distance_m is None else words.about(one.distance_m)
        entry = orders.setdefault(one.permit_number, {"number": one.permit_number, "distance": distance, "what": []})
        entry["what"].append(f"{KINDS[one.kind]}, {words.place(one)}")
    return list(orders.values())


def _staff() -> bool:
    return current_actor().has("fleet", "clerk")
