"""The street register: what crosses a street, and the piece of it between two places. Pure, built once from a city.

A place on a street is the name of a crossing street or a house number, as people type it. Chosen and drawn pieces end
in the same geometry: a drawn end near a crossing is at it.
"""

from collections.abc import Sequence
from math import dist
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from services.permits.application.street_names import (
    NoSuchPlaceError,
    Part,
    Street,
    StreetNames,
    folded,
    house_number,
)
from shared.contracts.base import LineString as Line
from shared.contracts.base import LonLat
from shared.geo import linear
from shared.geo.citymap import CityMap
from shared.geo.crs import XY, lonlat_positions, metric_line, to_metric
from shared.geo.network import RoadNetwork
from shared.geo.surroundings import Surroundings

AT_CROSSING_M = 12.0  # a drawn end this close to a crossing means it
ASIDE_M = 30.0  # the other carriageway's crossing is a crossing of this one
ON_STREET_M = 5.0
SHORTEST_M = 1.0


class Section(NamedTuple):
    """A piece of a street: ``line`` WGS 84 from the first place to the second, its ends by name where they have one."""

    street: str
    district: str | None
    from_street: str | None
    to_street: str | None
    house_numbers: str | None
    line: Line


class _Place(NamedTuple):
    """A place on a street, metric; a crossing or a house."""

    crossing: str | None
    number: str
    point: XY


class _Stop(NamedTuple):
    """A place on a path, in metres from its beginning; ``crossing`` and ``number`` only where it has such."""

    offset: float
    crossing: str | None = None
    number: str = ""


class _Piece(NamedTuple):
    path: LineString
    first: _Stop
    last: _Stop

    @property
    def length(self) -> float:
        return abs(self.first.offset - self.last.offset)

    @property
    def line(self) -> LineString:
        """From the first stop to the last."""
        low, high = sorted((self.first.offset, self.last.offset))
        cut = linear.cut(self.path, low, high)
        return cut if self.first.offset < self.last.offset else cut.reverse()


class StreetRegister:
    """Thread-safe; building takes as long as building a ``RoadNetwork``. All raise ``NoSuchPlaceError``."""

    def __init__(self, city: CityMap) -> None:
        self.network = RoadNetwork(city)
        self.names = StreetNames(city, self.network)
        self.surroundings = Surroundings(city)

    def search(self, text: str) -> list[Street]:
        return self.names.search(text)

    def crossings(self, label: str) -> list[str]:
        """The streets that cross this one, in their order along it."""
        part = self.names.part(label)
        path = self._path(part, part.shape.centroid)
        stops = sorted(_stops(path, self._crossings(part)))
        return list(dict.fromkeys(stop.crossing for stop in stops if stop.crossing))

    def numbers(self, label: str) -> list[str]:
        """The known house numbers of a street, in order."""
        return list(self.names.houses(self.names.part(label)))

    def section(self, label: str, start: str = "", end: str = "") -> Section:
        """The piece from ``start`` to ``end``; empty: where the street begins, where it ends."""
        part = self.names.part(label)
        places = self._places(part, start, "from"), self._places(part, end, "to")
        seeds: list[BaseGeometry] = [shapely.Point(place.point) for each in places for place in each]
        found = [piece for seed in seeds or [part.shape.centroid] if (piece := self._between(part, seed, places))]
        if not found:
            raise NoSuchPlaceError("to", _no_piece(*places))
        shortest = min(found, key=lambda piece: piece.length)
        # Of two carriageways the one that runs this way, as if the piece had been drawn.
        return self._section(part, self._between(part, shortest.line, places) or shortest)

    def drawn(self, coordinates: Sequence[LonLat], label: str = "") -> Section | None:
        """The piece of one street that a drawn line means; None where it follows none.

        ``label``: the street that was chosen before, preferred.
        """
        name = self.names.part(label).street.name if label else None
        snapped = self.network.snap_line(metric_line(tuple(coordinates)), name)
        if snapped is None:
            return None
        middle = snapped.interpolate(0.5, normalized=True)
        near = self.network.streets_near(middle, ON_STREET_M)
        if not near:
            return None
        name = name if name in near else near[0]
        part = min(self.names.parts(name), key=lambda one: one.shape.distance(middle))
        path = self._path(part, snapped)
        offsets = linear.project(path, np.array([snapped.coords[0], snapped.coords[-1]])).offset.tolist()
        crossings = _stops(path, self._crossings(part))
        piece = _Piece(path, *(_at_crossing(offset, crossings) for offset in offsets))
        return self._section(part, piece) if piece.length >= SHORTEST_M else None

    def _between(self, part: Part, seed: BaseGeometry, places: tuple[list[_Place], list[_Place]]) -> _Piece | None:
        """The shortest piece between two places on the path through ``seed``; None if it does not reach both."""
        path = self._path(part, seed)
        first = _stops(path, places[0]) if places[0] else [_Stop(0.0)]
        last = _stops(path, places[1]) if places[1] else [_Stop(path.length)]
        pieces = [_Piece(path, one, two) for one in first for two in last]
        long_enough = [piece for piece in pieces if piece.length >= SHORTEST_M]
        return min(long_enough, key=lambda piece: piece.length) if long_enough else None

    def _section(self, part: Part, piece: _Piece) -> Section:
        """An end without a name of its own is told by the crossing beside it, unless house numbers tell the place."""
        line = piece.line
        stops = piece.first, piece.last
        numbers = "-".join(stop.number for stop in stops if stop.number)
        beside = (None, None) if numbers else self.network.neighbours(part.street.name, line)
        return Section(
            street=part.street.name,
            district=self.names.district(line),
            from_street=stops[0].crossing or beside[0],
            to_street=stops[1].crossing or beside[1],
            house_numbers=numbers or None,
            line=Line(lonlat_positions(line)),
        )

    def _path(self, part: Part, near: BaseGeometry) -> LineString:
        """Along the street through the place nearest to ``near``; a line keeps its direction."""
        inside = near if isinstance(near, LineString) else nearest_points(part.shape, near)[0]
        path = self.network.street_path(part.street.name, inside)
        if path is None:  # the names are the network's own
            raise NoSuchPlaceError("street", "Diese Straße steht nicht im Straßenverzeichnis.")
        return path

    def _places(self, part: Part, text: str, field: str) -> list[_Place]:
        """What ``text`` means on this street; none where nothing was typed."""
        if not text.strip():
            return []
        number = house_number(text)
        if number:
            known = self.names.houses(part)
            found = [_Place(None, number, to_metric(*known[number]))] if number in known else []
        else:
            found = [
                place for place in self._crossings(part) if place.crossing and folded(place.crossing) == folded(text)
            ]
        if not found:
            what = f"Die Hausnummer {number} ist" if number else f"Eine Kreuzung mit „{text.strip()}“ ist"
            raise NoSuchPlaceError(field, f"{what} für {part.street.name} nicht verzeichnet.")
        return found

    def _crossings(self, part: Part) -> list[_Place]:
        """A street that crosses twice, or both carriageways, is there twice."""
        places = [_Place(one.street, "", one.point) for one in self.network.crossings(part.street.name)]
        return [place for place in places if part.shape.distance(shapely.Point(place.point)) <= ON_STREET_M]


def _no_piece(first: Sequence[_Place], last: Sequence[_Place]) -> str:
    if any(dist(one.point, two.point) < SHORTEST_M for one in first for two in last):
        return "Beide Angaben meinen dieselbe Stelle. Wählen Sie zwei Stellen, zwischen denen gearbeitet wird."
    return "Zwischen diesen beiden Stellen liegt kein durchgehendes Stück dieser Straße."


def _stops(path: LineString, places: Sequence[_Place]) -> list[_Stop]:
    """Where on the path the places are; those aside of it (another part of the street) are left out, houses are not."""
    if not places:
        return []
    offset, lateral = linear.project(path, np.array([place.point for place in places]))
    return [
        _Stop(along, place.crossing, place.number)
        for along, aside, place in zip(offset.tolist(), lateral.tolist(), places, strict=True)
        if place.number or abs(aside) <= ASIDE_M
    ]


def _at_crossing(offset: float, crossings: Sequence[_Stop]) -> _Stop:
    nearest = min(crossings, key=lambda stop: abs(stop.offset - offset), default=None)
    return nearest if nearest is not None and abs(nearest.offset - offset) <= AT_CROSSING_M else _Stop(offset)
