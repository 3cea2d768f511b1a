"""From the acknowledged ping to the changed feed, at 2,000 pings a second from the rest of the fleet, on both logs.

Six lights are put up at a site, again and again at new sites. What is timed: the ping that completes a site's set-up is
acknowledged, the GeoJSON says ``on_site: set_up``. It passes lights, relay, sites, relay, publisher.
"""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import msgspec

from benchmarks.suite import Suite, register, running
from tests.support.city import place

RATE = 2_000
EACH = 200
FLEET = 3_000
PROBES = 40
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


class Client:
    """One connection to the doors."""

    def __init__(self, suite: Suite, key: str) -> None:
        self._connection, self._key = HTTPConnection(suite.origin.removeprefix("http://"), timeout=60), key

    def send(self, items: list[bytes]) -> None:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/x-ndjson"}
        self._connection.request("POST", "/beacons/api/v1/pings", b"\n".join(items), headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 202 or b'"rejected":[{' in body:
            raise RuntimeError(f"{answer.status} {body[:300]!r}")

    def on_site(self, measure: str) -> str:
        self._connection.request("GET", f"/feed/v1/measures/{measure}")
        answer = self._connection.getresponse()
        body = answer.read()
        return str(msgspec.json.decode(body)["properties"]["on_site"]) if answer.status == 200 else ""


def rush(suite: Suite, key: str, stop: threading.Event) -> None:
    """The rest of the fleet, standing at the other end of the city, at a steady rate."""
    client, turn, began = Client(suite, key), 0, time.monotonic()
    while not stop.is_set():
        at = datetime.now(UTC)
        lights = [(turn * EACH + n) % FLEET for n in range(EACH)]
        client.send([ping(f"LT-{n:07}", at, *place(200_000 + n * 3, 500)) for n in lights])
        turn += 1
        time.sleep(max(0.0, began + turn * EACH / RATE - time.monotonic()))


def order(suite: Suite, clerk: str, number: int) -> str:
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
    case = suite.ask("/permits/api/v1/permits", clerk, body)
    suite.ask(f"/permits/api/v1/permits/{case['id']}/approve", clerk, {})
    return str(suite.ask(f"/permits/api/v1/permits/{case['id']}", clerk)["measures"][0]["id"])


def probe(suite: Suite, clerk: str, gateway: str, number: int) -> float:
    """Seconds from the acknowledgement of the deciding ping to the changed feed."""
    names = [f"P-{number}-{n}" for n in range(LIGHTS)]
    measure = order(suite, clerk, number)
    register(suite, gateway, names, f"61-{number}")
    client = Client(suite, gateway)
    now = datetime.now(UTC)
    places = [place(number * SPACING_M + (6 if n < LIGHTS // 2 else 114), 0.5) for n in range(LIGHTS)]
    for minutes in (20, 10):
        at = now - timedelta(minutes=minutes)
        client.send([ping(name, at, *where) for name, where in zip(names[:1], places[:1], strict=True)])
    client.send([ping(names[1], now - timedelta(minutes=10), *places[1])])
    wait(lambda: bool(client.on_site(measure)))
    client.send([ping(names[1], now, *places[1])])
    began = time.perf_counter()
    wait(lambda: client.on_site(measure) == "set_up")
    return time.perf_counter() - began


def wait(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the feed never said it")
        time.sleep(LOOK_S)


def measure_log(*, kafka: bool) -> None:
    with running(kafka=kafka) as suite:
        clerk, gateway = suite.key("clerk"), suite.key("fleet")
        register(suite, gateway, [f"LT-{number:07}" for number in range(FLEET)])
        stop = threading.Event()
        others = threading.Thread(target=rush, args=[suite, gateway, stop])
        others.start()
        try:
            took = sorted(probe(suite, clerk, gateway, number) for number in range(PROBES))
        finally:
            stop.set()
            others.join()
    name = "Kafka" if kafka else "PostgreSQL"
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, round(len(took) * 0.99))]
    print(f"log on {name}: ping to feed p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms ({PROBES} probes, {RATE}/s)")


if __name__ == "__main__":
    for which in sys.argv[1:] or ["postgres", "kafka"]:
        measure_log(kafka=which == "kafka")
