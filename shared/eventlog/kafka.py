"""Kafka behind the port. Places, epochs and seats live in PostgreSQL (law 4): Kafka only keeps and orders records.

Topics have LogAppendTime, so log time is the broker's; a mark hidden from readers (``seal``) proves an instant. A relay
sends in transactions of its name, so a newer holder ends an older one; readers see committed records alone.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError, NoError
from kafka.structs import OffsetAndMetadata

from shared.clock import DAY_US, Clock, Micros
from shared.contracts.topics import Topic
from shared.eventlog import kafka_topics
from shared.eventlog.kafka_client import begun, unavailable
from shared.eventlog.kafka_producers import Producers, Routed, routed
from shared.eventlog.kafka_reader import MS_US, SEAL_KEY, Reader
from shared.eventlog.kafka_topics import Times
from shared.eventlog.kafka_watcher import TIMEOUT_MS, Watcher
from shared.eventlog.memory import oldest, route
from shared.eventlog.port import Chunk, Fence, Mark, Message, Partition

# Enough for 64 MB of records on a slow line.
ANSWER_MS = 10_000
# Left alone, a client tries for 30 s to reach the first broker, and rests for up to 30 s before it tries again. Where a
# network swallows packets, it waits 30 s for an answer.
PATIENCE = {
    "bootstrap_timeout_ms": TIMEOUT_MS,
    "reconnect_backoff_max_ms": 1_000,
    "request_timeout_ms": ANSWER_MS,
}
DAY_MS = DAY_US // MS_US
GRID_US = 100_000


class KafkaLog:
    """An ``EventLog`` on the brokers of ``connection`` (arguments of every kafka-python client: address, TLS, SASL).

    ``clock`` only tells when a seal is worth sending. ``prefix`` stands before every topic's name, for a cluster with
    several cities. ``times`` is a property of the topics it makes: tests with a steered clock let the sender set log
    times. Thread-safe; a forked child starts with clients of its own.
    """

    grid = GRID_US

    def __init__(
        self,
        connection: Mapping[str, Any],
        clock: Clock,
        *,
        prefix: str = "",
        replicas: int = 1,
        pings_days: int = 400,
        times: Times = "LogAppendTime",
    ) -> None:
        self._connection, self._clock, self._times = PATIENCE | dict(connection), clock, times
        self._prefix, self._replicas, self._pings_days = prefix, replicas, pings_days
        self._topics: dict[str, int] = {}
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A client does not outlive a fork: its sockets would be shared."""
        self._lock = threading.RLock()
        self._own = threading.local()
        self._readers: list[Reader] = []
        self._watcher = Watcher(self._connection, self._prefix)
        self._looking = threading.Lock()  # doors have many threads, and only look how old what waits is
        self._looker = Reader(self._connection, self._prefix, self._watcher)
        self._producers = Producers(self._connection, self._prefix, self._watcher)
        self._sent: Counter[str] = Counter()

    def ensure(self, topics: Sequence[Topic]) -> None:
        named = {self._prefix + topic.name: topic for topic in topics}
        with self._admin() as admin:
            found = kafka_topics.make(admin, named, self._properties(topics, {}), self._replicas)
        for name, topic in named.items():
            if found[name] != topic.partitions:
                raise ValueError(f"{topic.name} has {found[name]} partitions, not {topic.partitions}")
            self._topics[topic.name] = found[name]

    def set_right(self, topics: Sequence[Topic]) -> list[str]:
        """Give topics that somebody made otherwise the properties they need; what was changed. Their owner may do it.

        Raises ``LogUnavailableError`` and ``ValueError``.
        """
        with self._admin() as admin:
            copies = kafka_topics.copies(admin, [self._prefix + topic.name for topic in topics])
            return list(kafka_topics.set_right(admin, self._properties(topics, copies)))

    def _properties(self, topics: Sequence[Topic], copies: Mapping[str, int]) -> dict[str, dict[str, str]]:
        """``copies`` of topics that are there; others get as many as the settings say."""
        kept_ms, named = self._pings_days * DAY_MS, {self._prefix + topic.name: topic for topic in topics}
        return {
            name: kafka_topics.properties(topic, self._times, copies.get(name, self._replicas), kept_ms)
            for name, topic in named.items()
        }

    def cluster(self) -> str:
        """The cluster's id, which it keeps for life."""
        with self._admin() as admin:
            return str(admin.describe_cluster()["cluster_id"])

    def partitions(self, topic: str) -> list[Partition]:
        return [Partition(topic, number) for number in range(self._number(topic))]

    def _number(self, topic: str) -> int:
        if topic not in self._topics:
            with self._admin() as admin:
                if self._prefix + topic not in admin.list_topics():
                    raise KeyError(topic)
                [found] = admin.describe_topics([self._prefix + topic])
            self._topics[topic] = len(found["partitions"])
        return self._topics[topic]

    def fence(self, name: str) -> Fence:
        return self._producers.fence(name)

    def send(self, messages: Sequence[Message], fence: Fence | None = None) -> None:
        if not messages:
            return
        stamp = self._stamp()
        sent = [routed(message, route(message, self._number(message.topic)), stamp) for message in messages]
        self._hand_over(sent, fence)

    def _hand_over(self, sent: Sequence[Routed], fence: Fence | None = None) -> None:
        self._note(sent)
        if fence is None:
            self._producers.plainly(sent)
        else:
            self._producers.fencedly(sent, fence)
        self._note(sent)

    def _stamp(self) -> int | None:
        return None if self._times == "LogAppendTime" else self._clock.now() // MS_US

    def _note(self, sent: Sequence[Routed]) -> None:
        with self._lock:
            self._sent.update({it.partition.topic for it in sent})

    def read(self, marks: Mapping[Partition, Mark], limit: int) -> list[Chunk]:
        sent = sum(self._sent[topic] for topic in {partition.topic for partition in marks})
        return self._reader().read(marks, limit, sent)

    def seal(self, partitions: Sequence[Partition], when: Micros) -> bool:
        now = self._clock.now()
        if now < when or not partitions:
            return False
        self._hand_over([Routed(partition, SEAL_KEY, b"", [], self._stamp()) for partition in partitions])
        return True

    def ends(self, topic: str) -> dict[Partition, int]:
        return self._watcher.ends(self.partitions(topic))

    def waiting_since(self, marks: Mapping[Partition, Mark]) -> Micros | None:
        ends = self._watcher.ends(marks)
        behind = [(partition, mark) for partition, mark in marks.items() if mark.next < ends[partition]]
        with self._looking:
            return oldest(
                [chunk for partition, mark in behind for chunk in self._looker.read({partition: mark}, 1, -1)]
            )

    def seek(self, partition: Partition, time: Micros) -> Mark:
        return Mark(self._watcher.first_at(partition, -(-time // MS_US)), time)

    def hint(self, group: str, marks: Mapping[Partition, Mark]) -> None:
        """Tell Kafka how far a group is, for tools that show lag; nobody here reads it.

        Raises ``LogUnavailableError``, also where it would not take a place.
        """
        offsets = {
            TopicPartition(self._prefix + partition.topic, partition.number): OffsetAndMetadata(mark.next, "", None)
            for partition, mark in marks.items()
        }
        with self._admin() as admin:
            answers = admin.alter_group_offsets(self._prefix + group, offsets)
            for refusal in {answer for answer in answers.values() if answer is not NoError}:
                raise refusal(self._prefix + group)

    def close(self) -> None:
        with self._lock:
            for reader in [*self._readers, self._looker]:
                reader.close()
            self._watcher.close()
            self._producers.close()
            self._forget()

    def _reader(self) -> Reader:
        """This thread's own: a consumer is for one thread, and keeps what it fetched ahead for it."""
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = Reader(self._connection, self._prefix, self._watcher)
            with self._lock:
                self._readers.append(reader)
        return reader

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        try:
            with closing(begun(KafkaAdminClient, **self._connection)) as admin:
                yield admin
        except KafkaError as error:
            raise unavailable(error) from error
