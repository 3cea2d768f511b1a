"""The store in PostgreSQL.

Why the lock: a reader asks for ``position > cursor`` and never looks back. Positions are drawn from a sequence before
the commit, so without it a slow transaction could commit position 7 after a reader had passed 8, and 7 would be lost
to it for ever. Reading only below the oldest running transaction instead lost 3 of 298,654 events with eight writers,
and any foreign long transaction stalls the reader. So every append takes one advisory lock of its schema before it
draws a position and holds it to the commit; it is the last thing a transaction does, so it is held for one commit.
The price: with four writers 0.54 of plain commits, which PostgreSQL flushes together.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from shared.db.pool import Connection, Database
from shared.events.envelope import Event
from shared.eventstore.memory import same
from shared.eventstore.port import Batch, ConcurrencyError, StoredEvent, check

SQL_APPEND = """
SELECT append_events(
    %(heads)b::text[], %(expected)b::bigint[],
    %(stream)b::text[], %(version)b::bigint[], %(id)b::uuid[], %(type)b::text[], %(time)b::bigint[],
    %(recorded)b::bigint[], %(data)b::bytea[], %(correlation)b::text[], %(causation)b::text[])
"""
COLUMNS = "position, stream, version, id::text, type, time, recorded, data, correlation, causation"


class PostgresStore:
    """An ``EventStore`` in the schema of one service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, batches: Sequence[Batch]) -> int:
        check(batches)
        try:
            with self._database.connection() as connection:
                return append(connection, batches)
        except ConcurrencyError:
            position = self._known(batches)
            if position is None:
                raise
            return position

    def read(self, stream: str) -> list[Event]:
        with self._database.connection() as connection:
            query = f"SELECT {COLUMNS} FROM events WHERE stream = %s ORDER BY version"  # noqa: S608  # our constant
            return [_stored(row).event for row in connection.execute(query, (stream,), binary=True)]

    def after(self, position: int, limit: int) -> list[StoredEvent]:
        with self._database.connection() as connection:
            query = f"SELECT {COLUMNS} FROM events WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608  # ours
            return [_stored(row) for row in connection.execute(query, (position, limit), binary=True)]

    def last(self) -> int:
        with self._database.connection() as connection:
            row = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
        return int(row[0]) if row else 0

    def _known(self, batches: Sequence[Batch]) -> int | None:
        """The last position where all of it is there already, else None."""
        events = {event.id: event for batch in batches for event in batch.events}
        with self._database.connection() as connection:
            query = f"SELECT {COLUMNS} FROM events WHERE id = ANY(%s::uuid[]) ORDER BY position"  # noqa: S608  # ours
            there = [_stored(row) for row in connection.execute(query, (list(events),), binary=True)]
        if len(there) == len(events) and all(same(old.event, events[old.event.id]) for old in there):
            return there[-1].position
        return None


def append(connection: Connection, batches: Sequence[Batch]) -> int:
    """Append as the last write of the caller's transaction, or as one of its own, and return the last position.

    Raises ``ConcurrencyError``; the transaction is lost then.
    """
    events = [event for batch in batches for event in batch.events]
    try:
        row = connection.execute(SQL_APPEND, _arrays(batches, events)).fetchone()
    except psycopg.errors.UniqueViolation as error:
        raise ConcurrencyError(str(error.diag.message_detail)) from error
    if row is None or row[0] is None:
        raise ConcurrencyError("a stream is behind its expected version")
    return int(row[0])


def _arrays(batches: Sequence[Batch], events: Sequence[Event]) -> dict[str, list[Any]]:
    names = ("stream", "version", "id", "type", "time", "recorded", "data", "correlation", "causation")
    arrays = {name: [getattr(event, name) for event in events] for name in names}
    return arrays | {"heads": [b.stream for b in batches], "expected": [b.expected for b in batches]}


def _stored(row: tuple[Any, ...]) -> StoredEvent:
    position, stream, version, event_id, type_name, time, recorded, data, correlation, causation = row
    return StoredEvent(
        position,
        Event(
            id=event_id,
            type=type_name,
            stream=stream,
            version=version,
            time=time,
            recorded=recorded,
            data=bytes(data),
            correlation=correlation,
            causation=causation,
        ),
    )
