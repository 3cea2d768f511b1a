"""Pages of the fleet: all lights, one light with all that is known of it, and what needs a look."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.beacons.application import shapes
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.reads import Row
from services.beacons.application.staff import staff
from services.beacons.web.words import ALARMS, KINDS, SITES, stamp, states
from shared.clock import from_micros
from shared.web.problems import ProblemError

MANY = 10_000
RECENT = 200


def blueprint(fleet: FleetDoors) -> Blueprint:
    pages = Blueprint("beacons_pages", __name__, url_prefix="/beacons", template_folder="templates")

    @pages.get("/")
    @staff
    def lights() -> str:
        rows, now = fleet.reads.devices(limit=MANY), _now(fleet)
        heard = fleet.reads.heard([row["device_id"] for row in rows])
        return render_template("fleet.html", lights=[_light(row, heard, now) for row in rows])

    @pages.get("/lichter/<device_id>")
    @staff
    def light(device_id: str) -> str:
        row, now = fleet.reads.device(device_id), _now(fleet)
        if row is None:
            raise ProblemError(404, detail="Dieses Gerät ist nicht bekannt.")
        refused = [shapes.refused(entry) for entry in fleet.reads.quarantine(device_id, RECENT)]
        return render_template(
            "light.html",
            light=row | _light(row, fleet.reads.heard([device_id]), now),
            kind=KINDS.get(row["kind"], "Gerät"),
            states=states(row),
            site=SITES.get(row["site_state"], ""),
            since=stamp(row["standing_since"], now),
            silent=stamp(row["silent_since"], now),
            refused=[entry | {"when": stamp(entry["at"], now)} for entry in refused],
            alarms=_alarms(fleet, {"device_id": device_id}, now),
        )

    @pages.get("/devices/<device_id>")
    @staff
    def device(device_id: str) -> Response:
        return redirect(url_for("beacons_pages.light", device_id=device_id), code=301)

    @pages.get("/alarme")
    @staff
    def alarms() -> str:
        every = request.args.get("alle") is not None
        told = _alarms(fleet, {} if every else {"open": True}, _now(fleet))
        return render_template("alarms.html", alarms=told, every=every, limit=RECENT)

    return pages


def _now(fleet: FleetDoors) -> datetime:
    return from_micros(fleet.clock.now())


def _light(row: Row, heard: dict[str, int], now: datetime) -> dict[str, Any]:
    spoke = heard.get(row["device_id"])
    return {
        "device_id": row["device_id"],
        "kind": row["kind"],
        "lamp": row["lamp"],
        "silent": row["silent_since"] is not None,
        "moved": row["moved_at"] is not None,
        "fallen": row["fallen"],
        "battery_pct": row["battery_pct"],
        "last_contact": stamp(from_micros(spoke), now) if spoke else None,
        "site_id": row["site_id"],
        "permit_number": row["order_number"],
    }


def _alarms(fleet: FleetDoors, filters: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    rows = fleet.reads.alarms(filters, limit=RECENT)
    return [
        row | {"words": ALARMS[row["kind"]], "when": stamp(row["at"], now), "closed": stamp(row["closed_at"], now)}
        for row in rows
    ]
