"""The runner of deciders with several inputs: they decide on a grid of log time.

A grid point is decided once every input is complete before it. All records before it are folded in the order (time,
topic, key, version), then rows that were set or are due are looked at. So the result does not depend on how the inputs
raced each other, on batches or on restarts. Points with nothing to do are skipped.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from shared.clock import SECOND_US, Micros
from shared.eventlog.port import Mark, Partition, Readable, Record
from shared.events.codec import follow_up
from shared.events.envelope import Event
from shared.eventstore.port import Batch
from shared.projection.books import Books, Effects
from shared.projection.consumer import Consumer
from shared.projection.protocols import Decision, GridDecider, Output
from shared.projection.rows import TrackedRows

LIMIT = 5_000
# Inputs are read ahead of the slowest one by this much log time at most: it bounds the buffer.
AHEAD_US = 60 * SECOND_US


class Write(NamedTuple):
    """What a decision at ``decided`` wants written, for the sink."""

    decided: Micros
    content: Any


# Carries out writes in the transaction (None in memory) and returns events to append with them.
Sink = Callable[[Any, Sequence[Write]], Sequence[Batch]]


class GridRunner(Consumer):
    """Runs a ``GridDecider``; one in the city works."""

    whole = True

    def __init__(
        self,
        decider: GridDecider,
        log: Readable,
        books: Books,
        *,
        grid: Micros | None = None,
        sink: Sink | None = None,
        limit: int = LIMIT,
    ) -> None:
        super().__init__(log, books, decider.group, decider.topics)
        self._decider, self._grid, self._sink, self._limit = decider, grid or log.grid, sink, limit
        self.rows = TrackedRows(decider.row_type, ())
        self._buffers: dict[Partition, deque[Record]] = {}
        self._read: dict[Partition, Mark] = {}
        self._complete: dict[Partition, Micros] = {}
        self.decided: Micros = 0
        self._sealed: Micros = 0

    def join(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            mark = self.places[partition].mark
            self._buffers[partition], self._read[partition], self._complete[partition] = deque(), mark, mark.time
        self.rows = TrackedRows(self._decider.row_type, self.books.rows(self.group, self.all))
        self.decided = max(place.mark.time for place in self.places.values())

    def leave(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            for memory in (self._buffers, self._read, self._complete):
                memory.pop(partition, None)

    def work(self) -> bool:
        moved = self._fill()
        horizon = min(self._complete.values())
        step = _Step(self)
        while (point := self.next_point()) is not None and point <= horizon and step.folded < self._limit:
            step.decide(point)
        if step.points or self._passed_hidden():
            self._commit(step)
        if not step.points and point is not None:
            sealed = self.log.seal([p for p in self.all if self._complete[p] < point], point)
            # At once again; but only once, as a broker's clock may be behind ours.
            moved, self._sealed = moved or (sealed and point != self._sealed), point if sealed else 0
        return moved or step.points > 0

    def next_point(self) -> Micros | None:
        """The next grid point with something to do: a record strictly before it, or a timer at or before it."""
        times = [buffer[0].time // self._grid * self._grid + self._grid for buffer in self._buffers.values() if buffer]
        due = self.rows.next_due()
        if due is not None:
            times.append(max(-(-due // self._grid) * self._grid, self.decided + self._grid))
        return min(times) if times else None

    def _passed_hidden(self) -> bool:
        """Whether reading went past what the log keeps for itself (seals, ends of transactions), and nothing waits."""
        return not any(self._buffers.values()) and any(
            self._read[partition].next != place.mark.next for partition, place in self.places.items()
        )

    def _fill(self) -> bool:
        limit = min(self._complete.values()) + AHEAD_US
        marks = {
            partition: mark
            for partition, mark in self._read.items()
            if not (self._buffers[partition] and self._buffers[partition][-1].time > limit)
        }
        chunks = self.log.read(marks, self._limit)
        for chunk in chunks:
            self._buffers[chunk.partition].extend(chunk.records)
            self._read[chunk.partition] = chunk.mark
            self._complete[chunk.partition] = max(self._complete[chunk.partition], chunk.complete)
        return bool(chunks)

    def take_before(self, point: Micros) -> list[Record]:
        """Remove and return what is to be folded before ``point``, in the order of the law."""
        taken = []
        for buffer in self._buffers.values():
            while buffer and buffer[0].time < point:
                taken.append(buffer.popleft())
        taken.sort(key=lambda r: (r.time, r.partition.topic, r.event.key, r.event.stream, r.event.version, r.offset))
        return taken

    def _commit(self, step: "_Step") -> None:
        places = {}
        for partition, place in self.places.items():
            buffer = self._buffers[partition]
            following = buffer[0].offset if buffer else self._read[partition].next
            places[partition] = place._replace(mark=Mark(following, self.decided))
        moves = {partition: (self.places[partition], place) for partition, place in places.items()}
        effects = step.effects()

        def work(tx: Any) -> Effects:
            if not step.writes or self._sink is None:
                return effects
            return effects._replace(events=[*effects.events, *self._sink(tx, step.writes)])

        self.books.commit(self.group, moves, work)
        self.places = places

    @property
    def decider(self) -> GridDecider:
        return self._decider


class _Step:
    """One or more grid points on their way to a commit."""

    def __init__(self, runner: GridRunner) -> None:
        self.points = self.folded = 0
        self.writes: list[Write] = []
        self._runner, self._decider = runner, runner.decider
        self._events: dict[str, list[Event]] = {}
        self._cause: Event | None = None

    def decide(self, point: Micros) -> None:
        runner = self._runner
        for record in runner.take_before(point):
            runner.streams.offer(record, self._fold)
            self.folded += 1
        output = self._decider.decide(runner.rows, runner.rows.wake(point), point)
        self._take(output, point)
        runner.rows.settle(point)
        runner.decided = point
        self.points += 1
        self._cause = None

    def _fold(self, record: Record) -> None:
        fact = self._decider.decode(record.event)
        if fact is not None:
            self._decider.fold(self._runner.rows, fact, record)
            self._cause = record.event

    def _take(self, output: Output, point: Micros) -> None:
        for decision in output.decisions:
            self._append(decision, point)
        self.writes.extend(Write(point, content) for content in output.writes)

    def _append(self, decision: Decision, point: Micros) -> None:
        rows = self._runner.rows
        row = rows[decision.stream]
        events = self._events.setdefault(decision.stream, [])
        for version, payload in enumerate(decision.payloads, row.version + 1):
            events.append(
                follow_up(
                    payload,
                    decider=self._decider.group,
                    stream=decision.stream,
                    version=version,
                    decided=point,
                    cause=self._cause,
                )
            )
        rows.raise_version(decision.stream, len(decision.payloads))

    def effects(self) -> Effects:
        batches = [Batch(stream, events[0].version - 1, events) for stream, events in self._events.items() if events]
        return self._runner.streams.effects()._replace(rows=self._runner.rows.taken(), events=batches)
