"""What the publisher remembers: one row per permit, one per site. Everything else follows from rows and log time.

Instants are µs since 1970 (``Micros``); a row is frozen and replaced as a whole.
"""

from typing import Literal, NamedTuple

import msgspec

from shared.clock import Micros
from shared.contracts.permits import Measure, Permit
from shared.contracts.sites import MeasuredExtent

OnSite = Literal["set_up", "not_set_up", "cleared", "silent", "unknown"]


class Said(NamedTuple):
    """``at``: when it was so, as told; ``known``: the log time from which the feed could know it."""

    at: Micros
    known: Micros


class Dropped(NamedTuple):
    """A measure that an amendment left out."""

    measure: Measure
    by: Said


class PermitRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="row", tag="permit"):
    """Key ``permit:<permit id>``. ``permit`` is None while only its sites were heard of.

    Extensions are written into the measures of ``permit``; ``ends_known`` holds, by measure id, the log time at which
    an end that had been known before was moved (so that a shortening into the past is still published as an end).
    ``cause`` is the id and ``changed`` the log time of the last event that touched the permit or one of its ``sites``.
    """

    due: Micros | None = None
    cause: str = ""
    changed: Micros = 0
    permit: Permit | None = None
    ends_known: dict[str, Micros] = {}
    dropped: tuple[Dropped, ...] = ()
    started: Said | None = None
    ended: Said | None = None
    revoked: Said | None = None
    interrupted: bool = False
    sites: tuple[str, ...] = ()


class SiteRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="row", tag="site"):
    """Key ``site:<site id>``. ``due`` is never set: a site wakes its permit, which has the timers.

    ``set_up`` is the latest set-up, ``first_set_up_at`` the first one ever; ``cleared`` is None while the site stands.
    ``silent`` stays when a silent site is cleared, and tells up to when it was heard. ``extents`` hold, per measure,
    the place that was published (``folding.moved``). ``lights`` counts those of the last observation.
    """

    due: Micros | None = None
    changed: Micros = 0
    permit_id: str
    measure_ids: tuple[str, ...] = ()
    on_site: OnSite = "unknown"
    set_up: Said | None = None
    first_set_up_at: Micros | None = None
    cleared: Said | None = None
    silent: Said | None = None
    extents: tuple[MeasuredExtent, ...] = ()
    observed_at: Micros | None = None
    lights: int | None = None

    @property
    def stands(self) -> bool:
        """Set up and not cleared since, as far as is known; a silent one may stand."""
        return self.set_up is not None and self.cleared is None


class MeasureRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="row", tag="measure"):
    """Key ``measure:<measure id>``: whose it is, for life. Wakes nobody."""

    permit_id: str
    due: Micros | None = None


Row = PermitRow | SiteRow | MeasureRow
