"""Where the ends of Kafka's partitions are. Asked on a connection of its own, on which nobody waits for records.

A broker answers one request per connection at a time: behind a fetch that waits for records, a question waits, too.
"""

import threading
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, LeaderNotAvailableError

from shared.eventlog.kafka_client import Knocker, unavailable
from shared.eventlog.port import Partition

TIMEOUT_MS = 5_000


class Watcher:
    """Thread-safe. Raises ``LogUnavailableError``; the next call begins anew."""

    def __init__(self, settings: Mapping[str, Any], prefix: str) -> None:
        alone = {"group_id": None, "enable_auto_commit": False, "isolation_level": "read_committed"}
        self._knocker, self._prefix = Knocker({**settings, **alone}), prefix
        self._consumer: Any = None
        self._lock = threading.Lock()

    def ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The offset after the last committed record of each.

        Topic by topic: asked for several, kafka-python 3.0 forgets those whose leader it has not heard of yet.
        """
        found: dict[Partition, int] = {}
        for _, group in groupby(sorted(partitions), key=lambda partition: partition.topic):
            of_topic = {partition: self._where(partition) for partition in group}
            ends = self._ask("end_offsets", list(of_topic.values()))
            found |= {partition: ends[where] for partition, where in of_topic.items()}
        return found

    def first_at(self, partition: Partition, time_ms: int) -> int:
        """The offset of the first record at or after the instant (ms), or the end."""
        where = self._where(partition)
        found = self._ask("offsets_for_times", {where: time_ms})[where]
        return self.ends([partition])[partition] if found is None else int(found.offset)

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, question: str, about: Any) -> Mapping[TopicPartition, Any]:
        with self._lock:
            if self._consumer is None:
                self._consumer = self._knocker.begun(KafkaConsumer)
            try:
                answer: dict[TopicPartition, Any] = getattr(self._consumer, question)(about, TIMEOUT_MS)
                if not answer.keys() >= set(about):
                    raise LeaderNotAvailableError(str(about))
            except KafkaError as error:
                self._end()
                raise unavailable(error) from error
            return answer

    def _end(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False, timeout_ms=TIMEOUT_MS)
        self._consumer = None

    def _where(self, partition: Partition) -> TopicPartition:
        return TopicPartition(self._prefix + partition.topic, partition.number)
