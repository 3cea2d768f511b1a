"""GeoJSON (RFC 7946): a feature as a stored piece, and a collection as nothing but stored bytes put together.

WGS 84 lon-lat, times RFC 3339 in UTC.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from services.navfeed.domain.feature import NO_PROPERTIES, Feature

SEPARATOR = b",\n"
FOOTER = b"\n]}\n"

_encode = msgspec.json.encode


def piece(feature: Feature) -> bytes:
    """One feature; its properties in the order of the struct, so that equal features give equal bytes."""
    properties = {name: getattr(feature, name) for name in Feature.__struct_fields__ if name not in NO_PROPERTIES}
    return _encode({"type": "Feature", "id": feature.id, "geometry": feature.geometry, "properties": properties})


def header(*, publisher: str, licence: str, attribution: str, generated_at: datetime) -> bytes:
    """The opening of a collection; ``generated_at`` is when its content last changed (aware)."""
    members = {
        "type": "FeatureCollection",
        "publisher": publisher,
        "licence": licence,
        "attribution": attribution,
        "generated_at": generated_at,
    }
    return _encode(members)[:-1] + b',"features":[\n'


def join(opening: bytes, pieces: Iterable[bytes]) -> bytes:
    """The whole collection from stored bytes; an empty one is valid, too."""
    return opening + SEPARATOR.join(pieces) + FOOTER
