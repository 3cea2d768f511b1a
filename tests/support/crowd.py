"""A crowded city: ten thousand permits, as a city would import them, spread over streets, districts and a year."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from services.suite.client import Doors

CASES, PER_FILE = 10_000, 500
STREETS = (
    "Rheinallee", "Kaiserstraße", "Große Bleiche", "Wallstraße", "Binger Straße", "Am Fort Elisabeth", "Boppstraße",
    "Gärtnergasse", "Untere Zahlbacher Straße", "Ludwigsstraße", "Parcusstraße", "Adam-Karrillon-Straße",
    "An der Goldgrube", "Freiligrathstraße", "Hechtsheimer Straße", "Göttelmannstraße", "Römerwall",
)  # fmt: skip
DISTRICTS = (
    "Altstadt", "Neustadt", "Oberstadt", "Hartenberg-Münchfeld", "Gonsenheim", "Mombach", "Hechtsheim", "Weisenau",
    "Bretzenheim", "Finthen", "Laubenheim",
)  # fmt: skip
KINDS = ("road_closed", "alternating", "narrowed", "footway_closed", "cycleway_closed", "no_stopping", "lanes_closed")
WORKS = ("Kanal", "Fernwärme", "Glasfaser", "Strom", "Straßenbau", "Hochbau")


def features(now: datetime, count: int = CASES) -> Iterator[dict[str, Any]]:
    """One measure each, numbered ``61-00000`` and so on; ends lie from 20 days before ``now`` to a year after."""
    for number in range(count):
        end = now + timedelta(days=number * 37 % 385 - 20, hours=number % 9)
        street = STREETS[number % len(STREETS)]
        east, north = number % 97 * 0.0004, number % 89 * 0.0004
        said = {
            "permit_number": f"61-{number:05}",
            "title": f"{WORKS[number % len(WORKS)]}, Los {number % 23 + 1}",
            "works_kind": WORKS[number % len(WORKS)],
            "measure": KINDS[number % len(KINDS)],
            "street": street,
            "district": DISTRICTS[number % len(DISTRICTS)],
            "from_street": STREETS[(number + 3) % len(STREETS)],
            "to_street": STREETS[(number + 5) % len(STREETS)],
            "start": _iso(end - timedelta(days=number % 28 + 2)),
            "end": _iso(end),
        }
        line = [[8.25 + east, 49.98 + north], [8.251 + east, 49.9805 + north]]
        yield {"type": "Feature", "properties": said, "geometry": {"type": "LineString", "coordinates": line}}


def files(now: datetime, count: int = CASES) -> Iterator[bytes]:
    """The same as GeoJSON, ``PER_FILE`` permits each."""
    permits = list(features(now, count))
    for first in range(0, count, PER_FILE):
        yield json.dumps({"type": "FeatureCollection", "features": permits[first : first + PER_FILE]}).encode()


def fill(clerk: Doors, count: int = CASES) -> None:
    """Through the door for imports."""
    for body in files(datetime.now(UTC), count):
        clerk.post("/permits/api/v1/imports?format=geojson", body, "application/geo+json")


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="minutes")
