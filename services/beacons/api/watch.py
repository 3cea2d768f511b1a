"""``/beacons/api/v1/alarms`` and ``sites``: what needs a look, and sites as the lights see them."""

from typing import Any

from flask_smorest import Blueprint

from services.beacons.api import schemas
from services.beacons.api.endpoints import add
from services.beacons.application import shapes
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.staff import staff


def blueprint(fleet: FleetDoors) -> Blueprint:
    doors = Blueprint("watch", __name__, url_prefix="/beacons/api/v1", description="Meldungen und Arbeitsstellen")

    @staff
    def alarms(query: dict[str, Any]) -> dict[str, Any]:
        """Alarme, neueste zuerst."""
        limit, after = query.pop("limit"), query.pop("after")
        rows = fleet.reads.alarms(query, after=str(after) if after else None, limit=limit)
        return {"alarms": [shapes.alarm(row) for row in rows], "next": shapes.page(rows, limit, "id")}

    @staff
    def sites(query: dict[str, Any]) -> dict[str, Any]:
        """Arbeitsstellen, wie die Warnleuchten sie sehen, nach Kennung."""
        rows = fleet.reads.sites(**query)
        return {"sites": rows, "next": shapes.page(rows, query["limit"], "site_id")}

    add(doors, "/alarms", alarms, query=schemas.AlarmQuerySchema, gives=schemas.AlarmsSchema)
    add(doors, "/sites", sites, query=schemas.SiteQuerySchema, gives=schemas.SitesSchema)
    return doors
