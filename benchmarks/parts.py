"""Real parts for the benchmarks: a broker, a PostgreSQL, a fleet that speaks, and honest clocks."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from deploy.kafka.broker import running_broker
from services.beacons.application import door
from services.beacons.domain.light import LightsStage
from services.suite.database import migrate_all
from shared.clock import SECOND_US, Micros, WallClock, rfc3339
from shared.contracts.topics import PINGS, TOPICS
from shared.db.embedded import embedded_postgres
from shared.db.pool import Database
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.port import EventLog, Message, Readable
from shared.projection.books import Effects, StateRow
from shared.projection.books_postgres import PostgresBooks

INTERVAL_S = 600
SLOT_US = 30 * SECOND_US
NOISE_DEGREES = 3e-5  # about three metres
BATCH = 5_000


class Parts(NamedTuple):
    """``kafka``: its address; ``url``: a database with every schema of the suite; ``prefix``: of this run's topics."""

    kafka: str
    url: str
    prefix: str
    folder: Path

    def log(self) -> KafkaLog:
        made = KafkaLog({"bootstrap_servers": self.kafka}, WallClock(), prefix=self.prefix)
        made.ensure(TOPICS)
        return made


@contextmanager
def embedded() -> Iterator[str]:
    """A fresh PostgreSQL with every schema of the suite; its address."""
    with TemporaryDirectory(prefix="leitbake-bench-") as name, embedded_postgres(Path(name) / "postgres") as url:
        migrate_all(url)
        yield url


@contextmanager
def parts() -> Iterator[Parts]:
    """Both servers on fresh folders; they go with the block."""
    with TemporaryDirectory(prefix="leitbake-bench-") as name:
        folder = Path(name)
        with running_broker(folder / "kafka") as broker, embedded_postgres(folder / "postgres") as url:
            migrate_all(url)
            yield Parts(broker.bootstrap, url, f"{uuid.uuid4().hex[:6]}.", folder)


def fleet(lights: int, rounds: int, *, seed: int = 1, interval_s: int = INTERVAL_S) -> Iterator[tuple[Micros, bytes]]:
    """What ``lights`` standing lights say in ``rounds`` rounds that end now: instant and JSON, in order of time."""
    draw = random.Random(seed)
    places = [(8.2 + draw.random() / 20, 49.9 + draw.random() / 20) for _ in range(lights)]
    start = WallClock().now() - rounds * interval_s * SECOND_US
    for round_ in range(rounds):
        for number, (lon, lat) in enumerate(places):
            at = start + (round_ * lights + number) * interval_s * SECOND_US // lights
            when = rfc3339(at)
            yield (
                at,
                (
                    f'{{"device_id":"LT-{number:07}","event_time":"{when}","fix_time":"{when}",'
                    f'"lon":{lon + draw.gauss(0, NOISE_DEGREES):.6f},"lat":{lat + draw.gauss(0, NOISE_DEGREES):.6f},'
                    f'"accuracy_m":4.5,"fix":"ok","sequence":{round_},"satellites":9,"hdop":0.9,"moving":false,'
                    f'"fallen":false,"lamp":"on","battery_pct":87}}'
                ).encode(),
            )


def fill(log: EventLog, said: Iterator[tuple[Micros, bytes]]) -> int:
    """Send what a fleet says as the door would, with the ticks between; returns how many pings."""
    batch: list[Message] = []
    count, slot = 0, -1
    partitions = log.partitions(PINGS.name)
    for at, item in said:
        if at // SLOT_US != slot:
            slot = at // SLOT_US
            batch += [door.tick(slot, partition.number, at) for partition in partitions]
        batch.append(door.message_of(door.read_ping(item), item, at))
        count += 1
        if len(batch) >= BATCH:
            log.send(batch)
            batch = []
    log.send(batch)
    return count


def remember(database: Database, log: Readable, rows: Iterable[StateRow]) -> None:
    """Let PostgreSQL know these states of lights as a worker's before us would have left them."""
    books = PostgresBooks(database)
    books.claim(LightsStage.group, log.partitions(LightsStage.topic))
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        _write(books, Effects(rows=batch))
    books.release()


def _write(books: PostgresBooks, effects: Effects) -> None:
    books.commit(LightsStage.group, {}, lambda _: effects)


class Took(NamedTuple):
    """Seconds on the wall, and of this process's own work."""

    wall: float
    cpu: float
    result: Any


def timed(work: Callable[[], Any]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu, result)


def tell(what: str, count: int, took: Took, beside: Took | None = None, of: int | None = None) -> float:
    """Print a rate, and its ratio to what it stands beside; returns the rate (1/s)."""
    rate = count / took.wall
    line = f"{what:<58}{rate:>12,.0f} /s {took.cpu / count * 1e6:>9.1f} µs own CPU each"
    if beside is not None:
        line += f"   {rate / ((of or count) / beside.wall):.2f} x"
    print(line, flush=True)
    return rate


def rate(workers: int, seconds: float, work: Callable[[int, int], None]) -> float:
    """How often per second ``work(worker, turn)`` is done by so many threads; what it raises ends the benchmark."""
    stop, done = threading.Event(), [0] * workers

    def loop(worker: int) -> None:
        while not stop.is_set():
            work(worker, done[worker])
            done[worker] += 1

    with ThreadPoolExecutor(workers) as pool:
        began = time.perf_counter()
        loops = [pool.submit(loop, worker) for worker in range(workers)]
        stop.wait(seconds)
        stop.set()
        for one in loops:
            one.result()
    return sum(done) / (time.perf_counter() - began)
