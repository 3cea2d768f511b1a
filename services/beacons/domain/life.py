"""The life of one site: what its lights and its order say at an instant, compared with what was told."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from services.beacons.domain.extents import Extent, measure_extents
from services.beacons.domain.rows import AreaRow, LightRow, PermitRow, SiteRow, ToldEnds
from services.beacons.domain.streets import Streets
from shared.clock import HOUR_US, MINUTE_US, Micros, from_micros
from shared.contracts.base import Contract
from shared.contracts.sites import (
    ClearedDetected,
    DeviationDetected,
    ExtentChanged,
    ExtentMeasured,
    NotSetUp,
    Overrunning,
    SetUpDetected,
    SiteBecameSilent,
    SiteEvent,
    SiteRecovered,
    UnpermittedSiteSuspected,
)
from shared.geo.crs import LONLAT_DECIMALS, to_lonlat

SET_UP_LIGHTS = 2
SUSPECT_LIGHTS = 3
CHANGED_M = 10.0


class Patience(NamedTuple):
    """How long sites are given, in µs. A city sets it once: other figures decide the past otherwise.

    ``hold``: all lights gone or off for so long: cleared. ``settle``: no light came or left for so long: neither being
    set up nor cleared, so the ends are told; and so long lights stand without an order before they are suspected.
    ``grace``: in force for so long and nobody there: not set up.
    """

    hold: Micros = 10 * MINUTE_US
    settle: Micros = 10 * MINUTE_US
    grace: Micros = 2 * HOUR_US


USUAL = Patience()


class Case(NamedTuple):
    """A site with all that concerns it. ``lights`` stand there; ``bound`` are bound to its permit by hand."""

    site: SiteRow
    area: AreaRow | None
    permit: PermitRow | None
    lights: Sequence[LightRow]
    bound: Sequence[LightRow]


class Life:
    """One look at a site at log time ``now``: ``site`` is how it is afterwards, ``said`` what is new."""

    def __init__(self, case: Case, now: Micros, patience: Patience, streets: Streets) -> None:
        self.case, self.now, self.patience, self.streets = case, now, patience, streets
        self.active = [light for light in case.lights if light.active]
        self.said: list[Contract] = []
        self._waits: list[Micros] = []  # instants after now at which something may be new
        self.site = case.site
        names = tuple(light.device_id for light in self.active)
        if names != self.site.active:
            self._set(active=names, changed=now)

    def look(self) -> None:
        if self.site.phase == "set_up":
            self._stand()
        else:
            self._wait_for_lights()
        self._set(due=min(self._waits, default=None))

    def _stand(self) -> None:
        self._set(crew=tuple(sorted({*self.site.crew, *self.site.active})))
        if not self.active:
            self._clear()
            return
        self._listen()
        self._measure()
        self._overrun()

    # --- beginning ---

    def _wait_for_lights(self) -> None:
        if len(self.active) < (SET_UP_LIGHTS if self.site.permit_id else SUSPECT_LIGHTS):
            if self.site.phase == "empty":
                self._miss()
            return
        # Lamps burn some minutes before fixes show that their lights have left the depot: no suspicion yet.
        settled = 0 if self.site.permit_id else self._began()[SUSPECT_LIGHTS - 1] + self.patience.settle
        if self.now < settled:
            self._waits.append(settled)
            return
        self._set_up()
        self._stand()

    def _began(self) -> list[Micros]:
        return sorted(max(light.since, light.lit) for light in self.active)

    def _set_up(self) -> None:
        began = self._began()
        self._set(
            phase="set_up",
            crew=self.site.active,
            gone=0,
            silent=False,
            ends=(),
            deviating=False,
            ghost=False,
            overrunning=False,
        )
        if self.site.permit_id:
            self._say(SetUpDetected, began[SET_UP_LIGHTS - 1])
            return
        east = sum(light.x for light in self.active) / len(self.active)
        north = sum(light.y for light in self.active) / len(self.active)
        lon, lat = to_lonlat(east, north)
        centre = (round(lon, LONLAT_DECIMALS), round(lat, LONLAT_DECIMALS))
        self._say(
            UnpermittedSiteSuspected, began[SUSPECT_LIGHTS - 1], centre=centre, street=self.streets.at(east, north)
        )

    def _miss(self) -> None:
        """A ghost site: in force, lights assigned, and nobody anywhere at the permit's work areas."""
        area, permit = self.case.area, self.case.permit
        if area is None or permit is None or not permit.expected or self.site.ghost or not self.case.bound:
            return
        if self.active or any(light.site in permit.sites for light in self.case.bound):
            return
        since = max(area.start, permit.known, min(light.bound for light in self.case.bound)) + self.patience.grace
        if area.end is not None and max(since, self.now) >= area.end:
            return
        if self.now < since:
            self._waits.append(since)
            return
        self._set(ghost=True)
        self._say(NotSetUp, since)

    # --- standing ---

    def _listen(self) -> None:
        silent = all(light.silent for light in self.active)
        if silent == self.site.silent:
            return
        self._set(silent=silent)
        at = max(light.heard for light in self.active if light.silent == silent)
        self._say(SiteBecameSilent if silent else SiteRecovered, at)

    def _measure(self) -> None:
        """The ends, once it has settled: while lights come and go they tell of the work, not of the place."""
        if self.case.area is None:
            return
        settled = self.site.changed + self.patience.settle
        if self.now < settled:
            self._waits.append(settled)
            return
        told = self.site.ends[0].road if self.site.ends else None
        extents = measure_extents(self.case.area.places, self.active, self.streets, told)
        at = max(light.heard for light in self.active)
        if extents and _differ(self.site.ends, extents):
            kind = ExtentChanged if self.site.ends else ExtentMeasured
            self._set(ends=tuple(_told(extent) for extent in extents))
            self._say(kind, at, extents=tuple(extent.measured() for extent in extents))
            self._set(deviating=self.site.deviating and any(extent.deviates for extent in extents))
        self._deviate(extents, at)

    def _deviate(self, extents: Sequence[Extent], at: Micros) -> None:
        worst = max((extent.deviation_m for extent in extents if extent.deviates), default=None)
        if worst is not None and not self.site.deviating:
            self._set(deviating=True)
            self._say(DeviationDetected, at, deviation_m=worst)

    def _overrun(self) -> None:
        end = self.case.area.end if self.case.area else None
        if end is None or self.now < end:
            self._set(overrunning=False)
            self._waits += [] if end is None else [end]
        elif not self.site.overrunning and not self.site.silent:
            self._set(overrunning=True)
            self._say(Overrunning, end)

    # --- end ---

    def _clear(self) -> None:
        gone = max([self.site.gone, *(light.dark for light in self.case.lights)])
        if self.now < gone + self.patience.hold:
            self._waits.append(gone + self.patience.hold)
            return
        self._say(ClearedDetected, gone, lights=self.site.crew)
        self._set(phase="cleared", crew=(), gone=0, silent=False, ends=(), deviating=False, overrunning=False)

    def _say(self, kind: Callable[..., SiteEvent], at: Micros, **members: object) -> None:
        site = self.site
        common = {"site_id": site.site_id, "permit_id": site.permit_id, "measure_ids": site.measure_ids}
        self.said.append(kind(**{**common, "at": from_micros(at), "lights": site.active, **members}))

    def _set(self, **members: object) -> None:
        self.site = msgspec.structs.replace(self.site, **members)


def _told(extent: Extent) -> ToldEnds:
    return ToldEnds(extent.measure_id, extent.start_m, extent.end_m, extent.road, extent.by)


def _differ(told: Sequence[ToldEnds], extents: Sequence[Extent]) -> bool:
    """Whether an end moved by more than 10 m, lights carry one more, the road changed, or a measure is new."""
    known = {ends.measure_id: ends for ends in told}
    for extent in extents:
        ends = known.get(extent.measure_id)
        if ends is None or ends.road != extent.road:
            return True
        # An end that no light marks any more stays as it was told; one that a light marks now was only ordered.
        if any((before, now) == ("ordered", "measured") for before, now in zip(ends.by, extent.by, strict=True)):
            return True
        if max(abs(extent.start_m - ends.start_m), abs(extent.end_m - ends.end_m)) > CHANGED_M:
            return True
    return False
