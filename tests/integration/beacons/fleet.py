"""What the tests of the fleet's pages share: an order, a ping, a page, a list, a binding, an alarm."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from shared.clock import MINUTE_US, from_micros
from shared.contracts import devices as d
from shared.contracts import permits as p
from shared.contracts.base import LineString
from shared.contracts.topics import PERMITS
from shared.eventlog.port import Message
from tests.integration.beacons.depot import Depot
from tests.support.city import contract, place
from tests.support.doors import said

API = "/beacons/api/v1"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
NUMBER = "45-2026-0001"


def ordered(depot: Depot, permit_id: str, number: str, applicant: str, *, north_m: float = 0.0) -> None:
    measure = p.Measure(
        id=f"{permit_id}-1",
        key="1",
        kind="road_closed",
        geometry=LineString((place(0, north_m), place(120, north_m))),
        street="Rheinallee",
        start=AT - timedelta(hours=1),
        end=AT + timedelta(days=2),
    )
    permit = p.Permit(
        permit_id=permit_id, permit_number=number, authority="Amt 61", applicant=applicant, measures=(measure,)
    )
    event = contract(p.PermitApproved(permit), f"permit:{permit_id}", 1, depot.clock.now())
    depot.log.send([Message(PERMITS.name, event)])
    depot.work()


def ping(depot: Depot, device: str, minutes_ago: int, along_m: float = 10.0, **said: Any) -> None:
    lon, lat = place(along_m)
    moment = from_micros(depot.clock.now() - minutes_ago * MINUTE_US).isoformat()
    body = {"device_id": device, "event_time": moment, "fix_time": moment, "lon": lon, "lat": lat, "accuracy_m": 3.0}
    assert depot.send(json.dumps(body | {"lamp": "on"} | said)).status_code == 202


def page(depot: Depot, path: str, role: Any = "fleet", *scopes: str) -> TestResponse:
    return depot.client.get(f"/beacons/{path}", headers=depot.key(role, *scopes))


def eventually(depot: Depot, path: str, words: str) -> None:
    """Sites are decided on a grid of log time, a moment after their lights."""
    deadline = time.monotonic() + 5
    while words not in (text := page(depot, path).text):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
        depot.work()


def ids(answer: TestResponse) -> list[str]:
    return [part.partition('"')[0] for part in answer.text.split('<tr data-id="')[1:]]


def bind(depot: Depot, device: str, number: str, role: Any = "fleet", *scopes: str) -> TestResponse:
    answer = depot.client.post(f"/beacons/setup/{device}", data={"vorgang": number}, headers=depot.key(role, *scopes))
    depot.work()
    return answer


def alarm_of(depot: Depot, device: str = "LT-1") -> str:
    depot.tell(d.LightFell(device_id=device, at=AT), f"light:{device}")
    told = said(depot.client.get(f"{API}/alarms?kind=fell", headers=depot.key("ops")))["alarms"]
    return str(told[0]["id"])
