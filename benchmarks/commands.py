"""Permit commands through the API, one and four clients: submit and approve; where the time goes, in short.

Beside: a request that reads one case, which costs the same doors, and no append.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import msgspec

from benchmarks.suite import Suite, running
from tests.support.city import place

SECONDS = 8.0


class Caller:
    """One connection, JSON both ways."""

    def __init__(self, suite: Suite, key: str) -> None:
        self._connection, self._key = HTTPConnection(suite.origin.removeprefix("http://"), timeout=60), key

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else msgspec.json.encode(body), headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status} {data[:300]!r}")
        return msgspec.json.decode(data)


def permit(number: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "permit_number": number,
        "measures": [
            {
                "measure": "road_closed",
                "street": "Parkstraße",
                "start": (now + timedelta(days=20)).isoformat(),
                "end": (now + timedelta(days=30)).isoformat(),
                "geometry": {"type": "LineString", "coordinates": [place(0), place(120)]},
            }
        ],
    }


def rate(clients: int, work: Callable[[int, int], int]) -> float:
    """Commands per second; ``work(client, turn)`` returns how many it gave."""
    stop, done = threading.Event(), [0] * clients

    def loop(client: int) -> None:
        turn = 0
        while not stop.is_set():
            done[client] += work(client, turn)
            turn += 1

    threads = [threading.Thread(target=loop, args=[client]) for client in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def main() -> None:
    with running() as suite:
        clerk = suite.key("clerk")
        for clients in (1, 4):
            callers = [Caller(suite, clerk) for _ in range(clients)]

            def submit_and_approve(client: int, turn: int) -> int:
                number = f"{clients}-{client}-{turn}"  # noqa: B023  # used within this round
                case = callers[client].ask("POST", "/permits/api/v1/permits", permit(number))  # noqa: B023  # the same
                callers[client].ask("POST", f"/permits/api/v1/permits/{case['id']}/approve", {})  # noqa: B023  # the same
                return 2

            first = callers[0].ask("POST", "/permits/api/v1/permits", permit(f"{clients}-read"))

            def read_one(client: int, _: int) -> int:
                callers[client].ask("GET", f"/permits/api/v1/permits/{first['id']}")  # noqa: B023  # the same
                return 1

            commands, reads = rate(clients, submit_and_approve), rate(clients, read_one)
            print(
                f"{clients} client(s): {commands:,.0f} commands/s ({1000 * clients / commands:.1f} ms each);"
                f" reads of one case {reads:,.0f}/s ({1000 * clients / reads:.1f} ms)"
            )


if __name__ == "__main__":
    main()
