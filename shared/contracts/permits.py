"""What the permit service tells the world: measures that are ordered, and what people report of them.

Stream ``permit:<permit id>``, topic ``leitbake.permits.v1``. Nothing here names a natural person.
"""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from shared.contracts.base import Contract, Geometry, contract

MeasureKind = Literal[
    "road_closed",
    "direction_closed",
    "alternating",
    "lanes_closed",
    "contraflow",
    "lane_shift",
    "narrowed",
    "footway_closed",
    "cycleway_closed",
    "no_stopping",
    "speed_limit",
    "turn_banned",
    "stop_closed",
    "detour",
    "other",
]
Direction = Literal["both", "forward", "backward"]
Control = Literal["signals", "flagging", "priority_signs"]
Traveller = Literal["car", "truck", "bus", "bicycle", "foot"]
Exemption = Literal["residents", "bus", "bicycle", "emergency"]
Authorisation = Literal["single", "annual", "emergency", "own"]
Occupation = Literal["whole", "within"]
Mobility = Literal["stationary", "moving"]
TimeOfDay = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]


class Measure(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """One effect on traffic with its own place and time.

    ``id`` is for life and public; ``key`` is its name inside the permit. ``[start, end)``, open when ``end`` is None.
    Daily windows are wall time in Europe/Berlin, weekdays ISO (1 = Monday); a window past midnight belongs to the day
    it began. ``direction`` runs along the drawn line. Widths in metres, speed in km/h.
    """

    id: Identifier
    key: str
    kind: MeasureKind
    geometry: Geometry
    street: str
    direction: Direction = "both"
    start: datetime
    end: datetime | None = None
    daily_from: TimeOfDay | None = None
    daily_to: TimeOfDay | None = None
    weekdays: tuple[Weekday, ...] | None = None
    except_dates: tuple[date, ...] = ()
    control: Control | None = None
    lanes_total: int | None = None
    lanes_closed: int | None = None
    residual_width_m: float | None = None
    speed_limit_kph: int | None = None
    side: Literal["left", "right", "both"] | None = None
    house_numbers: str | None = None
    from_street: str | None = None
    to_street: str | None = None
    affects: tuple[Traveller, ...] = ()
    exempt: tuple[Exemption, ...] = ()
    detour: str | None = None
    standard_plan: str | None = None


class Permit(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """The public content of an approved permit; ``applicant`` only for organisations."""

    permit_id: str
    permit_number: str
    authority: str
    district: str | None = None
    works_kind: str | None = None
    title: str | None = None
    applicant: str | None = None
    phase: str | None = None
    authorisation: Authorisation = "single"
    occupation: Occupation = "whole"
    expected_days: int | None = None
    mobility: Mobility = "stationary"
    measures: Annotated[tuple[Measure, ...], msgspec.Meta(min_length=1)]


@contract("permit.progressed.v1")
class PermitProgressed(Contract, frozen=True):
    """A step without public content; keeps the stream's versions dense."""


@contract("permit.approved.v1")
class PermitApproved(Contract, frozen=True):
    """The measures are ordered as they stand here."""

    permit: Permit


@contract("permit.amended.v1")
class PermitAmended(Contract, frozen=True):
    """The whole public content again; measures that are missing now are ended by it."""

    permit: Permit


@contract("permit.extended.v1")
class PermitExtended(Contract, frozen=True):
    """New ends by measure id; measures not named keep theirs."""

    ends: dict[str, datetime | None]


@contract("permit.revoked.v1")
class PermitRevoked(Contract, frozen=True):
    """The order is withdrawn from ``at`` on."""

    at: datetime


@contract("permit.works_started.v1")
class WorksStarted(Contract, frozen=True):
    """People reported that works began at ``at``."""

    at: datetime


@contract("permit.works_ended.v1")
class WorksEnded(Contract, frozen=True):
    """People reported that works ended at ``at`` and the street is free."""

    at: datetime


@contract("permit.start_reverted.v1")
class StartReverted(Contract, frozen=True):
    """The reported start was wrong, as was found at ``at``: works have not begun."""

    at: datetime


@contract("permit.end_reverted.v1")
class EndReverted(Contract, frozen=True):
    """The reported end was wrong, as was found at ``at``: works are where they were, ``interrupted`` or not."""

    at: datetime
    interrupted: bool = False


@contract("permit.works_interrupted.v1")
class WorksInterrupted(Contract, frozen=True):
    """Works rest from ``at`` on; the order stays."""

    at: datetime


@contract("permit.works_resumed.v1")
class WorksResumed(Contract, frozen=True):
    """Works go on from ``at``."""

    at: datetime
