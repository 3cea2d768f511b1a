"""Gateways and a clerk who send until they are answered, and remember what the doors said."""

import http.client
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from services.suite.client import Doors
from shared.clock import SECOND_US, WallClock, from_micros
from shared.events.codec import encode
from tests.faults.city import LIGHTS, SPACING_M, City, pings, wait_for
from tests.support.city import place
from tests.support.front import Front

EVERY_US = 40 * SECOND_US
BACKLOG = 40
TIMEOUT_S = 60
PAUSE_S = 0.05
TAKEN = {200, 201, 202}
NDJSON, JSON = "application/x-ndjson", "application/json"


class Answer(NamedTuple):
    """``status`` is 0 where nobody answered; ``at`` is when it came."""

    status: int
    seconds: float
    retry_after: str
    at: float


class Traffic:
    """A gateway per site, each on a thread: first what it had kept, then what its lights say now.

    ``answers``: all that the doors said. What was acknowledged to gateways goes to ``city.acknowledged``.
    """

    def __init__(self, city: City, front: Front, sites: range, clerks: int) -> None:
        self.city, self.sites, self.answers = city, sites, list[Answer]()
        self._gateway, self._clerk = front.key("fleet"), front.key("clerk")
        self._began = WallClock().now() - BACKLOG * EVERY_US
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._speak, args=[number], daemon=True) for number in sites]
        self._threads += [
            threading.Thread(target=self._order, args=[sites[n::clerks]], daemon=True) for n in range(clerks)
        ]

    def start(self) -> None:
        for number in self.sites:
            self.city.register(number)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody says to the end what they have begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a client waits for ever"

    def hear(self, pings: int) -> None:
        """Until so many more are acknowledged."""
        wanted = len(self.city.acknowledged) + pings
        wait_for(lambda: len(self.city.acknowledged) >= wanted, 120)

    def refused(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status == 503]

    def _speak(self, number: int) -> None:
        for round_ in itertools.count():
            if self._stop.is_set() and round_ >= BACKLOG:
                return
            at = min(self._began + round_ * EVERY_US, WallClock().now())
            body = b"\n".join(encode(ping) for ping in pings(number, round_, at))
            while self._post(self._gateway, "/beacons/api/v1/pings", body, NDJSON, {})["accepted"] < LIGHTS:
                time.sleep(0.05)  # not registered yet, as far as this door knows
            self.city.acknowledged += [(f"LT-{number}-{n}", round_) for n in range(LIGHTS)]
            if round_ >= BACKLOG:
                self._stop.wait(PAUSE_S)

    def _order(self, sites: range) -> None:
        """Apply and approve, each attempt named by its key."""
        for number in sites:
            body = msgspec.json.encode(_application(number))
            case = self._post(self._clerk, "/permits/api/v1/permits", body, JSON, _named(f"submit-{number}"))
            path = f"/permits/api/v1/permits/{case['id']}/approve"
            assert self._post(self._clerk, path, b"{}", JSON, _named(f"approve-{number}"))["status"] == "approved"

    def _post(self, doors: Doors, path: str, body: bytes, media_type: str, more: Mapping[str, str]) -> Any:
        headers = {"Content-Type": media_type, "Authorization": f"Bearer {doors.key}", **more}
        while True:
            began, retry_after = time.monotonic(), ""
            try:
                request = urllib.request.Request(doors.origin + path, body, headers)  # noqa: S310  # our own doors
                with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # as above
                    said, status = json.loads(answer.read()), answer.status
            except urllib.error.HTTPError as error:
                status, retry_after = error.code, error.headers.get("Retry-After", "")
            except (OSError, http.client.HTTPException):
                status = 0
            now = time.monotonic()
            self.answers.append(Answer(status, now - began, retry_after, now))
            if status in TAKEN:
                return said
            time.sleep(0.1)


def _named(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def _application(number: int) -> dict[str, Any]:
    now = from_micros(WallClock().now())
    line = [place(number * SPACING_M), place(number * SPACING_M + 120)]
    measure = {
        "measure": "road_closed",
        "street": f"Straße {number}",
        "start": (now - timedelta(hours=2)).isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
        "geometry": {"type": "LineString", "coordinates": line},
    }
    return {"permit_number": f"61-{number}", "measures": [measure]}


@contextmanager
def traffic(city: City, front: Front, sites: range, clerks: int = 1) -> Iterator[Traffic]:
    """Runs during the block; a door may say yes, 503 with Retry-After, or nothing, and nothing else."""
    made = Traffic(city, front, sites, clerks)
    made.start()
    try:
        yield made
    finally:
        made.stop()
    assert {answer.status for answer in made.answers} <= {0, *TAKEN, 503}
    assert all(answer.retry_after for answer in made.refused())
