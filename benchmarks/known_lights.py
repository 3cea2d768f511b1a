"""A million known lights: memory of the worker's stage per light, after each has spoken, and the time to load them.

A state is made by the stage itself from a day of pings at ten minutes, written to PostgreSQL once per light, and loaded
by a runner that takes its seats.
"""

import gc
from collections.abc import Iterator

import msgspec
import psutil

from benchmarks.parts import embedded, fleet, remember, tell, timed
from services.beacons.application.door import event_of, read_ping
from services.beacons.domain.light import LightsStage
from shared.clock import WallClock
from shared.contracts.topics import TOPICS
from shared.db.pool import Database
from shared.eventlog.memory import MemoryLog
from shared.projection.books import StateRow
from shared.projection.books_postgres import PostgresBooks
from shared.projection.keyed import KeyedRunner
from shared.projection.protocols import Moment

LIGHTS = 1_000_000
ROUNDS = 144


def usual_state() -> bytes:
    """One light after a day."""
    stage = LightsStage()
    state = stage.initial("LT-0000000")
    for at, item in fleet(1, ROUNDS):
        stage.on_record(state, event_of(read_ping(item), item, item, at), Moment(at, at // 30_000_000))
    return msgspec.msgpack.encode(state)


def rows(state: bytes, partitions: int) -> Iterator[StateRow]:
    """The same state under every name."""
    for number in range(LIGHTS):
        name = b"LT-%07d" % number
        yield StateRow(name.decode(), number % partitions, 70, state.replace(b"LT-0000000", name))


def main() -> None:
    log = MemoryLog(WallClock())
    log.ensure(TOPICS)
    state = usual_state()
    with embedded() as url:
        database = Database(url, "beacons")
        remember(database, log, rows(state, len(log.partitions(LightsStage.topic))))
        gc.collect()
        process = psutil.Process()
        before = process.memory_info().rss
        runner = KeyedRunner(LightsStage(), log, PostgresBooks(database))
        took = timed(runner.step)
        gc.collect()
        grown = process.memory_info().rss - before
        tell("lights loaded at a worker's start", LIGHTS, took)
        print(f"state of one light: {len(state)} B packed; memory per known light: {grown / LIGHTS:,.0f} B")
        runner.close()
        database.close()


if __name__ == "__main__":
    main()
