"""Processes of the suite that end without warning at a named point, as ``kill -9`` would end them.

``python -m tests.faults.dying POINT COUNT`` is ``leitbake work``, and dies at the COUNT-th passing of POINT; POINT
``never`` is a healthy one. It begins when its stdin is closed, so that it can have all in memory by then. With a third
argument it is of the next release.
``tests.faults.dying:doors()`` is gunicorn's application: each process it starts dies at the next of ``DOOR_POINTS``,
and when all have had their turn it stays alive.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from services.suite import server
from services.suite.work import run_worker
from shared.contracts.permits import PermitApproved
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.relay import Relay
from shared.events import upcast
from shared.eventstore.postgres import PostgresStore
from shared.projection.books_postgres import PostgresBooks
from shared.settings import read_settings

HEALTHY = "never"
TURNS = "DYING_DOORS"
NEXT_VERSION = "de.leitbake.permit.approved.v2"

# Where a process can end, on each log: what is passed there, and whether it ends before or after that.
Point = tuple[type, str, str]
EMBEDDED: dict[str, Point] = {
    "before the log takes it": (PostgresLog, "send", "before"),
    "before the log commits it": (PostgresLog, "_append", "after"),
    "after the log took it": (PostgresLog, "send", "after"),
}
KAFKA: dict[str, Point] = {
    "before the log takes it": (KafkaLog, "_fencedly", "before"),
    "before the log commits it": (KafkaProducer, "commit_transaction", "before"),
    "after the log took it": (KafkaLog, "_fencedly", "after"),
}
BOTH: dict[str, Point] = {
    "after the relay moved its cursor": (Relay, "_move", "after"),
    "before effects and offsets are written": (PostgresBooks, "commit", "before"),
    "before effects and offsets commit": (PostgresBooks, "_move", "after"),
    "after effects and offsets committed": (PostgresBooks, "commit", "after"),
}
POINTS = [*EMBEDDED, *BOTH]
# Commands first: pings never end, and the clerk's are few.
DOOR_POINTS: list[tuple[str, Point, Point, int]] = [
    ("before the store appends", (PostgresStore, "append", "before"), (PostgresStore, "append", "before"), 2),
    ("before a command is acknowledged", (PostgresStore, "append", "after"), (PostgresStore, "append", "after"), 2),
    ("before the log takes pings", (PostgresLog, "send", "before"), (KafkaLog, "_plainly", "before"), 9),
    ("before pings are acknowledged", (PostgresLog, "send", "after"), (KafkaLog, "_plainly", "after"), 9),
]


def die_at(point: Point, count: int) -> None:
    owner, name, when = point
    original: Callable[..., Any] = getattr(owner, name)
    passings = itertools.count(1)  # many threads pass; each draws its own number

    def passing(*args: Any, **kwargs: Any) -> Any:
        last = next(passings) == count
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if last and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, passing)


def doors() -> Any:
    """The doors of all services. ``DYING_DOORS`` is a folder that remembers whose turn it was."""
    on_kafka = bool(read_settings().kafka)
    for _, embedded, kafka, count in DOOR_POINTS[_turn(Path(os.environ[TURNS])) :][:1]:
        die_at(kafka if on_kafka else embedded, count)
    return server.create()


def _turn(folder: Path) -> int:
    for number in itertools.count():
        try:
            (folder / f"turn-{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return number
    raise AssertionError


def known_next() -> None:
    """The next release, which knows a newer version of a contract."""
    upcast.STEPS[NEXT_VERSION] = (PermitApproved.TYPE, lambda data: b'{"permit":' + data[len(b'{"order":') :].lstrip())


def main(point: str, count: int, release: str = "") -> None:
    settings = read_settings()
    sys.stdin.read()
    if release:
        known_next()
    if point != HEALTHY:
        die_at((BOTH | (KAFKA if settings.kafka else EMBEDDED))[point], count)
    run_worker(settings, ("permits", "beacons", "navfeed"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
