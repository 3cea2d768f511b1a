"""What the fleet pages fetch beside their tables: found lights and depots as GeoJSON, a light's fixes and raw pings."""

from typing import Any

import msgspec
from flask import Response, request

from services.beacons.api import schemas
from services.beacons.api.endpoints import add
from services.beacons.application import shapes
from services.beacons.application.fleet_binding import depot_features
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.fleet_pings import raw_pings
from services.beacons.application.fleet_search import Wanted, trouble
from services.beacons.application.reads import Row
from services.beacons.application.staff import staff
from shared.clock import HOUR_US
from shared.web.api import ApiBlueprint
from shared.web.conditional import tagged
from shared.web.problems import ProblemError

MOST = 10_000
GEOJSON = "application/geo+json"


def blueprint(fleet: FleetDoors) -> ApiBlueprint:
    doors = ApiBlueprint(
        "searched", __name__, url_prefix="/beacons/api/v1", description="Für die Karte der Warnleuchten"
    )

    @staff
    def found_lights(query: dict[str, str]) -> Response:
        """Gefundene Warnleuchten als GeoJSON, auch die ohne Arbeitsstelle."""
        wanted = Wanted(query["suche"], query["zustand"], query["hersteller"], query["vorgang"])
        return _geojson([_feature(row) for row in fleet.search.all(wanted, MOST) if row["lon"] is not None])

    @staff
    def depots() -> Response:
        """Lagerplätze als GeoJSON."""
        return _geojson(depot_features(fleet.depots))

    @staff
    def show_fixes(device_id: str) -> dict[str, Any]:
        """Die Positionen, auf denen der Standort einer Leuchte beruht, mit dem Urteil über jede."""
        _check(fleet, device_id)
        return shapes.fixes(device_id, fleet.lights.known([device_id]).get(device_id))

    @staff
    def show_pings(query: dict[str, int], device_id: str) -> Response:
        """Meldungen einer Leuchte, wie sie kamen, als NDJSON, älteste zuerst."""
        _check(fleet, device_id)
        since = fleet.clock.now() - query["stunden"] * HOUR_US
        lines = [ping.data for ping in raw_pings(fleet.log, device_id, since)]
        answer = Response(b"\n".join([*lines, b""]), mimetype="application/x-ndjson")
        answer.headers["Content-Disposition"] = f'attachment; filename="{device_id}.ndjson"'
        return answer

    add(doors, "/fleet.geojson", found_lights, query=schemas.SearchSchema)
    add(doors, "/depots.geojson", depots)
    add(doors, "/devices/<device_id>/fixes", show_fixes, gives=schemas.FixesSchema)
    add(doors, "/devices/<device_id>/pings", show_pings, query=schemas.HoursSchema)
    return doors


def _check(fleet: FleetDoors, device_id: str) -> None:
    if fleet.reads.device(device_id) is None:
        raise ProblemError(404, detail="Dieses Gerät ist nicht bekannt.")


def _geojson(features: list[dict[str, Any]]) -> Response:
    data = msgspec.json.encode({"type": "FeatureCollection", "features": features})
    return tagged(request, data, GEOJSON, "private, no-cache")


def _feature(row: Row) -> dict[str, Any]:
    """Short: three thousand of these are one answer. ``trouble``: the worst, as the fleet page's filter names it."""
    worst = trouble(row)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {
            "id": row["device_id"],
            "state": "trouble" if worst else "on" if row["lamp"] == "on" else "off",
            "trouble": worst,
        },
    }
