"""Deciding again beside the living: a decider run over the log from its first record, writing nowhere."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from shared.clock import Micros
from shared.eventlog.port import Chunk, Mark, Partition, Readable
from shared.eventstore.memory import MemoryStore
from shared.projection.books import StateRow
from shared.projection.books_memory import MemoryBooks
from shared.projection.grid import GridRunner, Sink
from shared.projection.protocols import GridDecider


class UpTo:
    """``Readable`` that ends at an instant: no record at or after it, complete up to it, and nothing is sealed."""

    def __init__(self, log: Readable, end: Micros) -> None:
        self._log, self._end = log, end

    @property
    def grid(self) -> Micros:
        return self._log.grid

    def partitions(self, topic: str) -> list[Partition]:
        return self._log.partitions(topic)

    def read(self, marks: Mapping[Partition, Mark], limit: int) -> list[Chunk]:
        found = {chunk.partition: chunk for chunk in self._log.read(marks, limit)}
        return [
            cut
            for partition, mark in marks.items()
            if (cut := self._cut(found.get(partition), partition, mark)) is not None
        ]

    def _cut(self, chunk: Chunk | None, partition: Partition, mark: Mark) -> Chunk | None:
        if chunk is None or mark.time >= self._end:
            return None
        records = list(takewhile(lambda record: record.time < self._end, chunk.records))
        complete = min(chunk.complete, self._end)
        whole = len(records) == len(chunk.records)
        following = chunk.mark.next if whole else chunk.records[len(records)].offset
        if following == mark.next and complete <= mark.time:
            return None
        return Chunk(partition, records, Mark(following, complete), complete)

    def seal(self, partitions: Sequence[Partition], when: Micros) -> bool:  # noqa: ARG002  # the port's shape
        """The past needs no seal."""
        return False

    def ends(self, topic: str) -> dict[Partition, int]:
        return self._log.ends(topic)

    def waiting_since(self, marks: Mapping[Partition, Mark]) -> Micros | None:
        return self._log.waiting_since(marks)


def decide_again(
    decider: GridDecider, log: Readable, end: Micros, *, sink: Sink | None = None
) -> tuple[dict[str, StateRow], MemoryStore]:
    """The rows and events that ``decider`` comes to when it decides everything up to the grid point ``end`` anew."""
    store = MemoryStore()
    books = MemoryBooks(store)
    runner = GridRunner(decider, UpTo(log, end), books, sink=sink)
    while runner.step():
        pass
    return {row.key: row for row in books.rows(decider.group, runner.all)}, store
