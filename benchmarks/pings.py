"""Pings from Kafka to georeferenced state committed in PostgreSQL, one worker; beside a bare poll loop and Quix.

``python -m benchmarks.pings [LIGHTS ROUNDS]``; without figures: 3,000 lights, then 200,000 with a row per ping. The
bare loop reads the same records and does nothing with them: the limit of the client. Quix does the same job less its
laws (no stays, late pings, events): keyed state of the last 24 fixes and their centre. The fleet has stood for a
while: our states are full when the clock begins, as they are on any day but the first.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice

import msgspec
from kafka import KafkaConsumer, TopicPartition

from benchmarks import peers
from benchmarks.parts import Parts, Took, fill, fleet, parts, remember, tell, timed
from services.beacons.application import door
from services.beacons.domain.light import LightsStage, LightState
from shared.clock import Micros
from shared.contracts.topics import PINGS
from shared.db.pool import Database
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.partitioner import partition_of
from shared.eventlog.port import Mark
from shared.projection.books import StateRow
from shared.projection.books_postgres import PostgresBooks
from shared.projection.keyed import KeyedRunner
from shared.projection.protocols import Moment
from shared.projection.worker import gather_rarely

USUAL = ((3_000, 120), (200_000, 3))
BEFORE = 24  # rounds
LIMIT = 10_000


def grown(said: Iterator[tuple[Micros, bytes]], partitions: int) -> Iterator[StateRow]:
    """The states of lights after these pings."""
    stage, states = LightsStage(), dict[str, LightState]()
    for at, item in said:
        event = door.event_of(door.read_ping(item), item, item, at)
        state = states.setdefault(event.key, stage.initial(event.key))
        stage.on_record(state, event, Moment(at, 0))
    for key, state in states.items():
        yield StateRow(key, partition_of(key, partitions), state.due, msgspec.msgpack.encode(state))


def bare_loop(there: Parts, records: int) -> Took:
    """kafka-python alone: poll until everything was handed out."""
    consumer = KafkaConsumer(
        bootstrap_servers=there.kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 << 20,
        fetch_max_bytes=64 << 20,
    )
    consumer.assign([TopicPartition(there.prefix + PINGS.name, number) for number in range(PINGS.partitions)])

    def loop() -> int:
        seen = 0
        while seen < records:
            seen += sum(len(found) for found in consumer.poll(timeout_ms=200, max_records=LIMIT).values())
        return seen

    took = timed(loop)
    consumer.close()
    return took


def only_read(log: KafkaLog, records: int) -> Took:
    """The adapter's ``read``: records as events, with log time and completeness."""

    def loop() -> int:
        seen, marks = 0, {partition: Mark() for partition in log.partitions(PINGS.name)}
        while seen < records:
            for chunk in log.read(marks, LIMIT):
                seen += len(chunk.records)
                marks[chunk.partition] = chunk.mark
        return seen

    return timed(loop)


@contextmanager
def lights(there: Parts, log: KafkaLog, states: Iterator[StateRow]) -> Iterator[KeyedRunner[LightState]]:
    """The stage as the worker runs it, with these states loaded."""
    gather_rarely()
    with closing(Database(there.url, "beacons")) as database:
        remember(database, log, states)
        with closing(KeyedRunner(LightsStage(), log, PostgresBooks(database), limit=LIMIT)) as runner:
            runner.step()  # finds nothing, and has taken its seats
            yield runner


def drain(runner: KeyedRunner[LightState]) -> None:
    while runner.step():
        pass


def compare(count: int, rounds: int) -> None:
    said = fleet(count, BEFORE + rounds)
    with parts() as there, closing(there.log()) as log:
        before = grown(islice(said, BEFORE * count), PINGS.partitions)
        with lights(there, log, before) as runner:
            pings = fill(log, said)
            records = sum(log.ends(PINGS.name).values())
            print(f"\n{count:,} lights, {pings:,} pings ({records - pings:,} ticks between them)")
            bare_loop(there, records)  # warms the broker's page cache
            bare = bare_loop(there, records)
            tell("bare poll loop", pings, bare)
            tell("adapter: events with log time", pings, only_read(log, records), bare)
            rate = tell("lights: state and offsets committed in PostgreSQL", pings, timed(partial(drain, runner)), bare)
        if quix := peers.run("quix", there.kafka, there.prefix + PINGS.name, str(pings), str(there.folder / "quix")):
            print(f"{'Quix Streams 3, the same job less its laws':<58}{quix['rate']:>12,.0f} /s")
            print(f"{'lights beside Quix':<58}{rate / quix['rate']:>12.2f} x")


if __name__ == "__main__":
    sizes = [(int(sys.argv[1]), int(sys.argv[2]))] if len(sys.argv) > 2 else USUAL
    for size in sizes:
        compare(*size)
