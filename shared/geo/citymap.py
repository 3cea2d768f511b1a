"""A city as it was read or generated: streets, areas, waters, names. Plain data in WGS 84 lon-lat."""

from pathlib import Path
from typing import Literal

import msgspec

from shared.contracts.base import LonLat

AreaKind = Literal["water", "green", "building"]
Ring = tuple[LonLat, ...]

DRIVABLE = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street"}
    | {"motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link", "road", "service", "busway"}
)
STREETS = DRIVABLE | {"pedestrian"}
PATHS = frozenset({"footway", "cycleway", "path", "track", "steps", "bridleway"})


class Way(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A street or path between two nodes; ways meet where they share a node id.

    ``highway``: the class in OpenStreetMap's words. ``oneway``: 1 along the coordinates, -1 against, 0 both.
    ``maxspeed`` km/h. ``bus``: a bus route runs along it.
    """

    id: int
    name: str | None = None
    highway: str
    oneway: Literal[-1, 0, 1] = 0
    nodes: tuple[int, ...]
    coordinates: tuple[LonLat, ...]
    ref: str | None = None
    maxspeed: int | None = None
    bus: bool = False


class Area(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A polygon: ``rings`` are the shell and its holes, first and last position equal."""

    id: int
    kind: AreaKind
    name: str | None = None
    rings: tuple[Ring, ...]


class Waterway(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: int
    name: str | None = None
    kind: str
    coordinates: tuple[LonLat, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A name on the map; ``kind`` as in OpenStreetMap (city, suburb, quarter …). ``rings``: its boundary, if known."""

    name: str
    kind: str
    lonlat: LonLat
    rings: tuple[Ring, ...] = ()


class BusStop(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    lonlat: LonLat


class BusRoute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line in one direction: ids of the ways in the order of travel, and its stops."""

    ref: str
    name: str | None = None
    ways: tuple[int, ...] = ()
    stops: tuple[BusStop, ...] = ()


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """A house: ``number`` as written on it (``12a``)."""

    street: str
    number: str
    lonlat: LonLat


class CityMap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it, sorted by id or name; ``attribution`` is owed wherever the map is shown."""

    name: str
    attribution: str
    ways: tuple[Way, ...] = ()
    areas: tuple[Area, ...] = ()
    waterways: tuple[Waterway, ...] = ()
    places: tuple[Place, ...] = ()
    bus_routes: tuple[BusRoute, ...] = ()
    addresses: tuple[Address, ...] = ()


class UnreadableCityError(Exception):
    """The file is no city that we can read; carries the file's name and the reason."""


def encode(city: CityMap) -> bytes:
    """JSON; the same city gives the same bytes."""
    return msgspec.json.encode(city)


def decode(raw: bytes) -> CityMap:
    """The city in ``raw``; raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    return msgspec.json.decode(raw, type=CityMap)


def save(city: CityMap, path: Path) -> None:
    path.write_bytes(encode(city))


def load(path: Path) -> CityMap:
    """The city that ``save`` wrote; raises ``UnreadableCityError``, and ``OSError`` if there is no such file."""
    try:
        return decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise UnreadableCityError(f"{path.name}: {error}") from error
