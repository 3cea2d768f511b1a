"""Kafka behind the port. Places, epochs and seats live in PostgreSQL (law 4): Kafka only keeps and orders records.

Topics have LogAppendTime, so log time is the broker's; a mark hidden from readers (``seal``) proves an instant. A relay
sends in transactions of its name, so a newer holder ends an older one; readers see committed records alone.
"""

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.errors import InvalidProducerEpochError, KafkaError, NoError, ProducerFencedError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from shared.clock import DAY_US, Clock, Micros
from shared.contracts.topics import Topic
from shared.eventlog.kafka_client import begun, unavailable
from shared.eventlog.kafka_reader import MS_US, SEAL, Reader
from shared.eventlog.kafka_watcher import TIMEOUT_MS, Watcher
from shared.eventlog.memory import oldest, route
from shared.eventlog.port import Chunk, Fence, FencedError, LogUnavailableError, Mark, Message, Partition
from shared.events import wire
from shared.events.envelope import Event

# Enough for 64 MB of records on a slow line.
ANSWER_MS = 10_000
# A door says 503 after this: longer than one lost request, shorter than a gateway's patience.
SEND_MS = 6_000
AWAY_S = 1.0
# Left alone, a client tries for 30 s to reach the first broker, and rests for up to 30 s before it tries again. Where a
# network swallows packets, it waits 30 s for an answer.
PATIENCE = {
    "bootstrap_timeout_ms": TIMEOUT_MS,
    "reconnect_backoff_max_ms": 1_000,
    "request_timeout_ms": ANSWER_MS,
}
FENCED = (ProducerFencedError, InvalidProducerEpochError)
DAY_MS = DAY_US // MS_US
FOR_EVER = -1
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
        times: Literal["LogAppendTime", "CreateTime"] = "LogAppendTime",
    ) -> None:
        self._connection, self._clock, self._times = PATIENCE | dict(connection), clock, times
        self._prefix, self._replicas, self._pings_days = prefix, replicas, pings_days
        self._topics: dict[str, int] = {}
        self._epochs = itertools.count(1)
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
        self._producer: Any = None
        self._away_until = 0.0
        self._fenced: dict[Fence, Any] = {}
        self._sent: Counter[str] = Counter()

    def ensure(self, topics: Sequence[Topic]) -> None:
        with self._admin() as admin:
            there = set(admin.list_topics())
            missing = {
                self._prefix + topic.name: self._shape(topic)
                for topic in topics
                if self._prefix + topic.name not in there
            }
            if missing:
                with suppress(TopicAlreadyExistsError):  # another process makes them at the same moment
                    admin.create_topics(missing)
                admin.wait_for_topics(list(missing))
            for found in admin.describe_topics([self._prefix + topic.name for topic in topics]):
                self._topics[found["name"].removeprefix(self._prefix)] = len(found["partitions"])
        for topic in topics:
            if self._topics[topic.name] != topic.partitions:
                raise ValueError(f"{topic.name} has {self._topics[topic.name]} partitions, not {topic.partitions}")

    def cluster(self) -> str:
        """The cluster's id, which it keeps for life."""
        with self._admin() as admin:
            return str(admin.describe_cluster()["cluster_id"])

    def _shape(self, topic: Topic) -> dict[str, Any]:
        retention = FOR_EVER if topic.retained else self._pings_days * DAY_MS
        configs = {
            "message.timestamp.type": self._times,
            "cleanup.policy": "compact" if topic.compacted else "delete",
            "retention.ms": str(retention),
            "min.insync.replicas": str(max(1, self._replicas - 1)),
        }
        return {"num_partitions": topic.partitions, "replication_factor": self._replicas, "configs": configs}

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
        producer = None
        try:
            producer = begun(KafkaProducer, **self._producing(), transactional_id=self._prefix + name)
            producer.init_transactions()
        except KafkaError as error:
            if producer is not None:
                _end(producer)
            raise unavailable(error) from error
        for older in [fence for fence in self._fenced if fence.name == name]:
            _end(self._fenced.pop(older))
        fence = Fence(name, next(self._epochs))
        self._fenced[fence] = producer
        return fence

    def send(self, messages: Sequence[Message], fence: Fence | None = None) -> None:
        if not messages:
            return
        routed = [(route(message, self._number(message.topic)), message) for message in messages]
        self._note(messages)
        if fence is None:
            self._plainly(routed)
        else:
            self._fencedly(routed, fence)
        self._note(messages)

    def _note(self, messages: Sequence[Message]) -> None:
        with self._lock:
            self._sent.update({message.topic for message in messages})

    def _plainly(self, routed: Sequence[tuple[Partition, Message]]) -> None:
        with self._lock:
            if self._producer is None:
                self._producer = self._new_producer()
            producer = self._producer
        try:
            self._put(producer, routed)
        except KafkaError as error:
            # An idempotent producer that lost a batch refuses the next ones: the next sender makes a new one.
            with self._lock:
                if self._producer is producer:
                    self._producer = None
            _end(producer)
            raise unavailable(error) from error

    def _new_producer(self) -> Any:
        """Whoever waited while another one tried in vain is told so at once: doors have many threads."""
        if time.monotonic() < self._away_until:
            raise LogUnavailableError("Kafka: could not be reached a moment ago")
        try:
            return self._reached(KafkaProducer, self._producing())
        except LogUnavailableError:
            self._away_until = time.monotonic() + AWAY_S
            raise

    def _fencedly(self, routed: Sequence[tuple[Partition, Message]], fence: Fence) -> None:
        """One transaction; readers see all of it or nothing, and see it when this returns."""
        producer = self._fenced.get(fence)
        if producer is None:
            raise FencedError(fence.name)
        try:
            producer.begin_transaction()
            last = self._put(producer, routed)
            producer.commit_transaction()
        except KafkaError as error:
            del self._fenced[fence]
            _end(producer)
            if isinstance(error, FENCED):
                raise FencedError(fence.name) from error
            raise unavailable(error) from error
        self._await_visible(last)

    def _await_visible(self, last: Mapping[Partition, int]) -> None:
        """A commit is answered before its markers are written; until then readers stop before the records."""
        end = time.monotonic() + TIMEOUT_MS / 1_000
        while time.monotonic() < end:
            seen = self._watcher.ends(last)
            if all(seen[partition] > offset for partition, offset in last.items()):
                return
            time.sleep(0.002)
        raise LogUnavailableError("Kafka: a commit has not become visible")

    def _put(self, producer: Any, routed: Sequence[tuple[Partition, Message]]) -> dict[Partition, int]:
        """Send all and return the last offset of each partition; raises ``KafkaError``."""
        stamp = None if self._times == "LogAppendTime" else self._clock.now() // MS_US
        waiting = [
            producer.send(
                self._prefix + partition.topic,
                wire.to_value(message.event),
                key=message.event.key.encode(),
                headers=wire.HEADERS,
                partition=partition.number,
                timestamp_ms=stamp,
            )
            for partition, message in routed
        ]
        return {
            partition: future.get(timeout=SEND_MS / 1_000).offset
            for future, (partition, _) in zip(waiting, routed, strict=True)
        }

    def read(self, marks: Mapping[Partition, Mark], limit: int) -> list[Chunk]:
        sent = sum(self._sent[topic] for topic in {partition.topic for partition in marks})
        return self._reader().read(marks, limit, sent)

    def seal(self, partitions: Sequence[Partition], when: Micros) -> bool:
        now = self._clock.now()
        if now < when or not partitions:
            return False
        event = Event(
            id=f"{SEAL}-{now}", type=SEAL, stream=f"log:{SEAL}", version=0, time=now, recorded=now, data=b"{}"
        )
        self.send([Message(partition.topic, event, partition.number) for partition in partitions])
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
            for producer in [self._producer, *self._fenced.values()]:
                if producer is not None:
                    _end(producer)
            self._forget()

    def _reader(self) -> Reader:
        """This thread's own: a consumer is for one thread, and keeps what it fetched ahead for it."""
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = Reader(self._connection, self._prefix, self._watcher)
            with self._lock:
                self._readers.append(reader)
        return reader

    def _producing(self) -> dict[str, Any]:
        return {
            **self._connection,
            "acks": "all",
            "enable_idempotence": True,
            "max_block_ms": TIMEOUT_MS,
            "request_timeout_ms": TIMEOUT_MS,
            "delivery_timeout_ms": SEND_MS,
        }

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        admin = self._reached(KafkaAdminClient, self._connection)
        try:
            yield admin
        except KafkaError as error:
            raise unavailable(error) from error
        finally:
            admin.close()

    @staticmethod
    def _reached(client: Any, settings: Mapping[str, Any]) -> Any:
        try:
            return begun(client, **settings)
        except KafkaError as error:
            raise unavailable(error) from error


def _end(producer: Any) -> None:
    """At once: ``close`` alone waits for what cannot be sent, raises, and leaves its thread at work for ever."""
    producer._sender.force_close()  # noqa: SLF001  # there is no public way to give up what is not sent yet
    with suppress(KafkaError):
        producer.close(timeout=0)
