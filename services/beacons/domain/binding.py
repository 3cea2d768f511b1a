"""Which site a light belongs to: by hand, by space and time, or together with others that nothing was ordered for."""

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

import shapely

from services.beacons.domain import cells
from services.beacons.domain.areas import suspect_id
from services.beacons.domain.depots import Depot, depot_at
from services.beacons.domain.rows import AreaRow, LightRow, NumberRow, PermitRow, SiteRow
from services.beacons.domain.streets import Streets, drawn
from shared.clock import DAY_US, HOUR_US, Micros
from shared.projection.protocols import Rows

BEFORE_US = 2 * HOUR_US
AFTER_US = DAY_US
NEAR_M = 25.0
NEAR_SIGMAS = 3.0
BY_HAND_M = 200.0  # a light bound by hand that stands farther away says nothing of the site
DRAWN_SIGMA_M = 5.0  # of ordered geometry, beside the light's own
HYSTERESIS = 4.0  # squared sigmas by which another site must be nearer
ALONG_ROAD = 2.0  # times the reach for a light on the ordered road: sites stand beside their order along it
STICKING = 1.5  # times the reach to let go of a light
TOGETHER_M = 28.0
TOGETHER = 3


class Bound(NamedTuple):
    """``site`` or None; ``rest``: the light may be part of a site that nothing was ordered for."""

    site: str | None
    rest: bool


def bind(rows: Rows, light: LightRow, now: Micros, depots: Sequence[Depot], streets: Streets) -> Bound:
    """The site that a light's stand makes it belong to at log time ``now``."""
    if not light.standing or _in_depot(light, depots):
        return Bound(None, rest=False)
    permit = _permit_by_hand(rows, light)
    if permit is not None:
        areas = [area for site in permit.sites if isinstance(area := rows.get(f"area:{site}"), AreaRow)]
        return Bound(_nearest(light, [area for area in areas if _distance(light, area) <= BY_HAND_M]), rest=False)
    site = _nearest(light, _gated(rows, light, now, streets))
    return Bound(site, rest=site is None)


def _in_depot(light: LightRow, depots: Sequence[Depot]) -> bool:
    return depot_at(_spot(light), depots) is not None


def _permit_by_hand(rows: Rows, light: LightRow) -> PermitRow | None:
    """The permit named in the registry, if it is known."""
    number = rows.get(f"number:{light.number}") if light.number else None
    permit = rows.get(f"permit:{number.permit_id}") if isinstance(number, NumberRow) and number.permit_id else None
    return permit if isinstance(permit, PermitRow) else None


def _gated(rows: Rows, light: LightRow, now: Micros, streets: Streets) -> list[AreaRow]:
    """Work areas near enough and in force; the one that the light belongs to already stays in force for it."""
    reach = max(NEAR_M, NEAR_SIGMAS * light.sigma)
    areas = [rows.get(f"area:{site}") for site in cells.at(rows, cells.cell_of(light.x, light.y)).sites]
    return [
        area
        for area in areas
        if isinstance(area, AreaRow)
        and (_in_force(area, now) or area.site_id == light.site)
        and _within(light, area, reach * STICKING if area.site_id == light.site else reach, streets)
    ]


def _within(light: LightRow, area: AreaRow, reach: float, streets: Streets) -> bool:
    distance = _distance(light, area)
    return distance <= reach or (distance <= reach * ALONG_ROAD and streets.runs_by(drawn(area.places), light))


def _in_force(area: AreaRow, now: Micros) -> bool:
    return area.start - BEFORE_US <= now and (area.end is None or now < area.end + AFTER_US)


def _distance(light: LightRow, area: AreaRow) -> float:
    spot = _spot(light)
    return min(float(shapely.distance(cells.shape(place.geometry), spot)) for place in area.places)


def _spot(light: LightRow) -> shapely.Point:
    spot: shapely.Point = shapely.points(light.x, light.y)
    return spot


def _nearest(light: LightRow, areas: Sequence[AreaRow]) -> str | None:
    """The nearest by d²/sigma²; the light's own site unless another is clearly nearer."""
    sigma = hypot(light.sigma, DRAWN_SIGMA_M)
    scores = sorted(((_distance(light, area) / sigma) ** 2, area.site_id) for area in areas)
    if not scores:
        return None
    own = [score for score, site in scores if site == light.site]
    return light.site if own and own[0] <= scores[0][0] + HYSTERESIS else scores[0][1]


def suspicion(rows: Rows, light: LightRow, depots: Sequence[Depot] = ()) -> tuple[str, list[str]] | None:
    """The suspected site that a light without an order makes or joins, and the devices that enter it with the light.

    DBSCAN, one light at a time: a crowd that is suspected already is not walked through again.
    """
    near = _neighbours(rows, light, depots)
    if len(near) < TOGETHER and not any(len(_neighbours(rows, other, depots)) >= TOGETHER for other in near):
        return None
    known = sorted({other.site for other in near if other.site is not None})
    if known:
        return known[0], [light.device_id]
    crowd = _crowd(rows, near, depots)
    first = (suspect_id(name) for _, name in sorted((other.since, other.device_id) for other in crowd))
    return next(site for site in first if not _taken(rows, site)), sorted(other.device_id for other in crowd)


def _taken(rows: Rows, site_id: str) -> bool:
    """A suspected site elsewhere bears the name of a light that has left it since."""
    site = rows.get(f"site:{site_id}")
    return isinstance(site, SiteRow) and bool(site.lights)


def _crowd(rows: Rows, start: Sequence[LightRow], depots: Sequence[Depot]) -> list[LightRow]:
    """All that is density-connected to lights of which one is a core."""
    crowd = {light.device_id: light for light in start}
    waiting = list(start)
    while waiting:
        near = _neighbours(rows, waiting.pop(), depots)
        if len(near) >= TOGETHER:
            fresh = [other for other in near if other.device_id not in crowd]
            crowd |= {other.device_id: other for other in fresh}
            waiting += fresh
    return list(crowd.values())


def _neighbours(rows: Rows, light: LightRow, depots: Sequence[Depot]) -> list[LightRow]:
    """Active lights without an order within reach, itself included."""
    names = [name for cell in cells.around(light.x, light.y, TOGETHER_M) for name in cells.at(rows, cell).lights]
    others = [other for name in names if isinstance(other := rows.get(f"light:{name}"), LightRow)]
    return [
        other
        for other in others
        if hypot(other.x - light.x, other.y - light.y) <= TOGETHER_M
        and other.active
        and _without_order(rows, other)
        and not _in_depot(other, depots)
    ]


def _without_order(rows: Rows, light: LightRow) -> bool:
    if _permit_by_hand(rows, light) is not None:
        return False
    site = rows.get(f"site:{light.site}") if light.site else None
    return not (isinstance(site, SiteRow) and site.permit_id is not None)
