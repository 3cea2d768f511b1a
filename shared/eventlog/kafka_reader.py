"""One thread's consumer of Kafka. It is told where to read each time; Kafka keeps no place for us (law 4)."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from shared.clock import Micros
from shared.eventlog.kafka_client import begun, unavailable
from shared.eventlog.kafka_watcher import TIMEOUT_MS, Watcher
from shared.eventlog.port import Chunk, LogUnavailableError, Mark, Partition, Record
from shared.events import wire
from shared.events.envelope import Event

logger = structlog.get_logger()

OLD_SEAL = "leitbake-seal"  # the type of seals until November 2026
SEAL_KEY = b"\0seal"  # no event's key; there are many seals, so they are small
UNREADABLE = "unreadable"
MS_US = 1_000
WAIT_MS = 10
BEHIND_S = 2.0
LOOK_EVERY_S = 1.0
STUCK_S = 30.0


class Reader:
    """Not thread-safe. Positions follow the marks it is given; a mark elsewhere means a seek.

    An empty poll proves nothing, so where something was sent, and once a second, it is held against the end of the
    log: an answer "nothing" is then true, an unreachable broker is noticed. So is, once a second, a partition that
    stands still while it has an end ahead (seen with clients after a broker's restart), whatever the others do: the
    consumer is thrown away for a new one.
    """

    def __init__(self, settings: Mapping[str, Any], prefix: str, watcher: Watcher) -> None:
        self._settings, self._prefix, self._watcher = settings, prefix, watcher
        self._consumer: Any = None
        self._positions: dict[Partition, int] = {}
        self._looked, self._told, self._watched = 0.0, -1, 0.0
        self._still: dict[Partition, tuple[int, float]] = {}

    def read(self, marks: Mapping[Partition, Mark], limit: int, sent: int) -> list[Chunk]:
        """``sent`` counts what this process sent: when it grew, "nothing" is checked."""
        try:
            self._place(marks)
            chunks = self._poll(marks, limit, WAIT_MS)
            now = time.monotonic()
            if not chunks and (sent != self._told or now - self._looked > LOOK_EVERY_S):
                ends = self._watcher.ends(marks)
                chunks = self._catch(marks, limit, ends)
                if not chunks:  # else more may lie there, and the next "nothing" has to be checked, too
                    self._told, self._looked = sent, time.monotonic()
                self._watch(marks, chunks, ends)
            elif chunks and now - self._watched > LOOK_EVERY_S:
                self._watched = now
                with suppress(LogUnavailableError):  # what came is there all the same
                    self._watch(marks, chunks, self._watcher.ends(marks))
        except KafkaError as error:
            self.close()
            raise unavailable(error) from error
        return chunks

    def _where(self, partition: Partition) -> TopicPartition:
        return TopicPartition(self._prefix + partition.topic, partition.number)

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False, timeout_ms=TIMEOUT_MS)
        self._consumer, self._positions, self._still = None, {}, {}

    def _place(self, marks: Mapping[Partition, Mark]) -> None:
        """Assign, seek where a mark is not where we stand, and pause what is not asked for."""
        self._open()
        if not marks.keys() <= self._positions.keys():
            self._consumer.assign([self._where(partition) for partition in {*marks, *self._positions}])
        for partition, mark in marks.items():
            if self._positions.get(partition) != mark.next:
                self._consumer.seek(self._where(partition), mark.next)
                self._positions[partition] = mark.next
                self._told = -1
        wanted = {self._where(partition) for partition in marks}
        paused = self._consumer.paused()
        if resting := self._consumer.assignment() - wanted - paused:
            self._consumer.pause(*resting)
        if woken := paused & wanted:
            self._consumer.resume(*woken)

    def _open(self) -> Any:
        if self._consumer is None:
            self._consumer = begun(
                KafkaConsumer,
                **self._settings,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",  # retention passed the mark: go on with the oldest there is
                isolation_level="read_committed",
                fetch_max_wait_ms=500,
                max_partition_fetch_bytes=8 << 20,
                fetch_max_bytes=64 << 20,
            )
        return self._consumer

    def _poll(self, marks: Mapping[Partition, Mark], limit: int, wait_ms: int) -> list[Chunk]:
        polled = self._consumer.poll(timeout_ms=wait_ms, max_records=limit * len(marks))
        chunks = []
        for partition, mark in marks.items():
            where = self._where(partition)
            position = self._consumer.position(where, timeout_ms=TIMEOUT_MS)
            if position is not None and position != mark.next:
                chunks.append(_chunk(partition, mark, polled.get(where, ()), position))
                self._positions[partition] = position
        return chunks

    def _catch(self, marks: Mapping[Partition, Mark], limit: int, ends: Mapping[Partition, int]) -> list[Chunk]:
        """Poll until what lies before ``ends`` begins to come."""
        limit_s = time.monotonic() + BEHIND_S
        while any(ends[partition] > mark.next for partition, mark in marks.items()) and time.monotonic() < limit_s:
            if chunks := self._poll(marks, limit, 50):
                return chunks
        return []

    def _watch(self, marks: Mapping[Partition, Mark], chunks: Sequence[Chunk], ends: Mapping[Partition, int]) -> None:
        """Throw the consumer away where a partition gives nothing for too long though there is something."""
        now, moved = time.monotonic(), {chunk.partition for chunk in chunks}
        still = {it: mark.next for it, mark in marks.items() if ends[it] > mark.next and it not in moved}
        known = {it: (next_, since) for it, (next_, since) in self._still.items() if still.get(it) == next_}
        self._still = {it: known.get(it, (next_, now)) for it, next_ in still.items()}
        stuck = sorted(it for it, (_, since) in self._still.items() if now - since > STUCK_S)
        if stuck:
            logger.warning("partition_stands_still", partitions=[f"{it.topic}/{it.number}" for it in stuck])
            self.close()


def _chunk(partition: Partition, mark: Mark, polled: Sequence[Any], position: int) -> Chunk:
    """Log times rise by a running maximum that the mark carries on; seals are hidden, but prove their instant."""
    time, records = mark.time, []
    for raw in polled:
        time = max(time, raw.timestamp * MS_US)
        if raw.key != SEAL_KEY and (event := _event(raw)).type != OLD_SEAL:
            records.append(Record(partition, raw.offset, time, event))
    return Chunk(partition, records, Mark(position, time), time)


def _event(raw: Any) -> Event:
    try:
        return wire.read(raw.headers, raw.value or b"")
    except wire.MalformedEnvelopeError:
        return _unreadable(raw)


def _unreadable(raw: Any) -> Event:
    """A foreign record: of a type that nobody knows, in a stream of its own, so that it is parked with its reason."""
    instant: Micros = raw.timestamp * MS_US
    stream = f"{UNREADABLE}:{raw.topic}-{raw.partition}-{raw.offset}"
    return Event(
        id=stream, type=UNREADABLE, stream=stream, version=1, time=instant, recorded=instant, data=raw.value or b""
    )
