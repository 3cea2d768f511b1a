"""``/beacons/api/v1/alarms`` and ``sites``: what needs a look, and sites as the lights see them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from services.beacons.api import schemas
from services.beacons.api.endpoints import add
from services.beacons.application import shapes
from services.beacons.application.fleet_alarms import AlreadyAcknowledgedError, EmptyNoteError, UnknownAlarmError
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.staff import staff
from shared.web.api import ApiBlueprint
from shared.web.auth import current_actor, requires
from shared.web.problems import ProblemError


def blueprint(fleet: FleetDoors) -> ApiBlueprint:
    doors = ApiBlueprint("watch", __name__, url_prefix="/beacons/api/v1", description="Meldungen und Arbeitsstellen")

    @staff
    def alarms(query: dict[str, Any]) -> dict[str, Any]:
        """Alarme, neueste zuerst."""
        limit, after = query.pop("limit"), query.pop("after")
        rows = fleet.reads.alarms(query, after=str(after) if after else None, limit=limit)
        return {"alarms": [shapes.alarm(row) for row in rows], "next": shapes.page(rows, limit, "id")}

    @requires("fleet", "clerk")
    def acknowledge(note: dict[str, str], alarm_id: UUID) -> dict[str, Any]:
        """Einen Alarm bestätigen, mit dem, was veranlasst ist. Geht einmal; der Vermerk bleibt."""
        actor = current_actor()
        try:
            row = fleet.alarms.acknowledge(str(alarm_id), note["note"], role=actor.role, by=actor.id)
        except UnknownAlarmError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, detail="Diesen Alarm gibt es nicht.") from error
        except EmptyNoteError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail=str(error)) from error
        except AlreadyAcknowledgedError as error:
            raise ProblemError(HTTPStatus.CONFLICT, detail="Dieser Alarm ist schon bestätigt.") from error
        return shapes.alarm(row)

    @staff
    def sites(query: dict[str, Any]) -> dict[str, Any]:
        """Arbeitsstellen, wie die Warnleuchten sie sehen, nach Kennung."""
        rows = fleet.reads.sites(**query)
        return {"sites": rows, "next": shapes.page(rows, query["limit"], "site_id")}

    add(doors, "/alarms", alarms, query=schemas.AlarmQuerySchema, gives=schemas.AlarmsSchema)
    rule = "/alarms/<uuid:alarm_id>/acknowledge"
    add(doors, rule, acknowledge, method="POST", takes=schemas.NoteSchema, gives=schemas.AlarmSchema)
    add(doors, "/sites", sites, query=schemas.SiteQuerySchema, gives=schemas.SitesSchema)
    return doors
