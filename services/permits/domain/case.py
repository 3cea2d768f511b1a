"""The aggregate: one permit case as the fold of its store events. Pure and total."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, Literal

import msgspec

from services.permits.domain import events
from services.permits.domain.content import Content
from services.permits.domain.people import Sealed
from shared.contracts.permits import Permit

Status = Literal[
    "new", "draft", "submitted", "approved", "rejected", "withdrawn", "active", "interrupted", "ended", "revoked"
]  # fmt: skip
IN_FORCE: tuple[Status, ...] = ("approved", "active", "interrupted")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """``reported_at`` is the latest instant people reported; ``started_at`` stays None where nobody reported a start.

    ``source`` and ``digest`` are those of the import it came from. ``before_end`` is the case as it stood when its end
    was reported: a wrong report of an end leads back there. ``extension`` is asked for and not decided yet.
    """

    status: Status = "new"
    content: Content | None = None
    personal: Sealed | None = None
    received_via: str = "online"
    received_at: datetime | None = None
    source: str | None = None
    digest: str | None = None
    reason: str | None = None
    started_at: datetime | None = None
    reported_at: datetime | None = None
    ended_at: datetime | None = None
    before_end: "Case | None" = None
    extension: events.ExtensionRequested | None = None
    erased_at: datetime | None = None

    @property
    def known(self) -> Content:
        """The content; raises ``ValueError`` for a case that nobody submitted."""
        if self.content is None:
            raise ValueError("a case without content")
        return self.content


NEW = Case()
_with = msgspec.structs.replace


def evolve(case: Case, event: events.StoreEvent) -> Case:
    """The case after ``event``. Total: what is in the store has happened."""
    return EVOLVE[type(event)](case, event)


def fold(happened: Iterable[events.StoreEvent]) -> Case:
    return reduce(evolve, happened, NEW)


def with_ends(permit: Permit, ends: Mapping[str, datetime | None]) -> Permit:
    """``permit`` with new ends by measure id; the others keep theirs."""
    return _with(permit, measures=tuple(_with(m, end=ends.get(m.id, m.end)) for m in permit.measures))


def _drafted(case: Case, event: events.Drafted) -> Case:
    return _with(
        case,
        status="draft",
        content=event.content,
        personal=event.personal,
        received_via=event.received_via,
        received_at=event.received_at,
    )


def _submitted(case: Case, event: events.Submitted) -> Case:
    return _with(
        case,
        status="submitted",
        content=event.content,
        personal=event.personal,
        received_via=event.received_via,
        received_at=event.received_at,
        source=event.source,
        digest=event.digest,
    )


def _corrected(case: Case, event: events.Corrected) -> Case:
    return _with(case, content=event.content, personal=event.personal or case.personal)


def _approved(case: Case, event: events.Approved) -> Case:
    return _with(case, status="approved", content=event.content, reason=event.reason)


def _rejected(case: Case, event: events.Rejected) -> Case:
    return _with(case, status="rejected", reason=event.reason)


def _withdrawn(case: Case, event: events.Withdrawn) -> Case:
    return _with(case, status="withdrawn", reason=event.reason)


def _started(case: Case, event: events.WorksStarted) -> Case:
    return _with(case, status="active", started_at=event.at, reported_at=event.at)


def _ended(case: Case, event: events.WorksEnded) -> Case:
    return _with(case, status="ended", ended_at=event.at, reported_at=event.at, before_end=case)


def _start_reverted(case: Case, _: events.StartReverted) -> Case:
    """What was reported after a start that never was is void with it."""
    return _with(case, status="approved", started_at=None, reported_at=None)


def _end_reverted(case: Case, event: events.EndReverted) -> Case:
    return _with(case.before_end or case, status=event.status, ended_at=None, erased_at=case.erased_at)


def _interrupted(case: Case, event: events.Interrupted) -> Case:
    return _with(case, status="interrupted", reported_at=event.at)


def _resumed(case: Case, event: events.Resumed) -> Case:
    return _with(case, status="active", reported_at=event.at)


def _extended(case: Case, event: events.Extended) -> Case:
    content = case.known
    return _with(case, content=_with(content, permit=with_ends(content.permit, event.ends)), extension=None)


def _extension_requested(case: Case, event: events.ExtensionRequested) -> Case:
    return _with(case, extension=event)


def _extension_refused(case: Case, event: events.ExtensionRefused) -> Case:
    return _with(case, extension=None, reason=event.reason)


def _amended(case: Case, event: events.Amended) -> Case:
    return _with(
        case, content=event.content, personal=event.personal or case.personal, digest=event.digest or case.digest
    )


def _revoked(case: Case, event: events.Revoked) -> Case:
    return _with(case, status="revoked", reason=event.reason)


def _erased(case: Case, event: events.PersonalDataErased) -> Case:
    return _with(case, erased_at=event.at)


EVOLVE: dict[type[events.StoreEvent], Callable[[Case, Any], Case]] = {
    events.Drafted: _drafted,
    events.Submitted: _submitted,
    events.Corrected: _corrected,
    events.Approved: _approved,
    events.Rejected: _rejected,
    events.Withdrawn: _withdrawn,
    events.WorksStarted: _started,
    events.WorksEnded: _ended,
    events.StartReverted: _start_reverted,
    events.EndReverted: _end_reverted,
    events.Interrupted: _interrupted,
    events.Resumed: _resumed,
    events.Extended: _extended,
    events.ExtensionRequested: _extension_requested,
    events.ExtensionRefused: _extension_refused,
    events.Amended: _amended,
    events.Revoked: _revoked,
    events.PersonalDataErased: _erased,
}
