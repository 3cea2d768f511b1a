"""Permit commands through the API, one and four clients: submit and approve; where the time goes, in short.

Beside: a request that reads one case, which costs the same doors, and no append.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.parts import rate
from benchmarks.suite import Client, Suite, running
from tests.support.city import place

PERMITS = "/permits/api/v1/permits"
SECONDS = 8.0


class Office:
    """Clerks at ``clients`` connections."""

    def __init__(self, suite: Suite, clients: int) -> None:
        key = suite.key("clerk")
        self._clients = [Client(suite, key) for _ in range(clients)]
        self._first = self._submit(0, f"{clients}-read")

    def decide(self, client: int, turn: int) -> None:
        """Two commands: submit and approve."""
        case = self._submit(client, f"{len(self._clients)}-{client}-{turn}")
        self._clients[client].ask("POST", f"{PERMITS}/{case}/approve", {})

    def read(self, client: int, _: int) -> None:
        self._clients[client].ask("GET", f"{PERMITS}/{self._first}")

    def _submit(self, client: int, number: str) -> str:
        return str(self._clients[client].ask("POST", PERMITS, permit(number))["id"])


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


def main() -> None:
    with running() as suite:
        for clients in (1, 4):
            office = Office(suite, clients)
            commands, reads = 2 * rate(clients, SECONDS, office.decide), rate(clients, SECONDS, office.read)
            print(
                f"{clients} client(s): {commands:,.0f} commands/s ({1000 * clients / commands:.1f} ms each);"
                f" reads of one case {reads:,.0f}/s ({1000 * clients / reads:.1f} ms)"
            )


if __name__ == "__main__":
    main()
