"""The streets of a city by name: what people type, and which of several streets of one name they mean. Pure."""

import re
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, MultiLineString

from shared.contracts.base import LonLat
from shared.geo.citymap import CityMap
from shared.geo.crs import lonlat_positions, metric_line, to_metric
from shared.geo.districts import Districts
from shared.geo.network import RoadNetwork

APART_M = 60.0  # farther apart and in another district, a name means another street: there is more than one Hauptstraße
ADDRESS_M = 120.0  # a house stands at most this far from its street
SUGGESTED = 12
HOUSE_NUMBER = re.compile(r"(\d{1,4}) ?([a-z]?)", re.IGNORECASE)


class NoSuchPlaceError(Exception):
    """What was asked for is not in the register; ``field`` is ``street``, ``from`` or ``to``, ``sentence`` German."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


class Street(NamedTuple):
    """As people choose it: ``label`` is the name, with the district where the name alone does not tell."""

    name: str
    district: str | None
    label: str


class Part(NamedTuple):
    """One of the streets of a name; ``shape`` in metres, its ways."""

    street: Street
    shape: MultiLineString


class StreetNames:
    """Thread-safe."""

    def __init__(self, city: CityMap, network: RoadNetwork) -> None:
        self._network, self._districts = network, Districts(city)
        self._names = {folded(name): name for name in network.streets()}
        self._houses: dict[str, list[tuple[str, LonLat]]] = defaultdict(list)
        for address in city.addresses:
            if number := house_number(address.number):
                self._houses[address.street].append((number, address.lonlat))
        self.parts = lru_cache(maxsize=1_000)(self._parts)

    def search(self, text: str) -> list[Street]:
        """At most a dozen: those whose name begins so, then those that have it inside."""
        wanted = folded(text)
        if not wanted:
            return []
        found = [name for name in self._names if wanted in name or wanted in folded(self._names[name])]
        found.sort(key=lambda name: (not name.startswith(wanted), name))
        return [part.street for name in found[:SUGGESTED] for part in self.parts(self._names[name])][:SUGGESTED]

    def part(self, label: str) -> Part:
        """The street of this label, or of this name if there is only one; raises ``NoSuchPlaceError``."""
        name = self._names.get(folded(label)) or self._names.get(folded(label.rpartition(" (")[0]))
        parts = self.parts(name) if name else ()
        chosen = [part for part in parts if folded(part.street.label) == folded(label)] or parts
        if not chosen:
            raise NoSuchPlaceError("street", "Diese Straße steht nicht im Straßenverzeichnis.")
        if len(chosen) > 1:
            labels = ", ".join(part.street.label for part in chosen)
            raise NoSuchPlaceError("street", f"Diesen Namen gibt es mehrmals. Bitte wählen Sie: {labels}.")
        return chosen[0]

    def houses(self, part: Part) -> dict[str, LonLat]:
        """The known house numbers of a street, in order, and where they are."""
        known = {
            number: lonlat
            for number, lonlat in self._houses.get(part.street.name, ())
            if part.shape.distance(shapely.Point(to_metric(*lonlat))) <= ADDRESS_M
        }
        return dict(
            sorted(known.items(), key=lambda house: (int(house[0].rstrip("abcdefghijklmnopqrstuvwxyz")), house))
        )

    def districts(self) -> tuple[str, ...]:
        """All Ortsteile, sorted."""
        return self._districts.names()

    def district(self, line: LineString) -> str | None:
        """Where the middle of a metric line lies."""
        return self._districts.at(*lonlat_positions(line.interpolate(0.5, normalized=True))[0])

    def _parts(self, name: str) -> tuple[Part, ...]:
        lines = [metric_line(way.coordinates) for way in self._network.ways(name)]
        zones = shapely.get_parts(shapely.union_all(shapely.buffer(np.array(lines), APART_M / 2)))
        pieces: dict[str | None, list[LineString]] = defaultdict(list)
        for zone in zones:
            inside = [line for line in lines if zone.intersects(line)]
            pieces[self.district(inside[0])] += inside
        return tuple(
            Part(Street(name, district, _label(name, district, alone=len(pieces) == 1)), MultiLineString(found))
            for district, found in sorted(pieces.items(), key=lambda piece: piece[0] or "")
        )


def _label(name: str, district: str | None, *, alone: bool) -> str:
    return name if alone else f"{name} ({district or 'ohne Ortsteil'})"


def folded(text: str) -> str:
    """As people mean it: no difference of case, blanks, or ``str.`` and ``straße``."""
    plain = " ".join(text.casefold().split())
    return re.sub(r"stra(ss|ß)e\b|str\b\.?", "strasse", plain)


def house_number(text: str) -> str:
    """``12 A`` as ``12a``; empty for what is no house number."""
    match = HOUSE_NUMBER.fullmatch(text.strip())
    return f"{int(match[1])}{match[2].lower()}" if match else ""
