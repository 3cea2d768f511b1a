"""The products' renderers together; whoever changes bytes raises ``CODE``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from services.navfeed.adapters import datex2, geojson
from services.navfeed.application.ledger import DATEX2, GEOJSON, Frame
from services.navfeed.domain.feature import Feature

CODE = "1"


class Product(NamedTuple):
    """A document of the feed: which pieces, and what stands between them."""

    kind: str
    separator: bytes
    media_type: str


PRODUCTS = {
    "roadworks.geojson": Product(GEOJSON, geojson.SEPARATOR, "application/geo+json"),
    "datex2/payload.xml": Product(DATEX2, b"\n", "application/xml"),
    "datex2/container.xml": Product(DATEX2, b"\n", "application/xml"),
}


class Imprint(NamedTuple):
    """What a city says of itself in its documents."""

    publisher: str
    licence: str
    attribution: str
    supplier: str


class Rendering:
    """The ``Renderer`` of publishing."""

    code = CODE

    def __init__(self, imprint: Imprint) -> None:
        self._imprint = imprint
        self._supplier = datex2.Supplier(imprint.supplier)

    def feature(self, feature: Feature) -> bytes:
        return geojson.piece(feature)

    def situation(self, features: Sequence[Feature], version: int, created: Mapping[str, datetime]) -> bytes:
        return datex2.situation(features, datex2.History(version, created))

    def frames(self, published_at: datetime, over: Sequence[Feature]) -> list[Frame]:
        opening = geojson.header(
            publisher=self._imprint.publisher,
            licence=self._imprint.licence,
            attribution=self._imprint.attribution,
            generated_at=published_at,
        )
        return [
            Frame("roadworks.geojson", opening, geojson.FOOTER),
            Frame("datex2/payload.xml", *datex2.payload_frame(published_at, self._supplier)),
            Frame(
                "datex2/container.xml",
                *datex2.container_frame(published_at, self._supplier, datex2.managed(over)),
            ),
        ]

    def empty(self, product: str, since: datetime) -> bytes:
        """A product without content, for a feed that has none since then; never stored."""
        frame = next(frame for frame in self.frames(since, ()) if frame.product == product)
        return frame.opening + frame.closing

    def properties(self, feature: Feature) -> dict[str, Any]:
        return msgspec.json.decode(geojson.piece(feature), type=dict[str, Any])
