"""From the acknowledged ping to the changed feed, at 2,000 pings a second from the rest of the fleet, on both logs.

Six lights are put up at a site, again and again at new sites. What is timed: the ping that completes a site's set-up is
acknowledged, the GeoJSON says ``on_site: set_up``. It passes lights, relay, sites, relay, publisher. The first probes
meet processes that have just begun (seconds on Kafka) and do not count.
"""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from benchmarks.suite import Client, Suite, register, running
from services.suite.client import RefusedError
from tests.support.city import place

RATE = 2_000
EACH = 200
FLEET = 3_000
PROBES = 100
FIRST = 3
LIGHTS = 6
SPACING_M = 400
LOOK_S = 0.005


def ping(device: str, at: datetime, lon: float, lat: float) -> bytes:
    when = at.isoformat()
    return msgspec.json.encode(
        {
            "device_id": device,
            "event_time": when,
            "fix_time": when,
            "lon": lon,
            "lat": lat,
            "accuracy_m": 3.0,
            "lamp": "on",
        }
    )


def rush(suite: Suite, key: str, stop: threading.Event) -> None:
    """The rest of the fleet, standing at the other end of the city, at a steady rate."""
    client, turn, began = Client(suite, key), 0, time.monotonic()
    while not stop.is_set():
        at = datetime.now(UTC)
        lights = [(turn * EACH + n) % FLEET for n in range(EACH)]
        client.send([ping(f"LT-{n:07}", at, *place(200_000 + n * 3, 500)) for n in lights])
        turn += 1
        time.sleep(max(0.0, began + turn * EACH / RATE - time.monotonic()))


def order(clerk: Client, number: int) -> str:
    """Approved works; the id of its measure."""
    now = datetime.now(UTC)
    measure = {
        "measure": "road_closed",
        "street": f"Straße {number}",
        "start": (now - timedelta(hours=1)).isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
        "geometry": {"type": "LineString", "coordinates": [place(number * SPACING_M), place(number * SPACING_M + 120)]},
    }
    body: Any = {"permit_number": f"61-{number}", "measures": [measure]}
    case = clerk.ask("POST", "/permits/api/v1/permits", body)
    approved = clerk.ask("POST", f"/permits/api/v1/permits/{case['id']}/approve", {})
    return str(approved["measures"][0]["id"])


def probe(suite: Suite, clerk: str, gateway: str, number: int) -> float:
    """Seconds from the acknowledgement of the deciding ping to the changed feed."""
    names = [f"P-{number}-{n}" for n in range(LIGHTS)]
    measure = order(Client(suite, clerk), number)
    register(suite, gateway, names, f"61-{number}")
    client = Client(suite, gateway)
    now = datetime.now(UTC)
    places = [place(number * SPACING_M + (6 if n < LIGHTS // 2 else 114), 0.5) for n in range(LIGHTS)]
    for minutes in (20, 10):
        at = now - timedelta(minutes=minutes)
        client.send([ping(name, at, *where) for name, where in zip(names[:1], places[:1], strict=True)])
    client.send([ping(names[1], now - timedelta(minutes=10), *places[1])])
    wait(client, measure, "unknown", "set_up")
    client.send([ping(names[1], now, *places[1])])
    began = time.perf_counter()
    wait(client, measure, "set_up")
    return time.perf_counter() - began


def wait(client: Client, measure: str, *states: str) -> None:
    """Until the feed says one of ``states`` of the measure."""
    end = time.monotonic() + 60
    while on_site(client, measure) not in states:
        if time.monotonic() > end:
            raise TimeoutError("the feed never said it")
        time.sleep(LOOK_S)


def on_site(client: Client, measure: str) -> str:
    try:
        return str(client.ask("GET", f"/feed/v1/measures/{measure}")["properties"]["on_site"])
    except RefusedError:
        return ""  # not in the feed yet


def measure_log(*, kafka: bool) -> None:
    with running(kafka=kafka) as suite:
        clerk, gateway = suite.key("clerk"), suite.key("fleet")
        register(suite, gateway, [f"LT-{number:07}" for number in range(FLEET)])
        stop = threading.Event()
        others = threading.Thread(target=rush, args=[suite, gateway, stop])
        others.start()
        try:
            took = sorted([probe(suite, clerk, gateway, number) for number in range(FIRST + PROBES)][FIRST:])
        finally:
            stop.set()
            others.join()
    name = "Kafka" if kafka else "PostgreSQL"
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, round(len(took) * 0.99))]
    print(f"log on {name}: ping to feed p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms ({PROBES} probes, {RATE}/s)")


if __name__ == "__main__":
    for which in sys.argv[1:] or ["postgres", "kafka"]:
        measure_log(kafka=which == "kafka")
