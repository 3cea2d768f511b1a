"""The store: append-only streams under optimistic concurrency, read in position order, which is commit order."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from shared.events.envelope import Event


class ConcurrencyError(Exception):
    """Somebody else appended to the stream first, or the same id stands there with other content; nothing was added."""


class Batch(NamedTuple):
    """New events of one stream; ``expected`` is its version before them (0: new), their versions follow it densely."""

    stream: str
    expected: int
    events: Sequence[Event]


class StoredEvent(NamedTuple):
    position: int
    event: Event


class EventStore(Protocol):
    """PostgreSQL or memory. Thread-safe."""

    def append(self, batches: Sequence[Batch]) -> int:
        """Append all or nothing and return the position of the last event.

        Appending the same events again (same ids, same content) changes nothing. Raises ``ConcurrencyError``, and
        ``DatabaseUnavailableError`` after which they may or may not be there: append again.
        """
        ...

    def read(self, stream: str) -> list[Event]:
        """All events of the stream in version order; empty for an unknown one."""
        ...

    def after(self, position: int, limit: int) -> list[StoredEvent]:
        """The next events in position order; an event once passed over never appears later."""
        ...

    def last(self) -> int:
        """The position of the newest event, 0 for an empty store."""
        ...


def check(batches: Sequence[Batch]) -> None:
    """Versions must follow ``expected`` densely and a stream stand once; raises ``ValueError``."""
    seen = set()
    for batch in batches:
        if batch.stream in seen or not batch.events:
            raise ValueError(f"stream {batch.stream} twice or without events")
        seen.add(batch.stream)
        for version, event in enumerate(batch.events, batch.expected + 1):
            if event.version != version or event.stream != batch.stream:
                raise ValueError(f"{event.stream} version {event.version} where {batch.stream} {version} must be")
