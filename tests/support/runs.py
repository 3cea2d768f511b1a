"""Drives a runner over a fixed log in memory in many ways, so that a law can say: always the same result."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from shared.clock import SteeredClock
from shared.contracts.topics import Topic
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import Message
from shared.eventstore.memory import MemoryStore
from shared.projection.books_memory import MemoryBooks
from shared.projection.consumer import Consumer


class Entry(NamedTuple):
    """A message and the log time it has in every run."""

    time: int
    message: Message


class Result(NamedTuple):
    """Rows as stored, and events per stream without what may differ (ids do not)."""

    rows: dict[str, bytes | None]
    events: dict[str, list[tuple[Any, ...]]]
    quarantined: list[tuple[str, str]]
    writes: list[Any]


def run(
    entries: Sequence[Entry],
    topics: Sequence[Topic],
    build: Callable[[MemoryLog, MemoryBooks, list[Any]], Consumer],
    *,
    ahead: Sequence[int] = (),
    restarts: Sequence[int] = (),
) -> Result:
    """Put the entries (per topic in their order, topics raced against each other by ``ahead``) and step in between.

    ``ahead``: before each step, how many entries of which topic arrive, as indices cycling over the topics.
    ``restarts``: numbers of steps after which the consumer is thrown away and built anew.
    """
    clock = SteeredClock()
    log, store = MemoryLog(clock), MemoryStore()
    books = MemoryBooks(store)
    log.ensure(topics)
    writes: list[Any] = []
    consumer = build(log, books, writes)
    waiting = {topic.name: [e for e in entries if e.message.topic == topic.name] for topic in topics}
    for number, choice in enumerate(ahead):
        queue = waiting[topics[choice % len(topics)].name]
        if queue:
            log.put(queue[0].message, queue.pop(0).time)
        # What is still to come may not be sealed away: the clock stands at the earliest of it.
        clock.set(min((q[0].time for q in waiting.values() if q), default=clock.now()))
        consumer.step()
        if number in restarts:
            consumer.close()
            consumer = build(log, books, writes)
    for queue in waiting.values():
        for entry in queue:
            log.put(entry.message, entry.time)
    clock.set(max((entry.time for entry in entries), default=0) + 3_600_000_000)
    for _ in range(10_000):
        if not consumer.step():
            log.seal([p for topic in topics for p in log.partitions(topic.name)], clock.now())
            if not consumer.step():
                break
    return _result(consumer.group, store, books, writes)


def _result(group: str, store: MemoryStore, books: MemoryBooks, writes: list[Any]) -> Result:
    events: dict[str, list[tuple[Any, ...]]] = {}
    for stored in store.after(0, 1_000_000):
        e = stored.event
        events.setdefault(e.stream, []).append((e.version, e.id, e.type, e.recorded, e.data, e.causation))
    rows = {row.key: row.data for row in books._rows.get(group, {}).values()}
    quarantined = sorted((refused.record.event.id, refused.reason) for refused in books.quarantine)
    return Result(rows, events, quarantined, writes)
