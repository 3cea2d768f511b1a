"""The fusion: what was ordered, what people report and what the lights say, as one feature per measure.

Memory-less: the same rows and the same log time give the same features, whatever was published before. Decisions about
time stand in ``timeline``. Decisions about place:

- A measured extent is the place from its first measurement on, also while the site is silent, cleared or ended; a
  measure that was never measured is where it was ordered.
- Lines run in the direction of traffic: those of a ``backward`` measure are turned round, and of one for ``both`` that
  was drawn against a one-way street; in ``ordered`` and ``measured`` too, and ``place_from``/``place_to`` with them.
- If two sites name a measure, the one that stands counts, then the one heard of last.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from services.navfeed.domain.feature import Claim, Feature, PlaceKind, PlaceProvenance, Provenance, Schedule
from services.navfeed.domain.lines import in_traffic_direction
from services.navfeed.domain.roads import NO_ROADS, Road, Roads
from services.navfeed.domain.rows import Dropped, PermitRow, SiteRow
from services.navfeed.domain.timeline import Course, Span, course, recurring
from shared.clock import Micros, from_micros, to_micros
from shared.contracts.base import Geometry, LineString, Point
from shared.contracts.permits import Measure, Permit
from shared.contracts.sites import MeasuredExtent
from shared.headline import headline


def fuse(
    row: PermitRow, sites: Sequence[SiteRow], now: Micros, *, situation_id: str, roads: Roads = NO_ROADS
) -> list[Feature]:
    """The features of one permit at log time ``now`` (µs), by id; empty before approval and after the last grace."""
    if row.permit is None:
        return []
    features = [
        _feature(
            row.permit,
            measure,
            _site(measure, sites),
            span,
            situation_id=situation_id,
            road=roads.of(measure.street, measure.geometry),
        )
        for measure, run in _courses(row, sites)
        if (span := run.span(now)) is not None
    ]
    return sorted(features, key=lambda feature: feature.id)


def due(row: PermitRow, sites: Sequence[SiteRow], now: Micros) -> Micros | None:
    """The next instant after ``now`` at which ``fuse`` may give something else by time alone; None: never."""
    instants = (instant for _, run in _courses(row, sites) for instant in run.instants(now))
    return min((instant for instant in instants if instant > now), default=None)


def _courses(row: PermitRow, sites: Sequence[SiteRow]) -> list[tuple[Measure, Course]]:
    measures: list[tuple[Measure, Dropped | None]] = []
    if row.permit is not None:
        measures += [(measure, None) for measure in row.permit.measures]
        measures += [(dropped.measure, dropped) for dropped in row.dropped]
    return [(measure, course(row, measure, _site(measure, sites), dropped)) for measure, dropped in measures]


def _site(measure: Measure, sites: Sequence[SiteRow]) -> SiteRow | None:
    covering = [site for site in sites if measure.id in site.measure_ids]
    return max(covering, key=lambda site: (site.stands, site.changed), default=None)


def _feature(
    permit: Permit, measure: Measure, site: SiteRow | None, span: Span, *, situation_id: str, road: Road
) -> Feature:
    backward = measure.direction == "backward" or (measure.direction == "both" and road.against)
    extent = _extent(measure, site)
    ordered_place = in_traffic_direction(measure.geometry, backward=backward)
    measured_place = None if extent is None else in_traffic_direction(extent.line, backward=backward)
    place = measured_place or ordered_place
    feature = Feature(
        geometry=place,
        occupation=permit.occupation,
        id=measure.id,
        situation_id=situation_id,
        permit_number=permit.permit_number,
        authority=permit.authority,
        district=permit.district,
        works_kind=permit.works_kind,
        headline="",
        start=from_micros(span.start),
        end=None if span.end is None else from_micros(span.end),
        status=span.status,
        provenance=_provenance(extent, span, backward=backward),
        ordered=_ordered(measure, ordered_place),
        measured=_measured(measure, site, measured_place),
        deviation_m=None if extent is None else round(extent.deviation_m, 1),
        place_kind=_place_kind(place),
        place_accuracy_m=None if extent is None else round(extent.accuracy_m, 1),
        observed_at=None if site is None or site.observed_at is None else from_micros(site.observed_at),
        observed_lights=None if site is None else site.lights,
        on_site="unknown" if site is None else site.on_site,
        measure=measure.kind,
        control=measure.control,
        street=measure.street,
        from_street=measure.from_street,
        to_street=measure.to_street,
        road_number=road.number,
        road_class=road.road_class,
        direction=measure.direction,
        side=measure.side,
        lanes_total=measure.lanes_total,
        lanes_closed=measure.lanes_closed,
        residual_width_m=measure.residual_width_m,
        speed_limit_kph=measure.speed_limit_kph,
        affects=measure.affects or None,
        exempt=measure.exempt,
        detour=measure.detour,
        schedule=_schedule(measure),
    )
    words = headline(
        feature,
        expected_days=permit.expected_days,
        house_numbers=measure.house_numbers,
        ordered_end=feature.ordered.end,
    )
    return replace(feature, headline=words)


def _schedule(measure: Measure) -> Schedule | None:
    if not recurring(measure) and not measure.except_dates:
        return None
    return Schedule(
        daily_from=measure.daily_from,
        daily_to=measure.daily_to,
        weekdays=measure.weekdays,
        except_=measure.except_dates,
    )


def _extent(measure: Measure, site: SiteRow | None) -> MeasuredExtent | None:
    extents = () if site is None else site.extents
    return next((extent for extent in extents if extent.measure_id == measure.id), None)


def _provenance(extent: MeasuredExtent | None, span: Span, *, backward: bool) -> Provenance:
    ends: tuple[PlaceProvenance, PlaceProvenance] = ("ordered", "ordered")
    if extent is not None:
        ends = (extent.place_to, extent.place_from) if backward else (extent.place_from, extent.place_to)
    return Provenance(
        place="measured" if "measured" in ends else "ordered",
        place_from=ends[0],
        place_to=ends[1],
        start=span.start_provenance,
        end=span.end_provenance,
    )


def _ordered(measure: Measure, place: Geometry) -> Claim:
    end = None if measure.end is None else from_micros(to_micros(measure.end))
    return Claim(geometry=place, start=from_micros(to_micros(measure.start)), end=end)


def _measured(measure: Measure, site: SiteRow | None, place: Geometry | None) -> Claim | None:
    if site is None or (site.set_up is None and place is None):
        return None
    start = site.first_set_up_at if recurring(measure) or site.set_up is None else site.set_up.at
    return Claim(
        geometry=place,
        start=None if start is None else from_micros(start),
        end=None if site.cleared is None else from_micros(site.cleared.at),
    )


def _place_kind(place: Geometry) -> PlaceKind:
    if isinstance(place, LineString):
        return "line"
    return "point" if isinstance(place, Point) else "area"
