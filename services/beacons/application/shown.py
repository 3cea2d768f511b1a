"""Lights as the world sees them: points with their state, and the stream of their changes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from services.beacons.application.reads import FleetReads, Row
from shared.web.sse import Item


def light_feature(row: Mapping[str, Any], *, staff: bool) -> dict[str, Any]:
    """A GeoJSON point, WGS 84 lon-lat; the battery is for those who care for the light."""
    return {
        "type": "Feature",
        "id": row["device_id"],
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {
            "device_id": row["device_id"],
            "lamp": row["lamp"],
            "silent": row["silent_since"] is not None,
            "moved": row["moved_at"] is not None,
            "fallen": row["fallen"],
            "battery_pct": row["battery_pct"] if staff else None,
            "observed_at": row["observed_at"],
            "site_id": row["site_id"],
        },
    }


class LightSource:
    """Changes of lights for the public stream: what is shown now, and who is shown no more."""

    def __init__(self, reads: FleetReads) -> None:
        self._reads = reads

    def newest(self) -> int:
        return self._reads.newest()

    def after(self, position: int, limit: int) -> Sequence[Item]:
        return [_item(row) for row in self._reads.changed(position, limit)]


def _item(row: Row) -> Item:
    if row["shown"]:
        return Item(row["position"], "light.updated", msgspec.json.encode(light_feature(row, staff=False)))
    return Item(row["position"], "light.removed", msgspec.json.encode({"id": row["device_id"]}))
