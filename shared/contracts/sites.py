"""Sites as the lights see them. Topic ``leitbake.sites.v1``, stream ``site:<site id>``."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Contract, LineString, LonLat, contract

EndProvenance = Literal["ordered", "measured"]


class MeasuredExtent(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """Where one measure stands, along its ordered line or the street.

    ``line`` WGS 84 in the order's drawing direction. ``accuracy_m`` is the 95 % value of the worse end along the line;
    ``deviation_m`` the largest distance of an end from the ordered one. ``place_from``/``place_to`` tell which ends
    lights carry.
    """

    measure_id: str
    line: LineString
    accuracy_m: float
    deviation_m: float
    place_from: EndProvenance
    place_to: EndProvenance


class SiteEvent(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """Members of every site event. ``permit_id`` is None for a suspected unpermitted site.

    ``measure_ids``: the measures of the work area. ``at``: the event time of what was detected.
    """

    site_id: str
    permit_id: str | None = None
    measure_ids: tuple[str, ...] = ()
    at: datetime
    lights: tuple[str, ...] = ()


@contract("site.set_up_detected.v1")
class SetUpDetected(SiteEvent, frozen=True):
    """At least two lights stand lit at the site; ``at`` is when the second began to stand."""


@contract("site.extent_measured.v1")
class ExtentMeasured(SiteEvent, frozen=True, kw_only=True):
    """The ends are known for the first time since the set-up."""

    extents: tuple[MeasuredExtent, ...]


@contract("site.extent_changed.v1")
class ExtentChanged(SiteEvent, frozen=True, kw_only=True):
    """An end moved by more than 10 m, or the road changed."""

    extents: tuple[MeasuredExtent, ...]


@contract("site.deviation_detected.v1")
class DeviationDetected(SiteEvent, frozen=True, kw_only=True):
    """Order and lights disagree by more than 3 sigma and 25 m, by at least three agreeing lights."""

    deviation_m: float


@contract("site.became_silent.v1")
class SiteBecameSilent(SiteEvent, frozen=True):
    """All its lights are silent: the last measured place stays."""


@contract("site.recovered.v1")
class SiteRecovered(SiteEvent, frozen=True):
    """A light of a silent site speaks again."""


@contract("site.cleared_detected.v1")
class ClearedDetected(SiteEvent, frozen=True):
    """All lights are gone or off for the hold time; ``at`` is when the last one left."""


@contract("site.not_set_up.v1")
class NotSetUp(SiteEvent, frozen=True):
    """The order is in force, lights are bound by hand, and none stands there."""


@contract("site.overrunning.v1")
class Overrunning(SiteEvent, frozen=True):
    """The ordered period is over and lights still stand there."""


@contract("site.unpermitted_site_suspected.v1")
class UnpermittedSiteSuspected(SiteEvent, frozen=True, kw_only=True):
    """At least three lights stand together where nothing is ordered. For clerks; never published.

    ``street``: the nearest one, if the city has imported its streets.
    """

    centre: LonLat
    street: str | None = None
