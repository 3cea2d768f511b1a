"""Works ordered and set up through the gateway of the running containers, and what the feed says of them."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.suite.client import Doors, UnreachableError
from shared.clock import SECOND_US, WallClock, from_micros
from shared.contracts.pings import Ping
from shared.events.codec import encode
from tests.support.city import place
from tests.support.compose import Stack

FEED = "/feed/v1/roadworks.geojson"
LIGHTS, ROUNDS, EVERY_US = 6, 40, 40 * SECOND_US
SPACING_M = 2_000


def until(ask: Callable[[], Any], expected: Any, seconds: float) -> None:
    """Ask again and again until the answer is as expected."""
    deadline = time.monotonic() + seconds
    while (last := ask()) != expected:
        assert time.monotonic() < deadline, f"{last} is not {expected} in time"
        time.sleep(0.3)


def order(clerk: Doors, number: int) -> None:
    now = from_micros(WallClock().now())
    measure = {
        "measure": "road_closed",
        "street": f"Straße {number}",
        "start": (now - timedelta(hours=2)).isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
        "geometry": {
            "type": "LineString",
            "coordinates": [place(number * SPACING_M), place(number * SPACING_M + 120)],
        },
    }
    body = {"permit_number": f"61-{number}", "measures": [measure]}
    case = clerk.post("/permits/api/v1/permits", json.dumps(body).encode(), "application/json")
    clerk.post(f"/permits/api/v1/permits/{case['id']}/approve", b"{}", "application/json")


def set_up(fleet: Doors, number: int) -> None:
    """Six lights at both ends, registered, and what they said in the last half hour; asked again while away."""
    lines = [f"LT-{number}-{n},warning_light,,,,61-{number}" for n in range(LIGHTS)]
    head = "device_id,kind,vendor,profile,expected_interval_s,permit_number"
    fleet.post("/beacons/api/v1/devices", "\n".join([head, *lines]).encode(), "text/csv")
    until(lambda: accepted(fleet, number), LIGHTS * ROUNDS, 30)


def accepted(fleet: Doors, number: int) -> int:
    began = WallClock().now() - ROUNDS * EVERY_US
    items = [
        encode(
            Ping(
                device_id=f"LT-{number}-{n}",
                event_time=at,
                fix_time=at,
                lamp="on",
                sequence=round_,
                lon=lon,
                lat=lat,
            )
        )
        for round_ in range(ROUNDS)
        for at in [from_micros(began + round_ * EVERY_US)]
        for n in range(LIGHTS)
        for lon, lat in [place(number * SPACING_M + (6 if n < LIGHTS // 2 else 114) + round_ % 3 * 0.4, 0.5)]
    ]
    try:
        return fleet.pings(items)
    except UnreachableError:
        return 0


def place_of(stack: Stack, number: int) -> list[str]:
    """Where the place of a permit's measure comes from, as the gateway serves it."""
    answer = stack.get(FEED)
    features = json.loads(answer.body)["features"] if answer.status == 200 else []
    found = [it["properties"] for it in features if it["properties"]["permit_number"] == f"61-{number}"]
    return [it["provenance"]["place"] for it in found]
