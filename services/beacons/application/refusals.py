"""What the ping door refused, kept for those who run it: the log has only what was taken.

Counted in memory and written by the ticker's thread a second later, so no ping waits for the database; a process that
is killed takes its last second of counts with it. Kept for two days.
"""

import threading
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import structlog

from shared.clock import HOUR_US, Micros
from shared.db.errors import DatabaseUnavailableError
from shared.db.pool import Database

MOST = 200  # rows at a time: who makes up names of devices is counted without them
ITEM_CHARACTERS = 500
KEPT_HOURS = 48
SQL_COUNT = """
INSERT INTO door_refusals (hour, reason, device, amount, newest, item) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (hour, reason, device) DO UPDATE SET amount = door_refusals.amount + excluded.amount,
    newest = excluded.newest, item = excluded.item
"""
SQL_OF = """
SELECT reason, sum(amount)::bigint, max(newest), (array_agg(item ORDER BY newest DESC))[1]
FROM door_refusals WHERE device = %s GROUP BY reason ORDER BY 3 DESC
"""
SQL_FORGET = "DELETE FROM door_refusals WHERE hour < %s"

logger = structlog.get_logger()


class _Named(msgspec.Struct):
    device_id: str = ""


_named = msgspec.json.Decoder(_Named).decode


class _Key(NamedTuple):
    hour: int
    reason: str
    device: str


class _Count(NamedTuple):
    amount: int
    newest: Micros
    item: str


class OfDevice(NamedTuple):
    """What the door refused of a device for one reason; ``newest`` in µs, ``item`` the beginning of the last."""

    reason: str
    amount: int
    newest: Micros
    item: str


class Refusals:
    """Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._noted: dict[_Key, _Count] = {}

    def note(self, refused: Iterable[tuple[str, bytes]], now: Micros) -> None:
        """Reasons, and the items as they came. Returns at once."""
        with self._lock:
            for reason, item in refused:
                text = item[:ITEM_CHARACTERS].decode(errors="replace").replace("\0", "�")
                self._add(_Key(now // HOUR_US, reason, device_of(item)), _Count(1, now, text))

    def _add(self, key: _Key, count: _Count) -> None:
        if key not in self._noted and len(self._noted) >= MOST:
            key = key._replace(device="")
        known = self._noted.get(key)
        self._noted[key] = count if known is None else count._replace(amount=known.amount + count.amount)

    def write(self) -> None:
        """What was noted since; where the database is away, it waits for the next time."""
        with self._lock:
            noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            self._store(noted)
        except DatabaseUnavailableError:
            logger.warning("refusals_wait", rows=len(noted))
            with self._lock:
                for key, count in noted.items():
                    self._add(key, count)

    def of(self, device_id: str) -> list[OfDevice]:
        """Of the last two days, the newest first; without what was refused within the last second."""
        with self._database.connection() as connection:
            return [OfDevice(*row) for row in connection.execute(SQL_OF, (device_id,))]

    def _store(self, noted: dict[_Key, _Count]) -> None:
        rows = [(*key, *count) for key, count in sorted(noted.items())]
        with self._database.transaction() as tx, tx.cursor() as cursor:
            cursor.executemany(SQL_COUNT, rows)
            cursor.execute(SQL_FORGET, (max(key.hour for key in noted) - KEPT_HOURS,))


def device_of(item: bytes) -> str:
    """The device that a refused item names, as far as it can be read."""
    try:
        return _named(item).device_id[:64].replace("\0", "�")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
