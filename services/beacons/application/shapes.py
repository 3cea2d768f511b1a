"""Rows of the fleet view in the shapes of the public interface."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.beacons.application.fleet_alarms import acknowledgement
from services.beacons.application.fleet_light import Known, SeenFix
from services.beacons.application.reads import Refused, Row
from services.beacons.domain.gate import german
from shared.clock import from_micros

REGISTRY = ("device_id", "kind", "vendor", "profile", "expected_interval_s", "permit_number", "registered")
STATE = (
    "sigma_m", "fixes", "standing_since", "observed_at", "moved_at", "lamp", "silent_since", "fallen", "battery_low",
    "battery_pct", "lamp_failed", "site_id",
)  # fmt: skip


def device(row: Mapping[str, Any]) -> dict[str, Any]:
    """The registry's entry, and beside it what the light itself told."""
    state = {name: row[name] for name in STATE}
    return {name: row[name] for name in REGISTRY} | {
        "state": state | {"lonlat": lonlat(row), "permit_number": row["order_number"]}
    }


def alarm(row: Row) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name not in {"lon", "lat", "acknowledged"}}
    done = acknowledgement(row)
    return told | {"lonlat": lonlat(row), "acknowledged": msgspec.structs.asdict(done) if done else None}


def lonlat(row: Mapping[str, Any]) -> list[float] | None:
    return None if row["lon"] is None else [row["lon"], row["lat"]]


def refused(entry: Refused) -> dict[str, Any]:
    """A quarantined ping with its reason in German; reasons that are no word of the gate's stand as they are."""
    try:
        ping = msgspec.json.decode(entry.event.data)
    except msgspec.DecodeError:
        ping = None
    words = german(entry.reason)
    return {"reason": entry.reason, "words": words, "at": from_micros(entry.time), "ping": ping}


def page(rows: Sequence[Mapping[str, Any]], limit: int, key: str) -> str | None:
    """What the next page begins after; None: this was the last one."""
    return str(rows[-1][key]) if len(rows) == limit else None


def fixes(device_id: str, known: Known | None) -> dict[str, Any]:
    """The fixes that a light's stay stands on, with the verdict on each."""
    stay = known.stay if known else None
    told = stay and stay._asdict() | {"lonlat": [stay.lon, stay.lat]}
    return {"device_id": device_id, "stay": told, "fixes": [_fix(fix) for fix in known.fixes] if known else []}


def _fix(fix: SeenFix) -> dict[str, Any]:
    return fix._asdict() | {"lonlat": [fix.lon, fix.lat], "distance_m": fix.distance_m}
