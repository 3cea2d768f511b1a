"""What is known of devices: the registry's word and each light's state.

Topic ``leitbake.devices.v1``, key device id. Streams ``registry:<device id>`` and ``light:<device id>``.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from shared.contracts.base import Contract, Latitude, Longitude, contract

DeviceKind = Literal["warning_light", "delineator", "barrier", "signal", "sign", "trailer", "other"]
Lamp = Literal["on", "off", "fault", "unknown"]
# The look-ahead refuses a trailing newline, which Python's $ alone would let pass.
DeviceId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$(?!\n)")]
Trouble = Literal["silent", "fallen", "battery", "lamp"]


@contract("device.registered.v1")
class DeviceRegistered(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """A device entered the registry, or its entry was replaced. ``permit_number`` binds it by hand."""

    device_id: DeviceId
    kind: DeviceKind
    vendor: str | None = None
    profile: str | None = None
    expected_interval_s: int | None = None
    permit_number: str | None = None


@contract("device.retired.v1")
class DeviceRetired(Contract, frozen=True, kw_only=True):
    """The device left the registry."""

    device_id: str


class Stand(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """Where a light stands: robust centre of the good fixes of one stay.

    WGS 84 degrees; ``sigma_m`` one standard deviation per axis in metres; ``since`` first and ``observed_at`` last
    event time of the stay's fixes; ``fixes`` how many carry the centre.
    """

    lon: Longitude
    lat: Latitude
    sigma_m: float
    since: datetime
    observed_at: datetime
    fixes: int


@contract("light.placed.v1")
class LightPlaced(Contract, frozen=True, kw_only=True):
    """The light began to stand somewhere (a new stay)."""

    device_id: str
    stand: Stand
    lamp: Lamp


@contract("light.refined.v1")
class LightRefined(Contract, frozen=True, kw_only=True):
    """The same stay, better known."""

    device_id: str
    stand: Stand
    lamp: Lamp


@contract("light.moved_away.v1")
class LightMovedAway(Contract, frozen=True, kw_only=True):
    """The stay ended at ``at`` (event time of the first fix elsewhere)."""

    device_id: str
    at: datetime


@contract("light.lamp_changed.v1")
class LampChanged(Contract, frozen=True, kw_only=True):
    """The lamp was switched ``on`` or ``off``; a fault is ``light.lamp_failed.v1``."""

    device_id: str
    at: datetime
    lamp: Lamp


@contract("light.became_silent.v1")
class LightBecameSilent(Contract, frozen=True, kw_only=True):
    """No contact for the light's own threshold, counted in ticks of the open door; ``last_contact`` in event time."""

    device_id: str
    at: datetime
    last_contact: datetime


@contract("light.fell.v1")
class LightFell(Contract, frozen=True, kw_only=True):
    """The light lies on its side since ``at``."""

    device_id: str
    at: datetime


@contract("light.battery_low.v1")
class LightBatteryLow(Contract, frozen=True, kw_only=True):
    """The battery is below the limit that needs a visit."""

    device_id: str
    at: datetime
    battery_pct: float


@contract("light.lamp_failed.v1")
class LightLampFailed(Contract, frozen=True, kw_only=True):
    """The lamp reports a fault since ``at``."""

    device_id: str
    at: datetime


@contract("light.recovered.v1")
class LightRecovered(Contract, frozen=True, kw_only=True):
    """A trouble named before is over."""

    device_id: str
    at: datetime
    trouble: Trouble


@contract("alarm.acknowledged.v1")
class AlarmAcknowledged(Contract, frozen=True, kw_only=True):
    """Somebody of the city has seen the alarm and acts on it. Stream ``alarm:<alarm id>``, which is the key, too."""

    alarm_id: str
    at: datetime
