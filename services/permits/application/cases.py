"""The view of cases: the works queue's rows and each case's timeline, from the service's own store."""

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
from shared.events.envelope import Event
from shared.eventstore.as_log import OWN_STORE

SQL_TABLES = """
CREATE TABLE cases (
    permit_id text PRIMARY KEY,
    version bigint NOT NULL,
    status text NOT NULL,
    permit_number text NOT NULL,
    district text, works_kind text, title text, applicant text,
    streets text[] NOT NULL,
    kinds text[] NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    source text,
    submitted_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    content jsonb NOT NULL,
    search text NOT NULL
);
CREATE INDEX cases_order ON cases (ends_at, permit_id);
CREATE INDEX cases_changed ON cases (changed_at DESC, permit_id);
CREATE INDEX cases_number ON cases (permit_number);
CREATE TABLE timeline (
    permit_id text NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_role text NOT NULL,
    actor_id text NOT NULL,
    reason text,
    PRIMARY KEY (permit_id, version)
);
"""
SQL_CASE = """
INSERT INTO cases (permit_id, version, status, permit_number, district, works_kind, title, applicant, streets, kinds,
                   starts_at, ends_at, source, submitted_at, changed_at, content, search)
VALUES (%(permit_id)s, %(version)s, coalesce(%(status)s, 'submitted'), %(permit_number)s, %(district)s,
        %(works_kind)s, %(title)s,
        %(applicant)s, %(streets)s, %(kinds)s, %(starts_at)s, %(ends_at)s, %(source)s, %(at)s, %(at)s, %(content)s,
        %(search)s)
ON CONFLICT (permit_id) DO UPDATE SET version = excluded.version, status = coalesce(%(status)s, cases.status),
    permit_number = excluded.permit_number, district = excluded.district, works_kind = excluded.works_kind,
    title = excluded.title, applicant = excluded.applicant, streets = excluded.streets, kinds = excluded.kinds,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, changed_at = excluded.changed_at,
    content = excluded.content, search = excluded.search
"""
SQL_STATUS = "UPDATE cases SET version = %s, status = coalesce(%s, status), changed_at = %s WHERE permit_id = %s"
SQL_TIMELINE = "INSERT INTO timeline VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"

Tx = Connection[Any]


class CasesView:
    """The ``View`` behind queue and case pages."""

    name = "cases"
    topics = (OWN_STORE,)

    def create(self, tx: Tx) -> None:
        tx.execute(SQL_TABLES)

    def decode(self, event: Event) -> e.StoreEvent:
        return e.decode(event.type, event.data)

    def apply(self, tx: Tx, facts: Sequence[tuple[Any, Record]]) -> None:
        for fact, record in facts:
            HANDLERS[type(fact)](tx, fact, record.event)
            reason = getattr(fact, "reason", None)
            recorded = from_micros(record.event.recorded)
            who = (fact.actor.role, fact.actor.id)
            tx.execute(
                SQL_TIMELINE,
                (record.event.key, record.event.version, fact.TYPE, fact.at, recorded, *who, reason),
            )


def _content(status: str | None) -> Callable[[Tx, Any, Event], None]:
    """Events that carry the whole content."""

    def handle(tx: Tx, fact: e.Submitted | e.Approved | e.Amended, event: Event) -> None:
        permit, measures = fact.content.permit, fact.content.permit.measures
        streets = list(dict.fromkeys(measure.street for measure in measures))
        words = [permit.permit_number, permit.title, permit.works_kind, permit.applicant, permit.district, *streets]
        ends = [measure.end for measure in measures]
        values = {
            "permit_id": event.key,
            "version": event.version,
            "status": status,
            "permit_number": permit.permit_number,
            "district": permit.district,
            "works_kind": permit.works_kind,
            "title": permit.title,
            "applicant": permit.applicant,
            "streets": streets,
            "kinds": list(dict.fromkeys(measure.kind for measure in measures)),
            "starts_at": min(measure.start for measure in measures),
            "ends_at": None if None in ends else max(end for end in ends if end is not None),
            "source": getattr(fact, "source", None),
            "at": from_micros(event.recorded),
            "content": Jsonb(msgspec.to_builtins(fact.content)),
            "search": " ".join(word for word in words if word).casefold(),
        }
        tx.execute(SQL_CASE, values)

    return handle


def _extended(tx: Tx, fact: e.Extended, event: Event) -> None:
    row = tx.execute("SELECT content FROM cases WHERE permit_id = %s", (event.key,)).fetchone()
    if row is None:
        return
    content = msgspec.convert(row[0], Content)
    permit = with_ends(content.permit, fact.ends)
    ends = [measure.end for measure in permit.measures]
    content = msgspec.structs.replace(content, permit=permit)
    last = None if None in ends else max(end for end in ends if end is not None)
    tx.execute(
        "UPDATE cases SET version = %s, ends_at = %s, content = %s, changed_at = %s WHERE permit_id = %s",
        (event.version, last, Jsonb(msgspec.to_builtins(content)), from_micros(event.recorded), event.key),
    )


def _status(status: str | None) -> Callable[[Tx, Any, Event], None]:
    def handle(tx: Tx, _: Any, event: Event) -> None:
        tx.execute(SQL_STATUS, (event.version, status, from_micros(event.recorded), event.key))

    return handle


HANDLERS: dict[type, Callable[[Tx, Any, Event], None]] = {
    e.Submitted: _content("submitted"),
    e.Approved: _content("approved"),
    e.Amended: _content(None),
    e.Extended: _extended,
    e.Rejected: _status("rejected"),
    e.Withdrawn: _status("withdrawn"),
    e.WorksStarted: _status("active"),
    e.Interrupted: _status("interrupted"),
    e.Resumed: _status("active"),
    e.WorksEnded: _status("ended"),
    e.Revoked: _status("revoked"),
}
