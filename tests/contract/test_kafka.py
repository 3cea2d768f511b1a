"""What only Kafka has: its own log times, transactions, clients that do not outlive a fork, and readers of any make."""

import json
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cloudevents.kafka import KafkaMessage, from_structured
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.kafka.broker import free_port
from shared.clock import DAY_US, HOUR_US, SECOND_US, WallClock
from shared.contracts.topics import PINGS, TOPICS
from shared.eventlog import kafka_reader
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.kafka_producers import routed
from shared.eventlog.kafka_reader import MS_US, UNREADABLE
from shared.eventlog.port import LogUnavailableError, Mark, Message, Partition, Record
from shared.events import wire
from tests.support.toys import LEFT, said

ONLY = Partition(LEFT.name, 0)


@pytest.fixture
def log(kafka: str) -> Iterator[KafkaLog]:
    """As in production: the broker's clock gives log times."""
    made = KafkaLog({"bootstrap_servers": kafka}, WallClock(), prefix=f"contract.{time.time_ns()}.")
    made.ensure([LEFT])
    yield made
    made.close()


def left(n: int) -> Message:
    return Message(LEFT.name, said("a", n, version=n, time=n * SECOND_US))


def all_of(log: KafkaLog) -> tuple[list[Record], Mark]:
    found, mark = list[Record](), Mark()
    while chunks := log.read({ONLY: mark}, 100):
        found += chunks[0].records
        mark = chunks[0].mark
    return found, mark


def versions(log: KafkaLog) -> list[int]:
    return [record.event.version for record in all_of(log)[0]]


def until_there(log: KafkaLog) -> list[int]:
    """A transaction's end is answered before its mark is written."""
    for _ in range(100):
        if found := versions(log):
            return found
        time.sleep(0.05)
    return []


def topic(log: KafkaLog) -> str:
    return log._prefix + LEFT.name


def test_log_time_is_the_brokers_whatever_the_sender_says(log: KafkaLog) -> None:
    before = WallClock().now()
    log.send([left(5)])
    [record], _ = all_of(log)
    assert before - SECOND_US < record.time < WallClock().now() + SECOND_US
    assert record.event.time == 5 * SECOND_US


def test_topics_are_made_to_keep_what_must_be_kept(kafka: str) -> None:
    log = KafkaLog({"bootstrap_servers": kafka}, WallClock(), prefix=f"made.{time.time_ns()}.", pings_days=3)
    log.ensure(TOPICS)
    with log._admin() as admin:
        names = {f"{log._prefix}{it.name}": it for it in TOPICS}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        [found] = admin.describe_configs(asked, config_filter="all").values()
        for name, it in names.items():
            said = {key: value["value"] for key, value in found[name].items()}
            assert said["message.timestamp.type"] == "LogAppendTime"
            assert said["cleanup.policy"] == ("compact" if it.compacted else "delete")
            assert said["retention.ms"] == ("-1" if it.retained else str(3 * DAY_US // MS_US))
    with pytest.raises(ValueError, match="has 8 partitions, not 9"):
        log.ensure([PINGS._replace(partitions=9)])
    log.close()


def test_a_seal_proves_an_instant_that_the_broker_has_passed_and_is_seen_by_nobody(log: KafkaLog) -> None:
    log.send([left(1)])
    [record], mark = all_of(log)
    log.seal([ONLY], record.time + HOUR_US)
    assert log.read({ONLY: mark}, 10) == []
    when = record.time + 100 * MS_US
    while not (chunks := log.read({ONLY: mark}, 10)):
        log.seal([ONLY], when)
        time.sleep(0.02)
    assert chunks[0].records == []
    assert chunks[0].complete >= when
    log.send([left(2)])
    assert [record.event.version for record in all_of(log)[0] if record.time >= chunks[0].complete] == [2]


def test_an_aborted_transaction_is_not_seen(log: KafkaLog, kafka: str) -> None:
    foreign = Producer({"bootstrap.servers": kafka, "transactional.id": topic(log)})
    foreign.init_transactions()
    foreign.begin_transaction()
    foreign.produce(topic(log), b"{}", key=b"a")
    foreign.flush()
    log.send([left(1)])
    foreign.abort_transaction()
    assert until_there(log) == [1]


def test_what_a_dead_relay_left_open_holds_readers_up_until_its_heir_has_ended_it(log: KafkaLog) -> None:
    dead = log._producers._fenced[log.fence("relay toy")]
    dead.begin_transaction()
    log._producers._put(dead, [routed(left(1), ONLY)])
    log.send([left(2)])
    assert versions(log) == []
    heir = log.fence("relay toy")
    log.send([left(3)], heir)
    assert versions(log) == [2, 3]


def test_a_name_taken_again_leaves_no_thread_of_the_older_holder(log: KafkaLog) -> None:
    log.send([left(1)], log.fence("relay toy"))
    before = threading.active_count()
    for _ in range(3):
        log.fence("relay toy")
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.1)
    assert threading.active_count() <= before


def test_a_forked_child_makes_clients_of_its_own_and_the_parents_go_on(log: KafkaLog) -> None:
    log.send([left(1)])
    assert versions(log) == [1]
    child = os.fork()
    if child == 0:
        try:
            log.send([left(2)])
            os._exit(versions(log) != [1, 2])
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    log.send([left(3)])
    assert versions(log) == [1, 2, 3]


def test_a_partition_that_stands_still_while_its_end_grows_gets_a_new_consumer(
    log: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_reader, "BEHIND_S", 0.1)
    monkeypatch.setattr(kafka_reader, "STUCK_S", 0.3)
    monkeypatch.setattr(kafka_reader, "LOOK_EVERY_S", 0.0)
    log.send([left(1)])
    _, mark = all_of(log)
    stuck = log._reader()._consumer
    monkeypatch.setattr(stuck, "poll", lambda **_: {})
    log.send([left(2)])
    assert log.read({ONLY: mark}, 10) == []
    for _ in range(50):
        if chunks := log.read({ONLY: mark}, 10):
            break
    assert [record.event.version for record in chunks[0].records] == [2]
    assert log._reader()._consumer is not stuck


def test_brokers_out_of_reach_are_told_in_time_and_leave_no_thread_behind() -> None:
    connection = {"bootstrap_servers": f"127.0.0.1:{free_port()}", "bootstrap_timeout_ms": 300}
    before = threading.active_count()
    log = KafkaLog(connection, WallClock())
    log._topics[LEFT.name] = 1
    for ask in (log.cluster, lambda: log.send([left(1)]), lambda: log.fence("x"), lambda: log.read({ONLY: Mark()}, 1)):
        with pytest.raises(LogUnavailableError):
            ask()
    began = time.monotonic()
    for _ in range(40):  # as many threads of a door that waited for the first one's try
        with pytest.raises(LogUnavailableError):
            log.send([left(1)])
        with pytest.raises(LogUnavailableError):
            log.ends(LEFT.name)
    assert time.monotonic() - began < 80 * 0.3
    log.close()
    assert threading.active_count() <= before


GOOD = {
    "ce_specversion": b"1.0",
    "ce_id": b"1",
    "ce_source": b"/leitbake/left",
    "ce_subject": b"a",
    "ce_type": b"toy.said.v1",
    "ce_time": b"2026-03-02T06:00:00Z",
    "ce_streamversion": b"1",
    "ce_recordedtime": b"2026-03-02T06:00:00Z",
}
JSON = {name.removeprefix("ce_"): value.decode() for name, value in GOOD.items()} | {"data": {"n": 1}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ce_subject": None},
        {"ce_subject": b"a\0"},
        {"ce_source": b"/other"},
        {"ce_id": b"\xff"},
        {"ce_streamversion": b"-1"},
        {"ce_streamversion": b"%d" % 2**63},
        {"ce_time": b"2026-03-02T06:00:00"},
    ],
)
def test_a_foreign_record_is_unreadable_and_a_stream_of_its_own(
    log: KafkaLog, kafka: str, headers: dict[str, bytes | None]
) -> None:
    foreign = Producer({"bootstrap.servers": kafka})
    foreign.produce(topic(log), b"hello", headers=list((GOOD | headers).items()) if headers else None)
    foreign.flush()
    [record], _ = all_of(log)
    assert record.event.type == UNREADABLE
    assert (record.event.stream, record.event.version) == (f"unreadable:{topic(log)}-0-0", 1)
    assert record.event.data == b"hello"


@pytest.mark.parametrize(
    "members",
    [
        {"subject": None},
        {"subject": "a\0"},
        {"source": "/other"},
        {"specversion": "0.3"},
        {"streamversion": "-1"},
        {"streamversion": str(2**63)},
        {"streamversion": 1},
        {"time": "2026-03-02T06:00:00"},
    ],
)
def test_a_foreign_object_is_unreadable_too(log: KafkaLog, kafka: str, members: dict[str, object]) -> None:
    value = json.dumps(JSON | members).encode()
    foreign = Producer({"bootstrap.servers": kafka})
    foreign.produce(topic(log), value, headers=[*wire.HEADERS])
    foreign.flush()
    [record], _ = all_of(log)
    assert (record.event.type, record.event.data) == (UNREADABLE, value)


@pytest.mark.parametrize("kind", [b"application/cloudevents+json", b"application/cloudevents+json; charset=utf-8"])
def test_what_others_write_in_structured_mode_is_read(log: KafkaLog, kafka: str, kind: bytes) -> None:
    foreign = Producer({"bootstrap.servers": kafka})
    foreign.produce(topic(log), json.dumps(JSON).encode(), headers=[("content-type", kind), ("trace", None)])
    foreign.flush()
    [record], _ = all_of(log)
    assert (record.event.stream, record.event.version, record.event.data) == ("left:a", 1, b'{"n": 1}')


def test_a_record_without_a_value_is_read_as_an_empty_one(log: KafkaLog, kafka: str) -> None:
    foreign = Producer({"bootstrap.servers": kafka})
    foreign.produce(topic(log), None, key=b"a", headers=list(GOOD.items()))
    foreign.flush()
    [record], _ = all_of(log)
    assert (record.event.stream, record.event.data) == ("left:a", b"")


def test_another_library_reads_our_records_as_cloudevents(log: KafkaLog, kafka: str) -> None:
    log.send([left(7)], log.fence("relay toy"))
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": topic(log), "isolation.level": "read_committed"})
    consumer.assign([TopicPartition(topic(log), 0, OFFSET_BEGINNING)])
    message = consumer.poll(30)
    consumer.close()
    assert message is not None
    headers: Any = message.headers()
    event = from_structured(
        KafkaMessage(dict(headers), message.key() or b"", message.value() or b""), None, lambda it: it
    )
    attributes = event.get_attributes()
    assert event.data == {"n": 7}
    assert (attributes["specversion"], attributes["type"]) == ("1.0", left(7).event.type)
    assert (attributes["id"], attributes["source"]) == (left(7).event.id, "/leitbake/toy")
    assert (attributes["subject"], attributes["time"]) == ("a", "1970-01-01T00:00:07Z")
    assert attributes["streamversion"] == "7"
    assert message.key() == b"a"
