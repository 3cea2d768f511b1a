"""What the sites decider remembers: one frozen struct per row. Instants are µs, ``due`` is log time.

``permit:<permit id>``, ``area:<site id>`` (what is ordered there), ``site:<site id>`` (what became of it),
``light:<device id>``, and two indexes: ``number:<permit number>`` and ``cell:<east>:<north>``.
"""

from typing import Literal

import msgspec

from shared.clock import Micros
from shared.contracts.base import Geometry
from shared.contracts.devices import Lamp
from shared.contracts.permits import MeasureKind

Phase = Literal["empty", "set_up", "cleared"]
Cell = tuple[int, int]


class Row(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=str.lower):
    due: Micros | None = None


class PermitRow(Row, frozen=True, kw_only=True, array_like=True):
    """``known`` since when (log time). ``expected``: somebody should be there while the order is in force."""

    permit_id: str
    number: str
    known: Micros
    sites: tuple[str, ...] = ()
    whole: bool = True
    paused: bool = False

    @property
    def expected(self) -> bool:
        return self.whole and not self.paused


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where one measure is ordered; ``[start, end)``, open when ``end`` is None."""

    measure_id: str
    kind: MeasureKind
    geometry: Geometry
    start: Micros
    end: Micros | None
    street: str = ""


class AreaRow(Row, frozen=True, kw_only=True, array_like=True):
    """A work area: measures that share a site. ``due``: when lights around it may begin to belong to it."""

    site_id: str
    permit_id: str
    places: tuple[Place, ...]
    cells: tuple[Cell, ...]
    revoked: Micros | None = None

    @property
    def start(self) -> Micros:
        return min(place.start for place in self.places)

    @property
    def end(self) -> Micros | None:
        ends = [place.end for place in self.places]
        last = None if None in ends else max(end for end in ends if end is not None)
        if self.revoked is None:
            return last
        return self.revoked if last is None else min(last, self.revoked)


class ToldEnds(msgspec.Struct, frozen=True, array_like=True):
    """Ends of a measure as last told: metres from its ordered start, along ``road`` or (empty) its ordered line.

    ``by``: what carries its start and its end, ``measured`` or ``ordered``.
    """

    measure_id: str
    start_m: float
    end_m: float
    road: str = ""
    by: tuple[str, str] = ("measured", "measured")


class SiteRow(Row, frozen=True, kw_only=True, array_like=True):
    """A site's life. ``permit_id`` None: suspected to have no order.

    ``lights`` stand there, ``active`` of them are not off, ``crew`` were active since the set-up. ``changed``: when
    ``active`` changed last (log time); ``gone``: when a light left last (event time). The rest was told already.
    """

    site_id: str
    permit_id: str | None
    measure_ids: tuple[str, ...] = ()
    version: int = 0
    lights: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    crew: tuple[str, ...] = ()
    changed: Micros = 0
    gone: Micros = 0
    phase: Phase = "empty"
    silent: bool = False
    ends: tuple[ToldEnds, ...] = ()
    deviating: bool = False
    ghost: bool = False
    overrunning: bool = False


class LightRow(Row, frozen=True, kw_only=True, array_like=True):
    """A light as its stage told it, and where it counts: ``site``.

    ``x``, ``y``, ``sigma`` metres in EPSG:25832; ``since`` 0: it stands nowhere. ``lit``: since when its lamp is not
    off, ``dark``: since when it is. ``number`` of the permit it is bound to by hand, since ``bound`` (log time).
    ``heard``: the latest event time told.
    """

    device_id: str
    x: float = 0.0
    y: float = 0.0
    sigma: float = 0.0
    since: Micros = 0
    heard: Micros = 0
    lamp: Lamp = "unknown"
    lit: Micros = 0
    dark: Micros = 0
    silent: bool = False
    number: str | None = None
    bound: Micros = 0
    site: str | None = None

    @property
    def standing(self) -> bool:
        return self.since > 0

    @property
    def active(self) -> bool:
        return self.standing and self.lamp != "off"


class NumberRow(Row, frozen=True, kw_only=True, array_like=True):
    """Who bears or is bound to a permit number."""

    permit_id: str | None = None
    devices: tuple[str, ...] = ()


class CellRow(Row, frozen=True, kw_only=True, array_like=True):
    """Which lights stand in a square of the city, and which work areas reach into it."""

    lights: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


AnyRow = PermitRow | AreaRow | SiteRow | LightRow | NumberRow | CellRow


def joined(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else tuple(sorted((*names, name)))


def without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(other for other in names if other != name)
