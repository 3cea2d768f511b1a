"""The publisher: folds permits and sites, and hands the fused state of every permit that woke to the ledger."""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from services.navfeed.domain.feature import Feature
from services.navfeed.domain.folding import PERMIT_FOLDS, SITE_FOLDS, fold_permit, fold_site
from services.navfeed.domain.fuse import due, fuse
from services.navfeed.domain.roads import Roads
from services.navfeed.domain.rows import MeasureRow, PermitRow, Row, SiteRow
from shared.clock import Micros
from shared.contracts.base import Contract
from shared.contracts.permits import PermitAmended, PermitApproved, PermitExtended
from shared.contracts.sites import SiteEvent
from shared.contracts.topics import PERMITS, SITES
from shared.eventlog.port import Record
from shared.events.codec import PoisonError, decode
from shared.events.envelope import Event
from shared.geo.network import RoadNetwork
from shared.projection.protocols import Output, Rows

PERMIT_PREFIX = "permit:"
SITE_PREFIX = "site:"
MEASURE_PREFIX = "measure:"
ID_LENGTH = 64


class SituationUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """All features that a permit has now, for the ledger; a measure that is not among them is gone from the feed.

    ``features`` by id, without versions: the ledger assigns them where ``content`` differs from what it published last.
    ``cause`` is the id of the last event that touched the permit; a change by time alone names the one that set the
    timer. Handed out at every waking, also when nothing changed.
    """

    situation_id: str
    permit_id: str
    features: tuple[Feature, ...]
    cause: str


class Publisher:
    """The grid decider of navfeed (``GridDecider``); its output is ``SituationUpdate``s, never events."""

    group = "publisher"
    topics: Sequence[str] = (PERMITS.name, SITES.name)
    row_type: Any = Row

    def __init__(self, namespace: str, network: RoadNetwork | None = None) -> None:
        self._namespace, self._roads = namespace, Roads(network)

    def decode(self, event: Event) -> Contract | None:
        """The fact; None for steps without public content and for suspected sites, which are never published."""
        fact = decode(event)
        if isinstance(fact, SiteEvent):
            return fact if type(fact) in SITE_FOLDS and fact.permit_id is not None and _timely(fact) else None
        return fact if type(fact) in PERMIT_FOLDS and _timely(fact) else None

    def fold(self, rows: Rows, fact: Contract, record: Record) -> None:
        """Permit facts into their row; site facts into theirs, and the site's name into its permit's row.

        Raises ``PoisonError`` for measures that are another permit's: a published id is one measure's for life.
        """
        event = record.event
        if isinstance(fact, SiteEvent):
            permit_key, site_key = f"{PERMIT_PREFIX}{fact.permit_id}", f"{SITE_PREFIX}{event.key}"
            site: SiteRow = rows.get(site_key) or SiteRow(permit_id=str(fact.permit_id))
            rows[site_key] = fold_site(site, fact, event.time, record.time)
            permit: PermitRow = rows.get(permit_key) or PermitRow()
            permit = replace(permit, sites=tuple(sorted({*permit.sites, site_key})))
        else:
            if isinstance(fact, PermitApproved | PermitAmended):
                _claim(rows, event.key, [measure.id for measure in fact.permit.measures])
            permit_key = f"{PERMIT_PREFIX}{event.key}"
            permit = fold_permit(rows.get(permit_key) or PermitRow(), fact, event.time, record.time)
        rows[permit_key] = replace(permit, cause=event.id, changed=record.time)

    def decide(self, rows: Rows, awake: Collection[str], now: Micros) -> Output:
        updates = [self._update(rows, key, now) for key in awake if key.startswith(PERMIT_PREFIX)]
        return Output(writes=[update for update in updates if update is not None])

    def _update(self, rows: Rows, key: str, now: Micros) -> SituationUpdate | None:
        row: PermitRow = rows[key]
        if row.permit is None:
            return None
        sites: list[SiteRow] = [rows[site_key] for site_key in row.sites]
        next_due = due(row, sites, now)
        if next_due != row.due:
            rows[key] = replace(row, due=next_due)
        permit_id = key.removeprefix(PERMIT_PREFIX)
        situation_id = situation_id_of(self._namespace, permit_id)
        features = tuple(fuse(row, sites, now, situation_id=situation_id, roads=self._roads))
        return SituationUpdate(situation_id=situation_id, permit_id=permit_id, features=features, cause=row.cause)


def situation_id_of(namespace: str, permit_id: str) -> str:
    """``<namespace>-s-<permit id>`` in ``[a-z0-9-]{1,64}``; where that loses something, a digest keeps ids apart."""
    plain = f"{namespace}-s-{permit_id}"
    safe = re.sub(r"[^a-z0-9-]", "-", plain.lower())
    if safe == plain and len(safe) <= ID_LENGTH:
        return safe
    digest = hashlib.sha256(plain.encode()).hexdigest()[:12]
    return f"{safe[: ID_LENGTH - len(digest) - 1]}-{digest}"


def _claim(rows: Rows, permit_id: str, measure_ids: Sequence[str]) -> None:
    owners = {id_: rows.get(f"{MEASURE_PREFIX}{id_}") for id_ in measure_ids}
    if len(owners) < len(measure_ids):
        raise PoisonError("two measures of the permit have one id")
    foreign = sorted(id_ for id_, owner in owners.items() if owner is not None and owner.permit_id != permit_id)
    if foreign:
        raise PoisonError(f"measure {foreign[0]} belongs to another permit")
    for id_, owner in owners.items():
        if owner is None:
            rows[f"{MEASURE_PREFIX}{id_}"] = MeasureRow(permit_id=permit_id)


def _timely(fact: Contract) -> bool:
    """True; raises ``PoisonError`` where a time has no offset, so that ``fold`` can be total."""
    if any(moment.utcoffset() is None for moment in _times(fact)):
        raise PoisonError(f"{fact.TYPE}: time without offset")
    return True


def _times(fact: Any) -> Iterator[datetime]:
    match fact:
        case PermitApproved() | PermitAmended():
            for measure in fact.permit.measures:
                yield from (moment for moment in (measure.start, measure.end) if moment is not None)
        case PermitExtended():
            yield from (end for end in fact.ends.values() if end is not None)
        case _:
            yield fact.at
