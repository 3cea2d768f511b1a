"""The imported city under the live map: its streets by name, and what lies around a site. WGS 84 at the border."""

import threading
from collections import defaultdict
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from shared.contracts.base import LonLat
from shared.geo import citymap
from shared.geo.citymap import STREETS, CityMap, Way
from shared.geo.districts import Districts
from shared.geo.surroundings import NOTHING, Around, Surroundings

FOUND_AT_MOST = 6
SIMILAR_AT_MOST = 3


class Street(NamedTuple):
    """One connected street of a name. ``box``: west, south, east, north in degrees."""

    name: str
    district: str | None
    box: tuple[float, float, float, float]


class _City(NamedTuple):
    streets: list[tuple[str, Street]]
    surroundings: Surroundings


class Ground:
    """Read at the first question and again after another import; thread-safe.

    ``folded`` makes names comparable. Without a city there are no streets and nothing lies around.
    """

    def __init__(self, path: Path, folded: Callable[[str], str]) -> None:
        self._path, self._folded = path, folded
        self._lock = threading.Lock()
        self._read: tuple[float, _City] | None = None

    def search(self, text: str) -> list[Street] | None:
        """At most six: those whose name begins so, then those that have it inside; None: there is no city to ask."""
        wanted, city = self._folded(text), self._city()
        if city is None:
            return None
        if not wanted:
            return []
        found = [(not name.startswith(wanted), name, street) for name, street in city.streets if wanted in name]
        return [street for _, _, street in sorted(found)[:FOUND_AT_MOST]]

    def similar(self, text: str) -> list[str] | None:
        """Up to three names that were perhaps meant; None: such a street is known, or there is no city to ask."""
        wanted, city = self._folded(text), self._city()
        if city is None or not wanted or any(wanted in name for name, _ in city.streets):
            return None
        names = {name: street.name for name, street in city.streets}
        return [names[name] for name in get_close_matches(wanted, names, SIMILAR_AT_MOST)]

    def around(self, box: BaseGeometry) -> Around:
        """As ``Surroundings`` tells it."""
        city = self._city()
        return NOTHING if city is None else city.surroundings.around(box)

    def _city(self) -> _City | None:
        try:
            changed = self._path.stat().st_mtime
        except FileNotFoundError:
            return None
        with self._lock:
            if self._read is None or self._read[0] != changed:
                self._read = changed, _prepared(citymap.load(self._path), self._folded)
            return self._read[1]


def _prepared(city: CityMap, folded: Callable[[str], str]) -> _City:
    ways = [way for way in city.ways if way.highway in STREETS]
    streets = _streets(ways, Districts(city))
    return _City([(folded(street.name), street) for street in streets], Surroundings(city))


def _streets(ways: list[Way], districts: Districts) -> list[Street]:
    named: dict[str, list[Way]] = defaultdict(list)
    for way in ways:
        if way.name is not None:
            named[way.name].append(way)
    return [_street(name, part, districts) for name in sorted(named) for part in _connected(named[name])]


def _connected(ways: list[Way]) -> list[list[Way]]:
    """A city has more than one Hauptstraße: ways that share no node are different streets."""
    parts: list[tuple[set[int], list[Way]]] = []
    for way in ways:
        touched = [part for part in parts if not part[0].isdisjoint(way.nodes)]
        parts = [part for part in parts if part not in touched]
        nodes = set(way.nodes).union(*(part[0] for part in touched))
        parts.append((nodes, [way, *(one for part in touched for one in part[1])]))
    return [members for _, members in parts]


def _street(name: str, ways: list[Way], districts: Districts) -> Street:
    places: list[LonLat] = [place for way in ways for place in way.coordinates]
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    box = min(lons), min(lats), max(lons), max(lats)
    longest = max(ways, key=lambda way: (len(way.coordinates), way.id)).coordinates
    return Street(name, districts.at(*longest[len(longest) // 2]), box)
