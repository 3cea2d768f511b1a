"""Measures as the pages' maps draw them: what is ordered, and what the lights measured."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.permits.application.onsite import OnSite, Site
from services.permits.web.words import GROUPS
from shared.contracts.permits import Measure, Permit
from shared.contracts.sites import MeasuredExtent

LOOKS: dict[OnSite, str] = {
    "overrunning": "measured",
    "not_set_up": "not_set_up",
    "deviates": "measured",
    "silent": "silent",
    "set_up": "measured",
    "cleared": "measured",
}


def features(permit: Permit, sites: Sequence[Site]) -> list[dict[str, Any]]:
    """A feature per measure, placed where lights measured it; ``ghost`` is the ordered place if the two differ."""
    measured = {extent.measure_id: (site, extent) for site in sites for extent in site.extents}
    return [_feature(measure, *measured.get(measure.id, (None, None))) for measure in permit.measures]


def _feature(measure: Measure, site: Site | None, extent: MeasuredExtent | None) -> dict[str, Any]:
    ordered = msgspec.to_builtins(measure.geometry)
    properties: dict[str, Any] = {
        "id": measure.id,
        "kind": measure.kind,
        "group": GROUPS[measure.kind],
        "look": LOOKS[site.state] if site else "ordered",
        "status": "active",
    }
    if site is None or extent is None:
        return {"type": "Feature", "geometry": ordered, "properties": properties}
    properties["late"] = site.state == "overrunning"
    properties["ends"] = [extent.place_from == "measured", extent.place_to == "measured"]
    if site.state == "deviates":
        properties["ghost"] = ordered
    return {"type": "Feature", "geometry": msgspec.to_builtins(extent.line), "properties": properties}
