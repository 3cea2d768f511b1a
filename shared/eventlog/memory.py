"""The log in memory, for unit tests and backtests; its clock may be steered."""

import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import groupby

from shared.clock import Clock, Micros
from shared.contracts.topics import Topic
from shared.eventlog.partitioner import partition_of
from shared.eventlog.port import Chunk, Fence, FencedError, Mark, Message, Partition, Record

GRID_US = 50_000


class MemoryLog:
    """An ``EventLog`` without durability."""

    grid = GRID_US

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: dict[Partition, list[Record]] = {}
        self._times: dict[Partition, Micros] = {}
        self._topics: dict[str, list[Partition]] = {}
        self._fences: dict[str, int] = {}
        self._lock = threading.RLock()

    def ensure(self, topics: Sequence[Topic]) -> None:
        with self._lock:
            for topic in topics:
                partitions = [Partition(topic.name, number) for number in range(topic.partitions)]
                if self._topics.setdefault(topic.name, partitions) != partitions:
                    raise ValueError(f"{topic.name} has other partitions")
                for partition in partitions:
                    self._records.setdefault(partition, [])
                    self._times.setdefault(partition, 0)

    def partitions(self, topic: str) -> list[Partition]:
        return self._topics[topic]

    def fence(self, name: str) -> Fence:
        with self._lock:
            self._fences[name] = self._fences.get(name, 0) + 1
            return Fence(name, self._fences[name])

    def send(self, messages: Sequence[Message], fence: Fence | None = None) -> None:
        with self._lock:
            if fence is not None and self._fences[fence.name] != fence.epoch:
                raise FencedError(fence.name)
            now = self._clock.now()
            for message in messages:
                self.put(message, now)

    def put(self, message: Message, time: Micros) -> None:
        """Append with a log time of the caller's (a backtest's ``received_time``), raised to the running maximum."""
        partition = route(message, len(self._topics[message.topic]))
        records = self._records[partition]
        self._times[partition] = max(self._times[partition], time)
        records.append(Record(partition, len(records), self._times[partition], message.event))

    def read(self, marks: Mapping[Partition, Mark], limit: int) -> list[Chunk]:
        chunks = []
        with self._lock:
            for partition, mark in marks.items():
                head = self._times[partition]
                records = self._records[partition][mark.next : mark.next + limit]
                chunk = chunk_of(partition, mark, records, head, exhausted=len(records) < limit)
                if chunk is not None:
                    chunks.append(chunk)
        return chunks

    def seal(self, partitions: Sequence[Partition], when: Micros) -> bool:
        now = self._clock.now()
        if now < when:
            return False
        with self._lock:
            for partition in partitions:
                self._times[partition] = max(self._times[partition], now)
        return True

    def ends(self, topic: str) -> dict[Partition, int]:
        with self._lock:
            return {partition: len(self._records[partition]) for partition in self._topics[topic]}

    def waiting_since(self, marks: Mapping[Partition, Mark]) -> Micros | None:
        return oldest(self.read(marks, 1))

    def seek(self, partition: Partition, time: Micros) -> Mark:
        with self._lock:
            return Mark(bisect_left(self._records[partition], time, key=lambda record: record.time), time)

    def close(self) -> None:
        """Nothing is held."""


def oldest(chunks: Sequence[Chunk]) -> Micros | None:
    """The log time of the oldest record among what was read."""
    return min((chunk.records[0].time for chunk in chunks if chunk.records), default=None)


def route(message: Message, partitions: int) -> Partition:
    number = message.partition
    return Partition(message.topic, partition_of(message.event.key, partitions) if number is None else number)


def by_partition(messages: Sequence[Message], partitions: Mapping[str, int]) -> dict[Partition, list[Message]]:
    """Messages by where they go, partitions sorted, their order within one kept."""
    routed = sorted(
        ((route(message, partitions[message.topic]), message) for message in messages), key=lambda pair: pair[0]
    )
    return {where: [message for _, message in group] for where, group in groupby(routed, key=lambda pair: pair[0])}


def chunk_of(
    partition: Partition, mark: Mark, records: Sequence[Record], head: Micros, *, exhausted: bool
) -> Chunk | None:
    """What a read proved: up to ``head`` where nothing was left, else up to the last record's time."""
    complete = head if exhausted else records[-1].time
    if not records and complete <= mark.time:
        return None
    following = records[-1].offset + 1 if records else mark.next
    return Chunk(partition, records, Mark(following, complete), complete)
