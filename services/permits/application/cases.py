"""The view of cases: the works queue's rows, from the service's own store.

A single case is read from its stream instead, which is never behind. ``due_at`` is when a case burns: works begin
without a decision, or the ordered period is over. ``extension``: one is asked for and not decided yet.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from services.permits.domain import events as e
from services.permits.domain.case import with_ends
from services.permits.domain.content import Content
from shared.clock import from_micros
from shared.eventlog.port import Record
from shared.events.codec import PoisonError
from shared.events.envelope import Event
from shared.eventstore.as_log import OWN_STORE

SQL_TABLES = """
CREATE TABLE cases (
    permit_id text PRIMARY KEY,
    version bigint NOT NULL,
    status text NOT NULL,
    permit_number text NOT NULL,
    owner text NOT NULL,
    district text,
    streets text[] NOT NULL,
    kinds text[] NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    source text,
    received_via text NOT NULL,
    received_at timestamptz,
    submitted_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    content jsonb NOT NULL,
    search text NOT NULL,
    extension boolean NOT NULL DEFAULT false,
    is_open boolean NOT NULL GENERATED ALWAYS AS (
        status IN ('submitted', 'approved', 'active', 'interrupted')) STORED,
    due_at timestamptz GENERATED ALWAYS AS (
        CASE WHEN status = 'submitted' THEN starts_at
             WHEN status IN ('approved', 'active', 'interrupted') THEN ends_at END) STORED
);
CREATE INDEX cases_owner ON cases (owner);
CREATE INDEX cases_number ON cases (permit_number);
"""
SQL_ENTERED = """
INSERT INTO cases (permit_id, version, status, owner, source, received_via, received_at, submitted_at, changed_at,
                   permit_number, district, streets, kinds, starts_at, ends_at, content, search)
VALUES (%(permit_id)s, %(version)s, %(status)s, %(owner)s, %(source)s, %(received_via)s, %(received_at)s, %(at)s,
        %(at)s, %(permit_number)s, %(district)s, %(streets)s, %(kinds)s, %(starts_at)s, %(ends_at)s, %(content)s,
        %(search)s)
"""
SQL_CONTENT = """
UPDATE cases SET version = %(version)s, status = coalesce(%(status)s, status), changed_at = %(at)s,
    permit_number = %(permit_number)s, district = %(district)s, streets = %(streets)s, kinds = %(kinds)s,
    starts_at = %(starts_at)s, ends_at = %(ends_at)s, content = %(content)s, search = %(search)s
WHERE permit_id = %(permit_id)s
"""
SQL_STATUS = "UPDATE cases SET version = %s, status = coalesce(%s, status), changed_at = %s WHERE permit_id = %s"
SQL_EXTENSION = "UPDATE cases SET extension = %s WHERE permit_id = %s"

Tx = Connection[Any]


class CasesView:
    """The ``View`` behind queue and case pages."""

    name = "cases"
    version = 1
    topics = (OWN_STORE,)

    def create(self, tx: Tx) -> None:
        tx.execute(SQL_TABLES)

    def decode(self, event: Event) -> e.StoreEvent:
        return e.decode(event.type, event.data)

    def apply(self, tx: Tx, facts: Sequence[tuple[Any, Record]]) -> None:
        for fact, record in facts:
            HANDLERS[type(fact)](tx, fact, record.event)


def _drafted(tx: Tx, fact: e.Drafted, event: Event) -> None:
    receipt = {"received_via": fact.received_via, "received_at": fact.received_at}
    first = {"status": "draft", "owner": fact.actor.id, "source": None, **receipt}
    tx.execute(SQL_ENTERED, _columns(fact.content, event) | first)


def _submitted(tx: Tx, fact: e.Submitted, event: Event) -> None:
    """Of a draft that is handed in only its owner stays."""
    draft = tx.execute("DELETE FROM cases WHERE permit_id = %s RETURNING owner", (event.key,)).fetchone()
    first = {
        "status": "submitted",
        "owner": draft[0] if draft else fact.actor.id,
        "source": fact.source,
        "received_via": fact.received_via,
        "received_at": fact.received_at,
    }
    tx.execute(SQL_ENTERED, _columns(fact.content, event) | first)


def _content(status: str | None) -> Callable[[Tx, Any, Event], None]:
    """Events that carry the whole content."""

    def handle(tx: Tx, fact: e.Corrected | e.Approved | e.Amended, event: Event) -> None:
        tx.execute(SQL_CONTENT, _columns(fact.content, event) | {"status": status})

    return handle


def _extended(tx: Tx, fact: e.Extended, event: Event) -> None:
    row = tx.execute("SELECT content FROM cases WHERE permit_id = %s", (event.key,)).fetchone()
    if row is None:
        raise PoisonError("an extension of a case that was never submitted")
    content = msgspec.convert(row[0], Content)
    content = msgspec.structs.replace(content, permit=with_ends(content.permit, fact.ends))
    tx.execute(SQL_CONTENT, _columns(content, event) | {"status": None})
    tx.execute(SQL_EXTENSION, (False, event.key))


def _status(status: str | None) -> Callable[[Tx, Any, Event], None]:
    def handle(tx: Tx, _: Any, event: Event) -> None:
        tx.execute(SQL_STATUS, (event.version, status, from_micros(event.recorded), event.key))

    return handle


def _extension(*, asked: bool) -> Callable[[Tx, Any, Event], None]:
    def handle(tx: Tx, fact: e.ExtensionRequested | e.ExtensionRefused, event: Event) -> None:
        _status(None)(tx, fact, event)
        tx.execute(SQL_EXTENSION, (asked, event.key))

    return handle


def _columns(content: Content, event: Event) -> dict[str, Any]:
    permit, measures = content.permit, content.permit.measures
    streets = list(dict.fromkeys(measure.street for measure in measures))
    words = [permit.permit_number, permit.title, permit.works_kind, permit.applicant, permit.district, *streets]
    ends = [measure.end for measure in measures]
    return {
        "permit_id": event.key,
        "version": event.version,
        "permit_number": permit.permit_number,
        "district": permit.district,
        "streets": streets,
        "kinds": list(dict.fromkeys(measure.kind for measure in measures)),
        "starts_at": min(measure.start for measure in measures),
        "ends_at": None if None in ends else max(end for end in ends if end is not None),
        "at": from_micros(event.recorded),
        "content": Jsonb(msgspec.to_builtins(content)),
        "search": " ".join(word for word in words if word).casefold(),
    }


HANDLERS: dict[type, Callable[[Tx, Any, Event], None]] = {
    e.Drafted: _drafted,
    e.Submitted: _submitted,
    e.Corrected: _content(None),
    e.Approved: _content("approved"),
    e.Amended: _content(None),
    e.Extended: _extended,
    e.ExtensionRequested: _extension(asked=True),
    e.ExtensionRefused: _extension(asked=False),
    e.Rejected: _status("rejected"),
    e.Withdrawn: _status("withdrawn"),
    e.WorksStarted: _status("active"),
    e.Interrupted: _status("interrupted"),
    e.Resumed: _status("active"),
    e.WorksEnded: _status("ended"),
    e.StartReverted: _status("approved"),
    e.EndReverted: lambda tx, fact, event: _status(fact.status)(tx, fact, event),
    e.Revoked: _status("revoked"),
    e.PersonalDataErased: _status(None),
}
