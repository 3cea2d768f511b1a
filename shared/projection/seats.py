"""Membership without a coordinator: an advisory lock per (group, partition), held by the committing connection.

A consumer that dies loses its connection and with it its seats. Members of a group hold a shared lock on the group,
so each can count the others and take only its fair share.
"""

from collections.abc import Sequence

from shared.db.pool import Connection
from shared.eventlog.port import Partition

# Both halves of a two-key advisory lock: what tells the group, and the seat in it (0: being a member).
SQL_JOIN = "SELECT pg_advisory_lock_shared(hashtext(%s), 0)"
SQL_TAKE = "SELECT pg_try_advisory_lock(hashtext(%s), %s)"
SQL_LEAVE = "SELECT pg_advisory_unlock(hashtext(%s), %s)"
SQL_MEMBERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND objid = 0 AND granted AND mode = 'ShareLock'
  AND classid = (hashtext(%s)::bigint & 4294967295)::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Seats:
    """The partitions of ``group`` that ``connection`` holds; ``balance`` takes free ones or gives surplus away."""

    def __init__(self, connection: Connection, group: str, partitions: Sequence[Partition]) -> None:
        self._connection, self._group = connection, group
        self._partitions = list(partitions)
        self.held: set[Partition] = set()
        connection.execute(SQL_JOIN, (group,))

    def balance(self) -> None:
        """Call between steps only: a seat given away may be claimed by another at once."""
        row = self._connection.execute(SQL_MEMBERS, (self._group,)).fetchone()
        members = max(1, row[0] if row else 1)
        share = -(-len(self._partitions) // members)
        for partition in sorted(self.held, reverse=True)[: max(0, len(self.held) - share)]:
            self._connection.execute(SQL_LEAVE, (self._group, self._seat(partition)))
            self.held.remove(partition)
        for partition in self._partitions:
            if len(self.held) >= share:
                break
            if partition not in self.held and self._try(partition):
                self.held.add(partition)

    def _try(self, partition: Partition) -> bool:
        row = self._connection.execute(SQL_TAKE, (self._group, self._seat(partition))).fetchone()
        return bool(row and row[0])

    def _seat(self, partition: Partition) -> int:
        return 1 + self._partitions.index(partition)
