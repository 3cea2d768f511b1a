"""A service's own store, read as if it were a topic: for views over what is not on the log (personal, internal)."""

from collections.abc import Mapping, Sequence

from shared.clock import Micros
from shared.eventlog.memory import GRID_US, oldest
from shared.eventlog.port import Chunk, Mark, Partition, Record
from shared.eventstore.port import EventStore

OWN_STORE = "own.store"


class StoreAsLog:
    """``Readable`` over one store: one topic, one partition, offsets are positions, log time is recorded time."""

    grid = GRID_US

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._partition = Partition(OWN_STORE, 0)

    def partitions(self, topic: str) -> list[Partition]:
        if topic != OWN_STORE:
            raise KeyError(topic)
        return [self._partition]

    def read(self, marks: Mapping[Partition, Mark], limit: int) -> list[Chunk]:
        mark = marks[self._partition]
        stored = self._store.after(mark.next - 1, limit)
        if not stored:
            return []
        records = [Record(self._partition, entry.position, entry.event.recorded, entry.event) for entry in stored]
        following = Mark(stored[-1].position + 1, max(mark.time, stored[-1].event.recorded))
        return [Chunk(self._partition, records, following, following.time)]

    def seal(self, partitions: Sequence[Partition], when: Micros) -> bool:  # noqa: ARG002  # the port's shape
        """A view needs no completeness."""
        return False

    def ends(self, topic: str) -> dict[Partition, int]:
        [partition] = self.partitions(topic)
        return {partition: self._store.last() + 1}

    def waiting_since(self, marks: Mapping[Partition, Mark]) -> Micros | None:
        return oldest(self.read(marks, 1))
