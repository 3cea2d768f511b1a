"""Time as data: instants are integers, and only doors and the log's adapters read a clock.

Every ``Micros`` is an instant in microseconds since 1970-01-01T00:00:00Z. Integers keep the kernel exact and fast;
contracts and pages use ``datetime`` with offset, and convert at the border by the functions here.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

Micros: TypeAlias = int

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BERLIN = ZoneInfo("Europe/Berlin")


class Clock(Protocol):
    """Tells the present. Called by the doors and by the log's adapters, by nobody else."""

    def now(self) -> Micros:
        """The present instant; may jump, callers that need order take a running maximum."""
        ...


class WallClock:
    def now(self) -> Micros:
        return time.time_ns() // 1000


class SteeredClock:
    """A clock that a test or a backtest moves by hand; safe to read from other threads."""

    def __init__(self, start: Micros = 0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> Micros:
        with self._lock:
            return self._now

    def set(self, instant: Micros) -> None:
        with self._lock:
            self._now = instant

    def advance(self, micros: Micros) -> None:
        with self._lock:
            self._now += micros


def to_micros(moment: datetime) -> Micros:
    """Exact microseconds of an aware ``moment``; raises ``ValueError`` for one without offset."""
    try:
        return (moment - EPOCH) // MICROSECOND
    except TypeError:
        raise ValueError("time without offset") from None


def from_micros(instant: Micros) -> datetime:
    """The instant as an aware ``datetime`` in UTC."""
    return EPOCH + timedelta(microseconds=instant)


def rfc3339(instant: Micros) -> str:
    """The instant as ``2026-03-02T06:10:00Z``, with a fraction only where there is one."""
    return from_micros(instant).isoformat().replace("+00:00", "Z")
