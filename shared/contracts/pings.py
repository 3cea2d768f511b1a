"""What a light says and when the door was open. Topic ``leitbake.pings.v1``, key device id. No streams: version 0."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from shared.contracts.base import Contract, Latitude, Longitude, contract
from shared.contracts.devices import DeviceId, Lamp

TICK_SECONDS = 30


@contract("ping.received.v1")
class Ping(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """One message of one device (interfaces.md § A ping); unknown members stay in the stored bytes.

    ``event_time`` is when the device spoke, ``fix_time`` when it last fixed its place, ``received_time`` when the door
    took it. WGS 84 degrees; ``accuracy_m`` 68 %.
    """

    device_id: DeviceId
    event_time: datetime
    fix_time: datetime | None = None
    received_time: datetime | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    fix: Literal["ok", "cached", "failed", "none"] = "ok"
    sequence: Annotated[int, msgspec.Meta(ge=0)] | None = None
    satellites: Annotated[int, msgspec.Meta(ge=0)] | None = None
    hdop: Annotated[float, msgspec.Meta(ge=0)] | None = None
    moving: bool | None = None
    fallen: bool | None = None
    lamp: Lamp = "unknown"
    battery_pct: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    resolution_m: Annotated[float, msgspec.Meta(ge=0)] | None = None


@contract("door.ticked.v1")
class Tick(Contract, frozen=True):
    """The ping door was open at this slot (whole half-minutes since 1970); one in every partition per slot."""

    slot: int
