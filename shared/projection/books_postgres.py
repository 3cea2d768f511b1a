"""The books in PostgreSQL, on a connection of their own, which also holds the seats as session locks."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from shared.db.pool import Connection, Database, translated
from shared.eventlog.port import FencedError, Mark, Partition, Record
from shared.events.envelope import Event
from shared.eventstore.port import ConcurrencyError
from shared.eventstore.postgres import append
from shared.projection.books import Effects, Place, Refused, StateRow, Work
from shared.projection.seats import Seats

SEATS_EVERY_S = 1.0
ROWS = 10_000

SQL_CLAIM = """
INSERT INTO offsets (grp, topic, part, next, time, epoch, slot, beat) VALUES (%s, %s, %s, 0, 0, 1, -1, 0)
ON CONFLICT (grp, topic, part) DO UPDATE SET epoch = offsets.epoch + 1
RETURNING next, time, epoch, slot, beat
"""
SQL_MOVE = """
UPDATE offsets SET next = %s, time = %s, slot = %s, beat = %s
WHERE grp = %s AND topic = %s AND part = %s AND next = %s AND epoch = %s
"""
SQL_ROWS = """
INSERT INTO states (grp, key, part, due, data)
SELECT %(grp)s, * FROM unnest(%(key)b::text[], %(part)b::int2[], %(due)b::bigint[], %(data)b::bytea[])
ON CONFLICT (grp, key) DO UPDATE SET part = excluded.part, due = excluded.due, data = excluded.data
"""
SQL_STREAMS = """
INSERT INTO streams (grp, stream, version) SELECT %s, * FROM unnest(%b::text[], %b::bigint[])
ON CONFLICT (grp, stream) DO UPDATE SET version = excluded.version
"""
SQL_PARK = "INSERT INTO parked (grp, topic, part, next, stream, reason, time, event) VALUES (%s,%s,%s,%s,%s,%s,%s,%s)"
SQL_QUARANTINE = """
INSERT INTO quarantine (grp, topic, part, next, key, reason, time, event) VALUES (%s,%s,%s,%s,%s,%s,%s,%s)
"""


class PostgresBooks:
    """``Books`` of one runner. A lost connection loses the seats; the next call opens a new one and asks again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._seats: Seats | None = None
        self._asked = 0.0

    def seats(self, group: str, partitions: Sequence[Partition]) -> set[Partition]:
        with self._translated():
            connection = self._open()
            if self._seats is None:
                self._seats = Seats(connection, f"{self._database.schema}.{group}", partitions)
            # Asking costs a query on the server's lock table: once a second is soon enough for a takeover.
            if not self._asked or time.monotonic() - self._asked > SEATS_EVERY_S:
                self._seats.balance()
                self._asked = time.monotonic()
            return set(self._seats.held)

    def claim(self, group: str, partitions: Iterable[Partition]) -> dict[Partition, Place]:
        claimed = {}
        with self._translated(), self._open().transaction():
            for partition in sorted(partitions):
                row = self._open().execute(SQL_CLAIM, (group, *partition)).fetchone()
                assert row is not None, partition  # noqa: S101  # RETURNING of an upsert
                claimed[partition] = Place(Mark(row[0], row[1]), row[2], row[3], row[4])
        return claimed

    def rows(self, group: str, partitions: Iterable[Partition]) -> Iterator[StateRow]:
        numbers = [partition.number for partition in partitions]
        query = "SELECT key, part, due, data FROM states WHERE grp = %s AND part = ANY(%s)"
        with self._translated(), self._open().transaction(), self._open().cursor(name="rows") as cursor:
            cursor.itersize = ROWS  # a million lights, a piece at a time
            for row in cursor.execute(query, (group, numbers), binary=True):
                yield StateRow(*row)

    def streams(self, group: str) -> dict[str, int]:
        with self._translated():
            return dict(self._open().execute("SELECT stream, version FROM streams WHERE grp = %s", (group,)).fetchall())

    def parked(self, group: str) -> dict[str, list[Refused]]:
        query = "SELECT topic, part, next, reason, time, event FROM parked WHERE grp = %s ORDER BY topic, part, next"
        parked: dict[str, list[Refused]] = {}
        with self._translated():
            for topic, part, offset, reason, instant, data in self._open().execute(query, (group,), binary=True):
                event = unpack_event(data)
                record = Record(Partition(topic, part), offset, instant, event)
                parked.setdefault(event.stream, []).append(Refused(record, reason))
        return parked

    def commit(self, group: str, moves: Mapping[Partition, tuple[Place, Place]], work: Work) -> None:
        with self._translated():
            connection = self._open()
            try:
                with connection.transaction():
                    self._move(connection, group, moves)
                    effects = work(connection)
                    _write(connection, group, effects)
                    if effects.events:
                        append(connection, effects.events)
            except ConcurrencyError as error:
                raise FencedError(f"{group}: {error}") from error

    def _move(self, connection: Connection, group: str, moves: Mapping[Partition, tuple[Place, Place]]) -> None:
        """Offsets first and in order: two consumers that touch the same partitions queue up instead of deadlocking."""
        values = [
            (new.mark.next, new.mark.time, new.slot, new.beat, group, *partition, old.mark.next, old.epoch)
            for partition, (old, new) in sorted(moves.items())
        ]
        cursor = connection.cursor()
        cursor.executemany(SQL_MOVE, values)
        if cursor.rowcount != len(values):
            raise FencedError(f"{group}: another consumer moved {sorted(moves)}")

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._seats, self._asked = None, None, 0.0

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.connect()
        return self._connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Translate driver errors, and forget the connection: its session locks may be gone."""
        try:
            with translated():
                yield
        except BaseException:
            self.release()
            raise


def _write(connection: Connection, group: str, effects: Effects) -> None:
    """States, streams and refused records, in this order in every transaction."""
    kept = [row for row in effects.rows if row.data is not None]
    gone = [row.key for row in effects.rows if row.data is None]
    if kept:
        arrays = {
            "key": [row.key for row in kept],
            "part": [row.partition for row in kept],
            "due": [row.due for row in kept],
            "data": [row.data for row in kept],
        }
        connection.execute(SQL_ROWS, {"grp": group, **arrays})
    if gone:
        connection.execute("DELETE FROM states WHERE grp = %s AND key = ANY(%s)", (group, gone))
    if effects.streams:
        connection.execute(SQL_STREAMS, (group, list(effects.streams), list(effects.streams.values())))
    if effects.settled:
        connection.execute("DELETE FROM parked WHERE grp = %s AND stream = ANY(%s)", (group, list(effects.settled)))
    for sql, refused, name in ((SQL_PARK, effects.parked, "stream"), (SQL_QUARANTINE, effects.quarantined, "key")):
        if refused:
            values = [_refused(group, entry, getattr(entry.record.event, name)) for entry in refused]
            connection.cursor().executemany(sql, values)


def _refused(group: str, refused: Refused, name: str) -> tuple[object, ...]:
    record = refused.record
    event = pack_event(record.event)
    return (group, *record.partition, record.offset, name, refused.reason, record.time, event)


pack_event = msgspec.msgpack.Encoder().encode
unpack_event = msgspec.msgpack.Decoder(Event).decode
