"""What the demo's contractor has on its desk: a draft, an application, and an order that it asks to extend."""

import json
from typing import Any, NamedTuple

from services.suite.client import Doors
from services.suite.simulate import Scenario
from shared.clock import DAY_US, HOUR_US, Micros, from_micros, rfc3339

PERMITS = "/permits/api/v1/permits"
FIRM = "Tiefbau Musterfirma GmbH"


class Job(NamedTuple):
    """``days``: from and to, counted from when the demo began."""

    title: str
    works_kind: str
    measure: str
    days: tuple[int, int]


ORDERED = Job("Kanalsanierung, 2. Bauabschnitt", "Kanal", "road_closed", (3, 17))
APPLIED = Job("Glasfaser: Hausanschlüsse", "Telekommunikation", "footway_closed", (16, 20))
DRAFTED = Job("Schachtdeckel erneuern", "Kanal", "no_stopping", (30, 31))


def put_on_desk(firm: Doors, clerk: Doors, elsewhere: Scenario, began: Micros) -> None:
    """Through the public doors; nothing while the firm has open cases. ``elsewhere`` lends its streets."""
    if _asked(firm, "?status=open")["total"]:
        return
    orders = [site.features[0] for site in elsewhere.sites if site.features]
    ordered = _said(firm, "", _application(ORDERED, orders[0], began))["id"]
    _said(firm, "", _application(APPLIED, orders[1], began))
    _said(firm, "?draft=true", _application(DRAFTED, orders[2], began))
    number = f"61-{from_micros(began).year}-F{began // HOUR_US}"
    _said(clerk, f"/{ordered}/approve", {"permit_number": number})
    until = rfc3339(_hour(began) + (ORDERED.days[1] + 7) * DAY_US)
    _said(firm, f"/{ordered}/extend", {"end": until, "reason": "Der Baugrund ist felsig."})


def _application(job: Job, order: dict[str, Any], began: Micros) -> dict[str, Any]:
    start, end = (rfc3339(_hour(began) + day * DAY_US) for day in job.days)
    street = order["properties"]["street"]
    measure = {"measure": job.measure, "street": street, "geometry": order["geometry"], "start": start, "end": end}
    return {"title": job.title, "works_kind": job.works_kind, "applicant": FIRM, "measures": [measure]}


def _hour(instant: Micros) -> Micros:
    return instant // HOUR_US * HOUR_US


def _asked(doors: Doors, query: str) -> Any:
    return doors.get(PERMITS + query)


def _said(doors: Doors, path: str, body: dict[str, Any]) -> Any:
    return doors.post(PERMITS + path, json.dumps(body).encode(), "application/json")
