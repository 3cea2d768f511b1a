"""How long a door waits for PostgreSQL to say anything.

A server that is frozen, or a network that swallows packets, ends no wait by itself: a frozen server runs no timers, its
kernel goes on acknowledging, and a Unix socket has no time-out. So doors count on their own side. Workers wait: what
they asked for is done when the server wakes, and they go on.
"""

from collections.abc import Generator
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

T = TypeVar("T")

_patience: ContextVar[float | None] = ContextVar("patience", default=None)


def be_patient(seconds: float | None) -> None:
    """From now on this thread gives up a connection that says nothing for so long; None: never."""
    _patience.set(seconds)


class PatientConnection(psycopg.Connection[Any]):
    """Raises ``OperationalError`` where patience ends, and is closed then (``gave_up``): its answer may still come."""

    gave_up = False

    def wait(self, gen: PQGen[T], *arguments: Any, **settings: Any) -> T:
        seconds = _patience.get()
        if seconds is None:
            return super().wait(gen, *arguments, **settings)
        try:
            return super().wait(_heard(gen, seconds), *arguments, **settings)
        except _SilenceError as silence:
            self.gave_up = True
            self.close()
            raise psycopg.OperationalError(f"PostgreSQL has said nothing for {seconds:.0f} s") from silence


class _SilenceError(Exception):
    pass


def _heard(gen: PQGen[T], seconds: float) -> Generator[Any, Any, T]:
    """``gen`` as psycopg drives it: it tells what it waits for, and is told what is ready, or nothing now and then."""
    end = monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                end = monotonic() + seconds
            elif monotonic() > end:
                raise _SilenceError
            wanted = gen.send(ready)
    except StopIteration as done:
        answer: T = done.value
        return answer
