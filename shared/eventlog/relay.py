"""The relay: a service's store to its topics, in position order, one at a time, fenced.

It sends, then moves its cursor; a crash between the two sends again, and readers skip versions they know. A second
relay waits for the session lock; one that only believes it holds it (a broken connection) is stopped by the log's
fence, since it would put version 6 behind 7 into a compacted topic.
"""

from collections.abc import Callable

from shared.db.pool import Connection, Database, translated
from shared.eventlog.port import EventLog, Fence, FencedError, Message
from shared.events.envelope import Event
from shared.eventstore.port import EventStore

Publish = Callable[[Event], Message]

BATCH = 1_000
SQL_TAKE = "SELECT pg_try_advisory_lock(hashtext(%s), 1)"
SQL_MOVE = "UPDATE cursors SET position = %s WHERE name = 'relay' AND position = %s"


class Relay:
    """Sends what is in ``store`` to ``log``. ``publish`` is pure: one store event to one message, same stream, version.

    Not thread-safe. After ``FencedError`` or an outage, ``step`` starts anew.
    """

    def __init__(self, database: Database, store: EventStore, log: EventLog, publish: Publish, *, name: str) -> None:
        self._database, self._store, self._log, self._publish, self._name = database, store, log, publish, name
        self._connection: Connection | None = None
        self._fence: Fence | None = None
        self._position = 0

    def step(self) -> int:
        """Send the next events and return how many; 0 where there are none or another relay is at work.

        Raises ``LogUnavailableError`` and ``DatabaseUnavailableError``; nothing is skipped then.
        """
        with translated():
            return self._step()

    def _step(self) -> int:
        if self._connection is None and not self._take():
            return 0
        try:
            events = self._store.after(self._position, BATCH)
            if events:
                self._log.send([self._publish(stored.event) for stored in events], self._fence)
                self._move(events[-1].position)
        except BaseException:
            self.close()
            raise
        return len(events)

    def _take(self) -> bool:
        connection = self._database.connect()
        try:
            held = connection.execute(SQL_TAKE, (f"relay {self._name}",)).fetchone()
            if held is None or not held[0]:
                connection.close()
                return False
            connection.execute("INSERT INTO cursors VALUES ('relay', 0) ON CONFLICT DO NOTHING")
            row = connection.execute("SELECT position FROM cursors WHERE name = 'relay'").fetchone()
            self._fence = self._log.fence(f"relay {self._name}")
        except BaseException:
            connection.close()
            raise
        self._connection, self._position = connection, row[0] if row else 0
        return True

    def _move(self, position: int) -> None:
        assert self._connection is not None  # noqa: S101  # step has taken it
        if self._connection.execute(SQL_MOVE, (position, self._position)).rowcount != 1:
            raise FencedError(f"relay {self._name}")
        self._position = position

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
