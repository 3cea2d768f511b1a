"""What the pages for citizens read of a feature, as the feed serves it."""

from datetime import datetime

import msgspec

from services.navfeed.domain.feature import PlaceKind, Schedule
from services.navfeed.web.words import Truth
from shared.contracts.base import Geometry
from shared.contracts.permits import Control, Direction, Exemption, MeasureKind, Traveller


class Shown(Truth, frozen=True, kw_only=True):
    """The properties; members that no page shows are left out. Times aware."""

    id: str
    version: int
    version_time: datetime | None
    permit_number: str
    authority: str
    district: str | None
    measure: MeasureKind
    control: Control | None
    headline: str
    street: str
    from_street: str | None
    to_street: str | None
    direction: Direction
    lanes_total: int | None
    lanes_closed: int | None
    residual_width_m: float | None
    speed_limit_kph: int | None
    affects: tuple[Traveller, ...] | None
    exempt: tuple[Exemption, ...]
    detour: str | None
    schedule: Schedule | None
    place_kind: PlaceKind
    observed_lights: int | None


class Roadwork(msgspec.Struct, frozen=True, kw_only=True):
    """A feature; ``geometry`` WGS 84 lon-lat."""

    id: str
    geometry: Geometry
    properties: Shown


class _Collection(msgspec.Struct):
    features: list[Roadwork]


roadwork = msgspec.json.Decoder(Roadwork).decode
_collection = msgspec.json.Decoder(_Collection).decode


def roadworks(data: bytes) -> list[Roadwork]:
    """All features of a collection as the feed serves it."""
    return _collection(data).features


def parted(headline: str) -> tuple[str, str]:
    """The feed's headline is ``place: effect.``: both parts, the effect as a sentence."""
    place, _, effect = headline.partition(": ")
    return place, sentence(effect)


def sentence(words: str) -> str:
    """Begins with a capital and ends with a full stop; empty stays empty."""
    return f"{words[0].upper()}{words[1:].removesuffix('.')}." if words else ""
