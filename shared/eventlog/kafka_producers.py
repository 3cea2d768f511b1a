"""Sending to Kafka: one idempotent producer for all, and one with transactions per name that somebody holds."""

import itertools
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from shared.eventlog.kafka_client import Knocker, begun, unavailable
from shared.eventlog.kafka_watcher import TIMEOUT_MS, Watcher
from shared.eventlog.port import MAX_RECORD_BYTES, Fence, FencedError, LogUnavailableError, Message, Partition
from shared.events import wire

# A door says 503 after this: longer than one lost request, shorter than a gateway's patience.
SEND_MS = 6_000
# The coordinator of transactions refuses the next one for a moment; kafka-python sleeps so long before it asks again.
NEXT_TRANSACTION_MS = 10
FENCED = (ProducerFencedError, InvalidProducerEpochError)


class Routed(NamedTuple):
    """What Kafka gets of a message, and where; ``stamp`` (ms) is the sender's, for topics with CreateTime."""

    partition: Partition
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    stamp: int | None = None


def routed(message: Message, partition: Partition, stamp: int | None = None) -> Routed:
    event = message.event
    return Routed(partition, event.key.encode(), wire.to_value(event), wire.HEADERS, stamp)


class Producers:
    """Thread-safe. Raises ``LogUnavailableError``; who sends next begins anew."""

    def __init__(self, connection: Mapping[str, Any], prefix: str, watcher: Watcher) -> None:
        self._prefix, self._watcher = prefix, watcher
        self._settings = {
            **connection,
            "acks": "all",
            "enable_idempotence": True,
            "max_request_size": MAX_RECORD_BYTES,
            "max_block_ms": TIMEOUT_MS,
            "request_timeout_ms": TIMEOUT_MS,
            "delivery_timeout_ms": SEND_MS,
        }
        self._knocker = Knocker(self._settings)
        self._lock = threading.Lock()
        self._producer: Any = None
        self._epochs = itertools.count(1)
        self._fenced: dict[Fence, Any] = {}

    def plainly(self, messages: Sequence[Routed]) -> None:
        with self._lock:
            if self._producer is None:
                self._producer = self._knocker.begun(KafkaProducer)
            producer = self._producer
        try:
            self._put(producer, messages)
        except KafkaError as error:
            # An idempotent producer that lost a batch refuses the next ones: the next sender makes a new one.
            with self._lock:
                if self._producer is producer:
                    self._producer = None
            _end(producer)
            raise unavailable(error) from error

    def fence(self, name: str) -> Fence:
        """Take over the name; older holders can send no more."""
        producer = None
        transactions = {"transactional_id": self._prefix + name, "retry_backoff_ms": NEXT_TRANSACTION_MS}
        try:
            producer = begun(KafkaProducer, **self._settings, **transactions)
            producer.init_transactions()
        except KafkaError as error:
            if producer is not None:
                _end(producer)
            raise unavailable(error) from error
        with self._lock:
            fence = Fence(name, next(self._epochs))
            older = [self._fenced.pop(held) for held in list(self._fenced) if held.name == name]
            self._fenced[fence] = producer
        for it in older:
            _end(it)
        return fence

    def fencedly(self, messages: Sequence[Routed], fence: Fence) -> None:
        """One transaction; readers see all of it or nothing, and see it when this returns. Raises ``FencedError``."""
        producer = self._fenced.get(fence)
        if producer is None:
            raise FencedError(fence.name)
        try:
            producer.begin_transaction()
            last = self._put(producer, messages)
            producer.commit_transaction()
        except KafkaError as error:
            self._fenced.pop(fence, None)
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

    def _put(self, producer: Any, messages: Sequence[Routed]) -> dict[Partition, int]:
        """Send all and return the last offset of each partition; raises ``KafkaError``."""
        waiting = [
            producer.send(
                self._prefix + it.partition.topic,
                it.value,
                key=it.key,
                headers=it.headers,
                partition=it.partition.number,
                timestamp_ms=it.stamp,
            )
            for it in messages
        ]
        return {
            it.partition: future.get(timeout=SEND_MS / 1_000).offset
            for future, it in zip(waiting, messages, strict=True)
        }

    def close(self) -> None:
        with self._lock:
            for producer in [self._producer, *self._fenced.values()]:
                if producer is not None:
                    _end(producer)
            self._producer = None
            self._fenced.clear()


def _end(producer: Any) -> None:
    """At once: ``close`` alone waits for what cannot be sent, raises, and leaves its thread at work for ever."""
    producer._sender.force_close()  # noqa: SLF001  # there is no public way to give up what is not sent yet
    with suppress(KafkaError):
        producer.close(timeout=0)
