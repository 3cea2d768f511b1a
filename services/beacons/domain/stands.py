"""What devices change in the rows: where lights stand, whether they burn and speak, and to what they are bound."""

from collections.abc import Callable
from typing import Any

import msgspec

from services.beacons.domain import cells
from services.beacons.domain.rows import LightRow, NumberRow, SiteRow, joined, without
from shared.clock import Micros, to_micros
from shared.contracts.devices import (
    DeviceRegistered,
    DeviceRetired,
    Lamp,
    LampChanged,
    LightBecameSilent,
    LightLampFailed,
    LightMovedAway,
    LightPlaced,
    LightRecovered,
    LightRefined,
)
from shared.geo.crs import to_metric
from shared.projection.protocols import Rows


def _register(rows: Rows, fact: DeviceRegistered, now: Micros) -> None:
    light = _light(rows, fact.device_id)
    number = fact.permit_number or None
    if number != light.number:
        _unbind(rows, light)
        light = msgspec.structs.replace(light, number=number, bound=now)
    if number:
        row = rows.get(f"number:{number}") or NumberRow()
        rows[f"number:{number}"] = msgspec.structs.replace(row, devices=joined(row.devices, fact.device_id))
    _put(rows, light)


def _retire(rows: Rows, fact: DeviceRetired, now: Micros) -> None:
    light = _light(rows, fact.device_id)
    _unbind(rows, light)
    _end_stay(rows, msgspec.structs.replace(light, number=None), light.heard or now)


def _unbind(rows: Rows, light: LightRow) -> None:
    row = rows.get(f"number:{light.number}") if light.number else None
    if isinstance(row, NumberRow):
        rows[f"number:{light.number}"] = msgspec.structs.replace(row, devices=without(row.devices, light.device_id))


def _stand(rows: Rows, fact: LightPlaced | LightRefined) -> None:
    light, stand = _light(rows, fact.device_id), fact.stand
    x, y = to_metric(stand.lon, stand.lat)
    old = cells.cell_of(light.x, light.y) if light.standing else None
    cells.move_light(rows, fact.device_id, old, cells.cell_of(x, y))
    light = msgspec.structs.replace(light, x=x, y=y, sigma=stand.sigma_m, since=to_micros(stand.since))
    light = _heard(light, to_micros(stand.observed_at))
    # The lamp has events of its own; a stand tells it only where none was told yet.
    _put(rows, light if light.lamp != "unknown" else msgspec.structs.replace(light, lamp=fact.lamp))


def _end_stay(rows: Rows, light: LightRow, at: Micros) -> None:
    """The light left: its site knows at once, so that a new stay there begins anew."""
    if light.standing:
        cells.move_light(rows, light.device_id, cells.cell_of(light.x, light.y), None)
    site = rows.get(f"site:{light.site}") if light.site else None
    if isinstance(site, SiteRow):
        lights = without(site.lights, light.device_id)
        rows[f"site:{site.site_id}"] = msgspec.structs.replace(site, lights=lights, gone=max(site.gone, at))
    _put(rows, msgspec.structs.replace(_heard(light, at), since=0, site=None))


def _switch(rows: Rows, device_id: str, lamp: Lamp, at: Micros) -> None:
    light = _heard(_light(rows, device_id), at)
    dark, lit = light.dark, light.lit
    if lamp == "off":
        dark = at
    elif light.lamp == "off":
        lit = at
    _put(rows, msgspec.structs.replace(light, lamp=lamp, dark=dark, lit=lit))


def _fall_silent(rows: Rows, fact: LightBecameSilent) -> None:
    light = _heard(_light(rows, fact.device_id), to_micros(fact.at))
    _put(rows, msgspec.structs.replace(light, silent=True))


def _recover(rows: Rows, fact: LightRecovered) -> None:
    light = _heard(_light(rows, fact.device_id), to_micros(fact.at))
    if fact.trouble == "silent":
        light = msgspec.structs.replace(light, silent=False)
    _put(rows, light)


def _light(rows: Rows, device_id: str) -> LightRow:
    row = rows.get(f"light:{device_id}")
    return row if isinstance(row, LightRow) else LightRow(device_id=device_id)


def _heard(light: LightRow, at: Micros) -> LightRow:
    return msgspec.structs.replace(light, heard=max(light.heard, at))


def _put(rows: Rows, light: LightRow) -> None:
    rows[f"light:{light.device_id}"] = light


# contract -> how it changes the rows of a light; log time last.
FOLDS: dict[type[Any], Callable[[Rows, Any, Micros], None]] = {
    DeviceRegistered: _register,
    DeviceRetired: _retire,
    LightPlaced: lambda rows, fact, _: _stand(rows, fact),
    LightRefined: lambda rows, fact, _: _stand(rows, fact),
    LightMovedAway: lambda rows, fact, _: _end_stay(rows, _light(rows, fact.device_id), to_micros(fact.at)),
    LampChanged: lambda rows, fact, _: _switch(rows, fact.device_id, fact.lamp, to_micros(fact.at)),
    LightLampFailed: lambda rows, fact, _: _switch(rows, fact.device_id, "fault", to_micros(fact.at)),
    LightBecameSilent: lambda rows, fact, _: _fall_silent(rows, fact),
    LightRecovered: lambda rows, fact, _: _recover(rows, fact),
}
