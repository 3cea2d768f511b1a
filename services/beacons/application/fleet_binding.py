"""Why a light counts where it counts: the sites' decider asked again, for people."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import shapely

from services.beacons.application.fleet_light import LightReads
from services.beacons.domain.binding import BY_HAND_M, NEAR_M, NEAR_SIGMAS
from services.beacons.domain.cells import shape
from services.beacons.domain.depots import Depot, depot_at
from services.beacons.domain.rows import AreaRow, LightRow, NumberRow, SiteRow
from shared.geo.crs import contract_shape

Reason = Literal["by_hand", "by_hand_elsewhere", "near", "suspected", "depot", "nowhere", "not_standing"]


class Binding(NamedTuple):
    """``site_id`` None: it counts nowhere. ``distance_m`` to the ordered place, which may be up to ``reach_m``."""

    reason: Reason
    site_id: str | None = None
    distance_m: float | None = None
    reach_m: float | None = None
    depot: str | None = None


def binding_of(reads: LightReads, device_id: str, depots: Sequence[Depot]) -> Binding:
    """As of the decider's last commit; raises ``DatabaseUnavailableError``."""
    light = reads.rows(f"light:{device_id}").get(f"light:{device_id}")
    if not isinstance(light, LightRow):
        return Binding("not_standing")
    return binding(light, reads.rows(f"site:{light.site}", f"area:{light.site}", f"number:{light.number}"), depots)


def binding(light: LightRow, around: Mapping[str, Any], depots: Sequence[Depot]) -> Binding:
    """``around``: the rows ``site:…`` and ``area:…`` of the light's site, ``number:…`` of its permit number. Pure."""
    if not light.standing:
        return Binding("not_standing")
    spot = shapely.Point(light.x, light.y)
    depot = depot_at(spot, depots)
    if depot is not None:
        return Binding("depot", depot=depot.name)
    number = around.get(f"number:{light.number}")
    by_hand = number.permit_id if isinstance(number, NumberRow) else None
    site, area = around.get(f"site:{light.site}"), around.get(f"area:{light.site}")
    if not isinstance(site, SiteRow):
        return Binding("by_hand_elsewhere" if by_hand else "nowhere")
    if not isinstance(area, AreaRow):
        return Binding("suspected", site.site_id)
    distance = min(float(shape(place.geometry).distance(spot)) for place in area.places)
    if by_hand:
        return Binding("by_hand", site.site_id, distance, BY_HAND_M)
    return Binding("near", site.site_id, distance, max(NEAR_M, NEAR_SIGMAS * light.sigma))


def depot_features(depots: Sequence[Depot]) -> list[dict[str, Any]]:
    """GeoJSON polygons, WGS 84, with ``name``; a point becomes the circle of its radius."""
    areas = [contract_shape(shape(depot.geometry).buffer(depot.radius_m)) for depot in depots]
    return [
        {"type": "Feature", "geometry": area, "properties": {"name": depot.name}}
        for area, depot in zip(areas, depots, strict=True)
    ]
