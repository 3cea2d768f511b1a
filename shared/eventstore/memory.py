"""The store in memory, for unit tests and backtests."""

import threading
from collections.abc import Sequence

from shared.events.envelope import Event
from shared.eventstore.port import Batch, ConcurrencyError, StoredEvent, check


class MemoryStore:
    """An ``EventStore`` without durability; positions are dense from 1."""

    def __init__(self) -> None:
        self._log: list[Event] = []
        self._streams: dict[str, list[Event]] = {}
        self._ids: dict[str, Event] = {}
        self._lock = threading.Lock()

    def append(self, batches: Sequence[Batch]) -> int:
        check(batches)
        with self._lock:
            new = [batch for batch in batches if not self._known(batch)]
            for batch in new:
                if len(self._streams.get(batch.stream, ())) != batch.expected:
                    raise ConcurrencyError(f"{batch.stream} is not at {batch.expected}")
            for event in (event for batch in new for event in batch.events):
                self._log.append(event)
                self._streams.setdefault(event.stream, []).append(event)
                self._ids[event.id] = event
            return len(self._log)

    def read(self, stream: str) -> list[Event]:
        with self._lock:
            return list(self._streams.get(stream, ()))

    def after(self, position: int, limit: int) -> list[StoredEvent]:
        with self._lock:
            events = self._log[position : position + limit]
        return [StoredEvent(position + 1 + index, event) for index, event in enumerate(events)]

    def last(self) -> int:
        return len(self._log)

    def _known(self, batch: Batch) -> bool:
        """Whether the batch is there already; raises ``ConcurrencyError`` where only its ids are."""
        there = [self._ids.get(event.id) for event in batch.events]
        if not any(there):
            return False
        if all(old is not None and same(old, event) for old, event in zip(there, batch.events, strict=True)):
            return True
        raise ConcurrencyError(f"{batch.stream}: other content under a known id")


def same(old: Event, new: Event) -> bool:
    """Whether two events are one: all but ``recorded``, which a retried command takes anew."""
    return (old.id, old.type, old.stream, old.version, old.time, old.data) == (
        new.id,
        new.type,
        new.stream,
        new.version,
        new.time,
        new.data,
    )
