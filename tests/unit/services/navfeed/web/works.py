"""Measures as the pages read them: through the publisher and the feed's own bytes."""

from typing import Any

import msgspec
from msgspec.structs import replace

from services.navfeed.adapters.geojson import piece
from services.navfeed.web.shown import Roadwork, roadwork
from tests.unit.services.navfeed.builders import at, features_of, measure

NOW = at("03-05 13:05")  # 14:05 in Berlin


def work(**changes: Any) -> Roadwork:
    """The measure of a permit as it is shown on 5 March."""
    (feature,) = features_of(measure(**changes))
    return roadwork(piece(feature))


def told(one: Roadwork, **changes: Any) -> Roadwork:
    """The same with other properties."""
    return replace(one, properties=replace(one.properties, **changes))


def data(one: Roadwork) -> bytes:
    return msgspec.json.encode(one)
