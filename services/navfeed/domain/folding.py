"""Contract event -> row. Pure, and total for everything that ``decode`` of the publisher lets through."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from services.navfeed.domain.lines import moved_m
from services.navfeed.domain.rows import Dropped, PermitRow, Said, SiteRow
from shared.clock import DAY_US, Micros, to_micros
from shared.contracts.base import Contract
from shared.contracts.permits import (
    EndReverted,
    Permit,
    PermitAmended,
    PermitApproved,
    PermitExtended,
    PermitRevoked,
    StartReverted,
    WorksEnded,
    WorksInterrupted,
    WorksResumed,
    WorksStarted,
)
from shared.contracts.sites import (
    ClearedDetected,
    DeviationDetected,
    ExtentChanged,
    ExtentMeasured,
    MeasuredExtent,
    NotSetUp,
    Overrunning,
    SetUpDetected,
    SiteBecameSilent,
    SiteEvent,
    SiteRecovered,
)

MOVED_M = 10.0


def _said(at: datetime, when: Said) -> Said:
    return Said(to_micros(at), when.known)


def _approved(row: PermitRow, fact: PermitApproved, when: Said) -> PermitRow:
    return replace(_content(row, fact.permit, when), revoked=None)


def _amended(row: PermitRow, fact: PermitAmended, when: Said) -> PermitRow:
    return _content(row, fact.permit, when)


def _content(row: PermitRow, permit: Permit, when: Said) -> PermitRow:
    before = {measure.id: measure for measure in row.permit.measures} if row.permit else {}
    now = {measure.id: measure for measure in permit.measures}
    left_out = [Dropped(measure, when) for id_, measure in before.items() if id_ not in now]
    still_shown = [d for d in row.dropped if d.measure.id not in now and d.by.known > when.known - DAY_US]
    before |= {dropped.measure.id: dropped.measure for dropped in row.dropped}
    ends_known = {id_: known for id_, known in row.ends_known.items() if id_ in now}
    ends_known |= {id_: when.known for id_ in now if id_ in before and before[id_].end != now[id_].end}
    return replace(row, permit=permit, ends_known=ends_known, dropped=(*still_shown, *left_out))


def _extended(row: PermitRow, fact: PermitExtended, when: Said) -> PermitRow:
    if row.permit is None:
        return row
    measures = tuple(
        replace(measure, end=fact.ends[measure.id]) if measure.id in fact.ends else measure
        for measure in row.permit.measures
    )
    known = {measure.id: when.known for measure in measures if measure.id in fact.ends}
    return replace(row, permit=replace(row.permit, measures=measures), ends_known=row.ends_known | known)


def _revoked(row: PermitRow, fact: PermitRevoked, when: Said) -> PermitRow:
    return replace(row, revoked=_said(fact.at, when))


def _started(row: PermitRow, fact: WorksStarted, when: Said) -> PermitRow:
    """A start after an end takes the end back: works go on."""
    return replace(row, started=_said(fact.at, when), ended=None, interrupted=False)


def _ended(row: PermitRow, fact: WorksEnded, when: Said) -> PermitRow:
    return replace(row, ended=_said(fact.at, when), interrupted=False)


def _start_reverted(row: PermitRow, _fact: StartReverted, _when: Said) -> PermitRow:
    return replace(row, started=None, interrupted=False)


def _end_reverted(row: PermitRow, fact: EndReverted, _when: Said) -> PermitRow:
    return replace(row, ended=None, interrupted=fact.interrupted)


def _interrupted(row: PermitRow, _fact: WorksInterrupted, _when: Said) -> PermitRow:
    return replace(row, interrupted=True)


def _resumed(row: PermitRow, _fact: WorksResumed, _when: Said) -> PermitRow:
    return replace(row, interrupted=False)


def _set_up(row: SiteRow, fact: SetUpDetected, when: Said) -> SiteRow:
    said = _said(fact.at, when)
    first = said.at if row.first_set_up_at is None else row.first_set_up_at
    row = replace(row, on_site="set_up", set_up=said, first_set_up_at=first, cleared=None, silent=None)
    return _observed(row, fact, when)


def _measured(row: SiteRow, fact: ExtentMeasured | ExtentChanged, when: Said) -> SiteRow:
    held = {extent.measure_id: extent for extent in row.extents}
    news = {new.measure_id: new for new in fact.extents if moved(held.get(new.measure_id), new)}
    extents = held | news
    return _observed(replace(row, extents=tuple(extents[id_] for id_ in sorted(extents))), fact, when)


def moved(held: MeasuredExtent | None, new: MeasuredExtent) -> bool:
    """Whether a place is news: first known, carried by other ends, or more than 10 m off what was published.

    An event names all measures of its site; one of them may have moved while its neighbour did not.
    """
    if held is None or (held.place_from, held.place_to) != (new.place_from, new.place_to):
        return True
    return moved_m(held.line, new.line) > MOVED_M


def _silent(row: SiteRow, fact: SiteBecameSilent, when: Said) -> SiteRow:
    return replace(row, on_site="silent", silent=_said(fact.at, when))


def _recovered(row: SiteRow, fact: SiteRecovered, when: Said) -> SiteRow:
    return _observed(replace(row, on_site="set_up" if row.stands else "unknown", silent=None), fact, when)


def _cleared(row: SiteRow, fact: ClearedDetected, when: Said) -> SiteRow:
    return _observed(replace(row, on_site="cleared", cleared=_said(fact.at, when)), fact, when)


def _not_set_up(row: SiteRow, _fact: NotSetUp, _when: Said) -> SiteRow:
    return replace(row, on_site="not_set_up")


def _observed(row: SiteRow, fact: SiteEvent, _when: Said) -> SiteRow:
    return replace(row, observed_at=to_micros(fact.at), lights=len(fact.lights))


PERMIT_FOLDS: dict[type[Contract], Callable[[PermitRow, Any, Said], PermitRow]] = {
    PermitApproved: _approved,
    PermitAmended: _amended,
    PermitExtended: _extended,
    PermitRevoked: _revoked,
    WorksStarted: _started,
    WorksEnded: _ended,
    StartReverted: _start_reverted,
    EndReverted: _end_reverted,
    WorksInterrupted: _interrupted,
    WorksResumed: _resumed,
}
SITE_FOLDS: dict[type[Contract], Callable[[SiteRow, Any, Said], SiteRow]] = {
    SetUpDetected: _set_up,
    ExtentMeasured: _measured,
    ExtentChanged: _measured,
    DeviationDetected: _observed,
    SiteBecameSilent: _silent,
    SiteRecovered: _recovered,
    ClearedDetected: _cleared,
    NotSetUp: _not_set_up,
    Overrunning: _observed,
}


def fold_permit(row: PermitRow, fact: Contract, event_time: Micros, log_time: Micros) -> PermitRow:
    """The permit's row after ``fact``; raises ``KeyError`` for a type that is not in ``PERMIT_FOLDS``."""
    return PERMIT_FOLDS[type(fact)](row, fact, Said(event_time, log_time))


def fold_site(row: SiteRow, fact: SiteEvent, event_time: Micros, log_time: Micros) -> SiteRow:
    """The site's row after ``fact``; raises ``KeyError`` for a type that is not in ``SITE_FOLDS``."""
    row = replace(row, changed=log_time, measure_ids=fact.measure_ids or row.measure_ids)
    return SITE_FOLDS[type(fact)](row, fact, Said(event_time, log_time))
