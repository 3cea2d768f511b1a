"""``/beacons/api/v1/devices``: the registry with each light's state, and what was refused of it."""

from http import HTTPStatus
from typing import Any

from flask import request

from services.beacons.api import schemas
from services.beacons.api.endpoints import add
from services.beacons.application import shapes
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.registry import UnreadableFileError, entry_of, import_csv
from services.beacons.application.staff import staff
from shared.web.api import ApiBlueprint
from shared.web.auth import limits, requires
from shared.web.doors import MIB
from shared.web.problems import ProblemError

CSV_BYTES = 16 * MIB


def blueprint(fleet: FleetDoors) -> ApiBlueprint:  # noqa: C901  # six doors beside each other, each of them flat
    doors = ApiBlueprint("devices", __name__, url_prefix="/beacons/api/v1/devices", description="Register der Geräte")

    @staff
    def list_devices(query: dict[str, Any]) -> dict[str, Any]:
        """Angemeldete Geräte, nach Kennung."""
        limit, after = query.pop("limit"), query.pop("after")
        rows = fleet.reads.devices(after=after, limit=limit, filters=query)
        return {"devices": [shapes.device(row) for row in rows], "next": shapes.page(rows, limit, "device_id")}

    @staff
    def show_device(device_id: str) -> dict[str, Any]:
        """Ein Gerät mit seinem Zustand."""
        row = fleet.reads.device(device_id)
        if row is None:
            raise _unknown()
        return shapes.device(row)

    @requires("fleet")
    def register_device(entry: dict[str, Any], device_id: str) -> dict[str, Any]:
        """Ein Gerät anmelden oder seinen Eintrag ersetzen."""
        given = {name: value for name, value in entry.items() if value not in {None, ""}}
        try:
            changed = fleet.registry.register([entry_of(given | {"device_id": device_id})])
        except ValueError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail=str(error)) from error
        return {"device_id": device_id, "changed": bool(changed)}

    @requires("fleet")
    def retire_device(device_id: str) -> None:
        """Ein Gerät abmelden."""
        if not fleet.registry.retire(device_id):
            raise _unknown()

    @requires("fleet")
    @limits(body_bytes=CSV_BYTES)
    def import_devices() -> dict[str, Any]:
        """Geräte aus einer CSV-Datei anmelden."""
        if request.mimetype != "text/csv":
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail="Erwartet wird eine CSV-Datei (text/csv).")
        try:
            return import_csv(fleet.registry, request.get_data(cache=False).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, detail="Die Datei ist nicht in UTF-8 kodiert.") from error
        except UnreadableFileError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, detail=str(error)) from error

    @staff
    def show_quarantine(query: dict[str, Any], device_id: str) -> dict[str, Any]:
        """Abgelehnte Meldungen eines Geräts mit Grund, neueste zuerst."""
        entries = fleet.reads.quarantine(device_id, query["limit"])
        if not entries and fleet.reads.device(device_id) is None:
            raise _unknown()
        return {"device_id": device_id, "refused": [shapes.refused(entry) for entry in entries]}

    one = "/<device_id>"
    add(doors, "", list_devices, query=schemas.DeviceQuerySchema, gives=schemas.DevicesSchema)
    add(doors, "", import_devices, method="POST", gives=schemas.ReportSchema, body="text/csv")
    add(doors, one, show_device, gives=schemas.DeviceSchema)
    add(doors, one, register_device, method="PUT", takes=schemas.EntrySchema, gives=schemas.RegisteredSchema)
    add(doors, one, retire_device, method="DELETE", status=204)
    quarantine = one + "/quarantine"
    add(doors, quarantine, show_quarantine, query=schemas.LimitSchema, gives=schemas.QuarantineSchema)
    return doors


def _unknown() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, detail="Dieses Gerät ist nicht bekannt.")
