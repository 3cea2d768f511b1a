"""Sites: permits and lights become what stands on the street (law 9, second stage).

``decide`` looks at what is awake, finds the sites that this concerns by the indexes in the rows, and at nothing else.
"""

from collections.abc import Collection, Sequence
from math import hypot, isfinite
from typing import Any

import msgspec

from services.beacons.domain import cells, orders, stands
from services.beacons.domain.binding import AFTER_US, BEFORE_US, bind, suspicion
from services.beacons.domain.depots import Depot
from services.beacons.domain.life import USUAL, Case, Life, Patience
from services.beacons.domain.rows import AnyRow, AreaRow, LightRow, NumberRow, PermitRow, SiteRow, joined, without
from services.beacons.domain.streets import Streets
from shared.clock import Micros
from shared.contracts.base import REGISTRY, Contract
from shared.contracts.devices import LightPlaced, LightRefined
from shared.contracts.permits import PermitAmended, PermitApproved
from shared.contracts.topics import DEVICES, PERMITS
from shared.eventlog.port import Record
from shared.events.codec import PoisonError, decode
from shared.events.envelope import Event
from shared.geo.crs import to_metric
from shared.geo.network import RoadNetwork
from shared.projection.protocols import Decision, Output, Rows

LARGEST_M = 50_000.0  # a work area beyond this is an error of drawing


class SitesDecider:
    """The grid decider of sites. ``depots``: lights there belong to no site; ``patience`` as in ``life``.

    ``network``: the streets along which sites are measured; without it they are along the lines of their permits.
    """

    group = "sites"
    topics: Sequence[str] = (PERMITS.name, DEVICES.name)
    row_type = AnyRow

    def __init__(
        self, depots: Sequence[Depot] = (), patience: Patience = USUAL, network: RoadNetwork | None = None
    ) -> None:
        self._depots, self._patience, self._streets = tuple(depots), patience, Streets(network)

    def decode(self, event: Event) -> Contract | None:
        if REGISTRY.get(event.type) not in KNOWN and event.type in REGISTRY:
            return None
        fact = decode(event)
        if isinstance(fact, PermitApproved | PermitAmended):
            _check_places(fact)
        if isinstance(fact, LightPlaced | LightRefined) and not _is_somewhere(
            *to_metric(fact.stand.lon, fact.stand.lat)
        ):
            raise PoisonError(f"{event.type}: a stand outside of EPSG:25832")
        return fact

    def fold(self, rows: Rows, fact: Any, record: Record) -> None:
        by_permit, by_device = orders.FOLDS.get(type(fact)), stands.FOLDS.get(type(fact))
        if by_permit:
            by_permit(rows, record.event.key, fact, record.time)
        elif by_device:
            by_device(rows, fact, record.time)

    def decide(self, rows: Rows, awake: Collection[str], now: Micros) -> Output:
        return _Step(rows, now, self._depots, self._patience, self._streets).decide(awake)


class _Step:
    """One decision: lights find their sites, then the sites concerned are looked at."""

    def __init__(self, rows: Rows, now: Micros, depots: Sequence[Depot], patience: Patience, streets: Streets) -> None:
        self._rows, self._now, self._depots, self._patience, self._streets = rows, now, depots, patience, streets
        self._lights: set[str] = set()
        self._sites: set[str] = set()

    def decide(self, awake: Collection[str]) -> Output:
        for key in awake:
            kind, _, name = key.partition(":")
            if kind in WAKE:
                WAKE[kind](self, name)
        for device in sorted(self._lights):
            self._bind(device)
        decisions = []
        for site in sorted(self._sites):
            said = self._look(site)
            if said:
                decisions.append(Decision(f"site:{site}", said))
        return Output(decisions)

    def wake_light(self, device: str) -> None:
        self._lights.add(device)

    def wake_site(self, site: str) -> None:
        self._sites.add(site)

    def wake_number(self, number: str) -> None:
        """Devices of a number may mean another permit now; its ghost sites may have got or lost their lights."""
        row = self._rows.get(f"number:{number}")
        if isinstance(row, NumberRow):
            self._lights.update(row.devices)
            if row.permit_id:
                self.wake_permit(row.permit_id)

    def wake_permit(self, permit_id: str) -> None:
        permit = self._rows.get(f"permit:{permit_id}")
        if isinstance(permit, PermitRow):
            self._sites.update(permit.sites)

    def wake_area(self, site_id: str) -> None:
        """The area, its period or the time of day changed: all lights around may belong elsewhere now."""
        self._sites.add(site_id)
        site = self._rows.get(f"site:{site_id}")
        if isinstance(site, SiteRow):
            self._lights.update(site.lights)
        area = self._rows.get(f"area:{site_id}")
        if not isinstance(area, AreaRow):
            return
        for cell in area.cells:
            self._lights.update(cells.at(self._rows, cell).lights)
        opens, closes = area.start - BEFORE_US, None if area.end is None else area.end + AFTER_US
        due = opens if self._now < opens else closes
        due = due if due is not None and due > self._now else None
        if due != area.due:
            self._rows[f"area:{site_id}"] = msgspec.structs.replace(area, due=due)

    def _bind(self, device: str) -> None:
        light = self._rows.get(f"light:{device}")
        if not isinstance(light, LightRow):
            return
        bound = bind(self._rows, light, self._now, self._depots, self._streets)
        if not bound.rest:
            self._enter(device, bound.site)
            return
        if light.site and self._is_suspected(light.site):
            self._sites.add(light.site)
            return
        self._enter(device, None)
        found = suspicion(self._rows, self._rows[f"light:{device}"], self._depots)
        if found is not None:
            site_id, devices = found
            for other in devices:
                self._enter(other, site_id)

    def _is_suspected(self, site_id: str) -> bool:
        site = self._rows.get(f"site:{site_id}")
        return isinstance(site, SiteRow) and site.permit_id is None

    def _enter(self, device: str, site_id: str | None) -> None:
        """Let the light belong to this site and to no other."""
        key = f"light:{device}"
        light: LightRow = self._rows[key]
        self._sites.update(site for site in (light.site, site_id) if site)
        if light.site == site_id:
            return
        old = self._rows.get(f"site:{light.site}") if light.site else None
        if isinstance(old, SiteRow):
            lights = without(old.lights, device)
            gone = max(old.gone, self._now)
            self._rows[f"site:{old.site_id}"] = msgspec.structs.replace(old, lights=lights, gone=gone)
        if site_id:
            site = self._rows.get(f"site:{site_id}") or SiteRow(site_id=site_id, permit_id=None)
            self._rows[f"site:{site_id}"] = msgspec.structs.replace(site, lights=joined(site.lights, device))
        self._rows[key] = msgspec.structs.replace(light, site=site_id)

    def _look(self, site_id: str) -> Sequence[Contract]:
        site = self._rows.get(f"site:{site_id}")
        if not isinstance(site, SiteRow):
            return ()
        life = Life(self._case(site), self._now, self._patience, self._streets)
        life.look()
        if life.site != site:
            self._rows[f"site:{site_id}"] = life.site
        return life.said

    def _case(self, site: SiteRow) -> Case:
        permit = self._rows.get(f"permit:{site.permit_id}") if site.permit_id else None
        number = self._rows.get(f"number:{permit.number}") if isinstance(permit, PermitRow) else None
        return Case(
            site,
            self._rows.get(f"area:{site.site_id}"),
            permit,
            [self._rows[f"light:{device}"] for device in site.lights],
            [self._rows[f"light:{device}"] for device in number.devices] if isinstance(number, NumberRow) else [],
        )


def _check_places(fact: PermitApproved | PermitAmended) -> None:
    for measure in fact.permit.measures:
        west, south, east, north = cells.shape(measure.geometry).bounds
        if (
            not _is_somewhere(west, south)
            or not _is_somewhere(east, north)
            or hypot(east - west, north - south) > LARGEST_M
        ):
            raise PoisonError(f"measure {measure.id}: no work area in the reach of EPSG:25832, or larger than 50 km")


def _is_somewhere(x: float, y: float) -> bool:
    return isfinite(x) and isfinite(y)


KNOWN = frozenset({*orders.FOLDS, *stands.FOLDS})

WAKE = {
    "light": _Step.wake_light,
    "site": _Step.wake_site,
    "number": _Step.wake_number,
    "permit": _Step.wake_permit,
    "area": _Step.wake_area,
}
