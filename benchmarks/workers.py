"""Two workers of the stage of lights beside one: the same pings, from Kafka to state committed in PostgreSQL.

Broker and database share the processors with the workers: the ratio says what this machine allows.
"""

import os
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from benchmarks.parts import Parts, fill, fleet, parts, timed
from benchmarks.pings import LIMIT
from services.beacons.domain.light import LightsStage
from shared.contracts.topics import PINGS
from shared.db.pool import Database
from shared.projection.books_postgres import PostgresBooks
from shared.projection.keyed import KeyedRunner

LIGHTS = 3_000
ROUNDS = 120
PATIENCE_S = 300


def worker(there: Parts, count: int, ready: Barrier, go: Barrier, done: Barrier) -> None:
    """Takes its share of the partitions while they are empty, and all that comes after ``go``."""
    with (
        closing(Database(there.url, "beacons")) as database,
        closing(there.log()) as log,
        closing(KeyedRunner(LightsStage(), log, PostgresBooks(database), limit=LIMIT)) as runner,
    ):
        while len(runner.places) != PINGS.partitions // count:
            runner.step()
        ready.wait()
        go.wait()
        ends = log.ends(PINGS.name)
        while any(place.mark.next < ends[partition] for partition, place in runner.places.items()):
            runner.step()
        done.wait()


def rate(count: int) -> float:
    """Pings per second of so many workers."""
    context = get_context("spawn")
    with parts() as there:
        ready, go, done = (context.Barrier(count + 1, timeout=PATIENCE_S) for _ in range(3))
        workers = [context.Process(target=worker, args=(there, count, ready, go, done)) for _ in range(count)]
        for process in workers:
            process.start()
        ready.wait()
        with closing(there.log()) as log:
            pings = fill(log, fleet(LIGHTS, ROUNDS))
        go.wait()
        took = timed(done.wait)
        for process in workers:
            process.join()
    return pings / took.wall


def main() -> None:
    one, two = rate(1), rate(2)
    print(f"one worker {one:,.0f} pings/s, two {two:,.0f} = {two / one:.2f} x, on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
