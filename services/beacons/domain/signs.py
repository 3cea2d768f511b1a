"""What a light says of itself: lamp, upright, battery. For each sign only the latest event time is kept.

Such maxima do not depend on the order of arrival, at any lateness; hysteresis follows from two of them.
"""

import msgspec

from shared.clock import Micros, from_micros
from shared.contracts.base import Contract
from shared.contracts.devices import Lamp, LampChanged, LightBatteryLow, LightFell, LightLampFailed, LightRecovered
from shared.contracts.pings import Ping

BATTERY_LOW_PCT = 15.0
BATTERY_RECOVERED_PCT = 25.0


class Signs(msgspec.Struct, array_like=True, gc=False):
    """Latest event times (µs, 0: never) of each sign, and what was told of them.

    ``battery``: whole per cent as last said, at ``metered``; the lowest of several said at once.
    """

    on: Micros = 0
    off: Micros = 0
    fault: Micros = 0
    fallen: Micros = 0
    upright: Micros = 0
    low: Micros = 0
    charged: Micros = 0
    told_lamp: Lamp = "unknown"
    told_fallen: bool = False
    told_low: bool = False
    metered: Micros = 0  # new fields at the end: states packed before lack them
    battery: int = 0


def lamp(signs: Signs) -> Lamp:
    if signs.fault and signs.fault >= max(signs.on, signs.off):
        return "fault"
    return switched(signs)


def switched(signs: Signs) -> Lamp:
    """``on`` or ``off`` as last said, whatever failed since."""
    if not signs.on and not signs.off:
        return "unknown"
    return "on" if signs.on >= signs.off else "off"


def read(signs: Signs, ping: Ping, time: Micros) -> bool:
    """Note what the ping says at event time ``time``; whether ``tell`` may have something to tell."""
    changed = False
    if ping.lamp != "unknown" and time > getattr(signs, ping.lamp):
        setattr(signs, ping.lamp, time)
        changed = ping.lamp != signs.told_lamp
    if ping.fallen is not None:
        if ping.fallen and time > signs.fallen:
            signs.fallen = time
            changed = True
        elif not ping.fallen and time > signs.upright:
            signs.upright = time
            changed = signs.told_fallen or changed
    if ping.battery_pct is not None:
        _meter(signs, ping.battery_pct, time)
        if ping.battery_pct <= BATTERY_LOW_PCT:
            signs.low = max(signs.low, time)
            changed = True
        elif ping.battery_pct >= BATTERY_RECOVERED_PCT:
            signs.charged = max(signs.charged, time)
            changed = signs.told_low or changed
    return changed


def _meter(signs: Signs, battery_pct: float, time: Micros) -> None:
    if time > signs.metered:
        signs.metered, signs.battery = time, round(battery_pct)
    elif time == signs.metered:
        signs.battery = min(signs.battery, round(battery_pct))


def tell(signs: Signs, device_id: str, battery_pct: float | None) -> list[Contract]:
    """What changed since it was last told; ``battery_pct`` is that of the ping just read."""
    said: list[Contract] = []
    _tell_lamp(signs, device_id, said)
    fallen = signs.fallen > signs.upright
    if fallen != signs.told_fallen:
        signs.told_fallen = fallen
        if fallen:
            said.append(LightFell(device_id=device_id, at=from_micros(signs.fallen)))
        else:
            said.append(LightRecovered(device_id=device_id, at=from_micros(signs.upright), trouble="fallen"))
    low = signs.low > signs.charged
    if low != signs.told_low:
        signs.told_low = low
        if low:
            pct = BATTERY_LOW_PCT if battery_pct is None else battery_pct
            said.append(LightBatteryLow(device_id=device_id, at=from_micros(signs.low), battery_pct=pct))
        else:
            said.append(LightRecovered(device_id=device_id, at=from_micros(signs.charged), trouble="battery"))
    return said


def _tell_lamp(signs: Signs, device_id: str, said: list[Contract]) -> None:
    """A lamp that works again is told anew whether it is on or off."""
    now = lamp(signs)
    if now == signs.told_lamp:
        return
    if now == "fault":
        said.append(LightLampFailed(device_id=device_id, at=from_micros(signs.fault)))
    else:
        at = from_micros(signs.on if now == "on" else signs.off)
        if signs.told_lamp == "fault":
            said.append(LightRecovered(device_id=device_id, at=at, trouble="lamp"))
        said.append(LampChanged(device_id=device_id, at=at, lamp=now))
    signs.told_lamp = now
