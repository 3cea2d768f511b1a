"""Kafka's offsets have gaps, and a read may end anywhere: nobody who reads takes that for the end."""

import time
from collections.abc import Iterator
from typing import cast

import msgspec
import pytest
from kafka import TopicPartition

from services.beacons.application.fleet_pings import raw_pings
from services.suite.commands.ops import _records
from services.suite.ops.application import look
from shared.clock import SteeredClock, WallClock
from shared.contracts.topics import PINGS
from shared.eventlog import kafka_reader
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.port import EventLog, Mark, Message, Partition, Record
from shared.events.envelope import Event
from shared.projection.sandbox import UpTo
from tests.conftest import START_US
from tests.faults.city import wait_for
from tests.support.toys import LEFT, SAYINGS, said

ONLY = Partition(LEFT.name, 0)
SEALS = 60
LARGE = 4_000


@pytest.fixture
def log(kafka: str) -> Iterator[KafkaLog]:
    made = KafkaLog({"bootstrap_servers": kafka}, WallClock(), prefix=f"gaps.{time.time_ns()}.")
    made.ensure([LEFT, SAYINGS, PINGS])
    yield made
    made.close()


@pytest.fixture
def sealed(log: KafkaLog) -> KafkaLog:
    """A record, many marks that nobody sees, and a record."""
    for n in (1, 2):
        log.send([Message(LEFT.name, said("a", n, version=n))])
        for _ in range(SEALS if n == 1 else 0):
            log.seal([ONLY], 0)
    return log


def versions(records: list[Record]) -> list[int]:
    return [record.event.version for record in records]


def test_a_mark_that_nobody_sees_costs_little(sealed: KafkaLog) -> None:
    reader = sealed._reader()
    reader.read({ONLY: Mark()}, 1, 0)
    raw = [it for found in reader._consumer.poll(2_000).values() for it in found]
    assert {(it.value, tuple(it.headers)) for it in raw if it.key == kafka_reader.SEAL_KEY} == {(b"", ())}


def test_a_mark_of_before_is_hidden_and_a_device_of_its_name_is_not(log: KafkaLog) -> None:
    old = msgspec.structs.replace(said("leitbake-seal", 1, category="log"), type="leitbake-seal")
    log.send([Message(LEFT.name, old), Message(LEFT.name, said("leitbake-seal", 2))])
    [chunk] = log.read({ONLY: Mark()}, 10)
    assert [record.event.data for record in chunk.records] == [b'{"n":2}']


def test_deciding_again_reads_on_behind_them(sealed: KafkaLog) -> None:
    past, mark, found = UpTo(sealed, 2 * WallClock().now()), Mark(), list[Record]()
    for _ in range(SEALS):
        for chunk in past.read({ONLY: mark}, 10):
            found += chunk.records
            mark = chunk.mark
    assert versions(found) == [1, 2]


def test_deciding_again_stops_at_its_end_and_hands_out_nothing_twice(sealed: KafkaLog) -> None:
    [first, *_] = sealed.read({ONLY: Mark()}, 1)
    past, mark, found = UpTo(sealed, first.records[0].time + 1), Mark(), list[Record]()
    while chunks := past.read({ONLY: mark}, 10):
        found += chunks[0].records
        mark = chunks[0].mark
    assert versions(found) == [1]


def test_so_do_a_list_and_a_page_of_the_log(sealed: KafkaLog, monkeypatch: pytest.MonkeyPatch) -> None:
    read = sealed.read
    monkeypatch.setattr(sealed, "read", lambda marks, limit: read(marks, min(limit, 10)))
    assert versions(list(_records(cast("EventLog", sealed), LEFT.name, None))) == [1, 2]
    records, following = look.records_from(sealed, ONLY, 0, 50)
    assert (versions(records), following) == ([1, 2], sealed.ends(LEFT.name)[ONLY])
    records, following = look.records_from(sealed, ONLY, 0, 1)
    assert versions(records) == [1]
    assert versions(look.records_from(sealed, ONLY, following, 1)[0]) == [2]


def test_all_raw_pings_of_a_light_come_however_many_fetches_they_take(log: KafkaLog) -> None:
    def ping(n: int) -> Event:
        return msgspec.structs.replace(said("LT-1", n, category="ping"), data=b'"%s"' % (b"x" * LARGE))

    count = 10_000_000 // LARGE
    for first in range(0, count, 500):
        log.send([Message(PINGS.name, ping(n)) for n in range(first, first + 500)])
    assert sum(1 for _ in raw_pings(cast("EventLog", log), "LT-1", 0)) == count


def test_one_partition_that_stands_still_among_others_that_flow_gets_a_new_consumer(
    log: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_reader, "STUCK_S", 0.3)
    monkeypatch.setattr(kafka_reader, "LOOK_EVERY_S", 0.0)
    marks = {partition: Mark() for partition in log.partitions(SAYINGS.name)}
    quiet = min(marks)
    log.send([Message(SAYINGS.name, said("b", n), n % 8) for n in range(8)])
    for chunk in log.read(marks, 10):
        marks[chunk.partition] = chunk.mark
    stuck = log._reader()._consumer
    stuck.pause(TopicPartition(log._prefix + quiet.topic, quiet.number))
    monkeypatch.setattr(stuck, "resume", lambda *_: None)
    log.send([Message(SAYINGS.name, said("a", 1), quiet.number)])
    found, end = list[Record](), time.monotonic() + 20
    while not any(record.event.key == "a" for record in found) and time.monotonic() < end:
        log.send([Message(SAYINGS.name, said("b", n), n) for n in range(1, 8)])
        for chunk in log.read(marks, 100):
            found += chunk.records
            marks[chunk.partition] = chunk.mark
    assert [record.partition for record in found if record.event.key == "a"] == [quiet]
    assert len(found) > 7
    assert log._reader()._consumer is not stuck


def test_topics_that_somebody_made_otherwise_are_set_right(kafka: str) -> None:
    careless = KafkaLog(
        {"bootstrap_servers": kafka}, WallClock(), prefix=f"wrong.{time.time_ns()}.", times="CreateTime"
    )
    careless.ensure([LEFT, PINGS])
    # A setting of three copies makes none of what lies on one broker: it must not ask for two there.
    log = KafkaLog({"bootstrap_servers": kafka}, WallClock(), prefix=careless._prefix, pings_days=3, replicas=3)
    log.ensure([LEFT, PINGS])
    changed = log.set_right([LEFT, PINGS])
    assert [line.removeprefix(log._prefix) for line in changed] == [
        "toy.left: message.timestamp.type was CreateTime, is LogAppendTime",
        "leitbake.pings.v1: message.timestamp.type was CreateTime, is LogAppendTime",
        "leitbake.pings.v1: retention.ms was 34560000000, is 259200000",
    ]
    wait_for(lambda: log.set_right([LEFT, PINGS]) == [], 20)  # a broker learns of it a moment later
    log.send([Message(LEFT.name, said("a", 1))])
    for one in (careless, log):
        one.close()


def test_log_times_of_a_steered_clock_are_stamped_on_seals_too(kafka_log: KafkaLog, clock: SteeredClock) -> None:
    kafka_log.ensure([LEFT])
    kafka_log.send([Message(LEFT.name, said("a", 1, version=1))])
    [chunk] = kafka_log.read({ONLY: Mark()}, 10)
    clock.advance(1_000_000)
    assert kafka_log.seal([ONLY], START_US)
    [chunk] = kafka_log.read({ONLY: chunk.mark}, 10)
    assert chunk.complete == clock.now()
