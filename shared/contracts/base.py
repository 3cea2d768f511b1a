"""What every contract struct shares, and the registry from CloudEvents type to struct.

A contract event is a frozen ``msgspec.Struct`` without personal data. Times are aware datetimes (RFC 3339 with offset
on the wire), coordinates WGS 84 lon-lat. A published version never changes its meaning; a new version is a new struct
with a new type, and an upcaster in ``shared.events.upcast`` leads there from the old one.
"""

from collections.abc import Callable
from typing import Annotated, ClassVar, TypeVar

import msgspec

TYPE_PREFIX = "de.leitbake."

Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
LonLat = tuple[Longitude, Latitude]


class Contract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every payload that crosses a service border; unknown members of the wire form are ignored when read."""

    TYPE: ClassVar[str]


class Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    """RFC 7946 Point, WGS 84 lon-lat."""

    coordinates: LonLat


class LineString(msgspec.Struct, frozen=True, tag_field="type", tag="LineString"):
    """RFC 7946 LineString of at least two positions, WGS 84 lon-lat."""

    coordinates: Annotated[tuple[LonLat, ...], msgspec.Meta(min_length=2)]


class Polygon(msgspec.Struct, frozen=True, tag_field="type", tag="Polygon"):
    """RFC 7946 Polygon: rings of at least four positions, first and last equal, WGS 84 lon-lat."""

    coordinates: Annotated[
        tuple[Annotated[tuple[LonLat, ...], msgspec.Meta(min_length=4)], ...], msgspec.Meta(min_length=1)
    ]


Geometry = Point | LineString | Polygon

REGISTRY: dict[str, type[Contract]] = {}

ContractT = TypeVar("ContractT", bound=Contract)


def contract(name: str) -> Callable[[type[ContractT]], type[ContractT]]:
    """Class decorator: registers the struct under ``de.leitbake.<name>``, e.g. ``permit.approved.v1``."""

    def register(struct: type[ContractT]) -> type[ContractT]:
        struct.TYPE = TYPE_PREFIX + name
        REGISTRY[struct.TYPE] = struct
        return struct

    return register
