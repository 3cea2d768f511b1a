"""A feature of the feed: the fused state of one measure (interfaces.md § A feature of the feed)."""

from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from services.navfeed.domain.rows import OnSite
from shared.contracts.base import Geometry
from shared.contracts.permits import Control, Direction, Exemption, MeasureKind, Occupation, Traveller

Status = Literal["planned", "active", "suspended", "overrunning", "ended", "cancelled"]
PlaceProvenance = Literal["ordered", "measured"]
TimeProvenance = Literal["ordered", "reported", "measured"]
PlaceKind = Literal["line", "point", "area"]


class Schedule(msgspec.Struct, frozen=True, kw_only=True, rename={"except_": "except"}):
    """Wall time in Europe/Berlin; weekdays ISO (1 = Monday); a window past midnight belongs to the day it began."""

    daily_from: str | None
    daily_to: str | None
    weekdays: tuple[int, ...] | None
    except_: tuple[date, ...]


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where each attribute comes from. ``place_from`` is the first position of the line, ``place_to`` the last."""

    place: PlaceProvenance
    place_from: PlaceProvenance
    place_to: PlaceProvenance
    start: TimeProvenance
    end: TimeProvenance


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says, the order or the lights; None where it says nothing."""

    geometry: Geometry | None
    start: datetime | None
    end: datetime | None


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One measure as it is believed now. All properties are always there, None where unknown.

    ``geometry`` WGS 84 lon-lat; lines run in the direction of traffic. Times are aware (UTC), ``[start, end)``.
    ``direction``, ``side``, ``from_street`` and ``to_street`` are as ordered, that is along the line as it was drawn.
    ``end`` of an overrunning measure is a rolling one: the next multiple of 24 h after the ordered end.
    ``version`` and ``version_time`` are set by the ledger. ``occupation`` is for renderers and no property of the feed.
    """

    geometry: Geometry
    occupation: Occupation
    id: str
    situation_id: str
    permit_number: str
    version: int = 0
    version_time: datetime | None = None
    authority: str
    district: str | None
    measure: MeasureKind
    control: Control | None
    works_kind: str | None
    headline: str
    street: str
    from_street: str | None
    to_street: str | None
    road_number: str | None
    road_class: str | None
    direction: Direction
    side: Literal["left", "right", "both"] | None
    lanes_total: int | None
    lanes_closed: int | None
    residual_width_m: float | None
    speed_limit_kph: int | None
    affects: tuple[Traveller, ...] | None
    exempt: tuple[Exemption, ...]
    detour: str | None
    start: datetime
    end: datetime | None
    schedule: Schedule | None
    status: Status
    provenance: Provenance
    ordered: Claim
    measured: Claim | None
    deviation_m: float | None
    place_kind: PlaceKind
    place_accuracy_m: float | None
    observed_at: datetime | None
    observed_lights: int | None
    on_site: OnSite


NO_PROPERTIES = ("geometry", "occupation")

_encode = msgspec.json.Encoder(order="deterministic").encode


def content(feature: Feature) -> bytes:
    """The part of a feature that makes a version, as comparable bytes.

    Out of it: the version itself, ``observed_at``, ``observed_lights`` and ``place_accuracy_m``, which are as of the
    version. The place is in it: rows take over a measured place only when an end moved by more than 10 m.
    """
    return _encode(
        replace(feature, version=0, version_time=None, observed_at=None, observed_lights=None, place_accuracy_m=None)
    )
