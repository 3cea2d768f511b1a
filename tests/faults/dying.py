"""Processes of the suite that end without warning at a named point, as ``kill -9`` would end them.

``python -m tests.faults.dying POINT WHO COUNT`` is ``leitbake work``, and dies when WHO (a consumer group or a relay's
service, ``anybody``) passes POINT for the COUNT-th time; POINT ``never`` is a healthy one. It begins when its stdin is
closed, so that it can have all in memory by then. With a fourth argument it is of the next release.
``tests.faults.dying:doors()`` is gunicorn's application: each process it starts dies at the next of ``DOOR_POINTS``,
and when all have had their turn it stays alive.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from services.suite import server
from services.suite.work import run_worker
from shared.contracts.permits import PermitApproved
from shared.eventlog.kafka_producers import Producers
from shared.eventlog.port import Fence
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
    "before the log takes it": (Producers, "fencedly", "before"),
    "before the log commits it": (KafkaProducer, "commit_transaction", "before"),
    "after the log took it": (Producers, "fencedly", "after"),
}
BOTH: dict[str, Point] = {
    "after the relay moved its cursor": (Relay, "_move", "after"),
    "before effects and offsets are written": (PostgresBooks, "commit", "before"),
    "before effects and offsets commit": (PostgresBooks, "_move", "after"),
    "after effects and offsets committed": (PostgresBooks, "commit", "after"),
}
POINTS = [*EMBEDDED, *BOTH]
RELAYS, GROUPS, ANYBODY = ("permits", "beacons", "navfeed"), ("lights", "sites", "publisher"), "anybody"
# Commands first: pings never end, and the clerk's are few.
DOOR_POINTS: list[tuple[str, Point, Point, int]] = [
    ("before the store appends", (PostgresStore, "append", "before"), (PostgresStore, "append", "before"), 2),
    ("before a command is acknowledged", (PostgresStore, "append", "after"), (PostgresStore, "append", "after"), 2),
    ("before the log takes pings", (PostgresLog, "send", "before"), (Producers, "plainly", "before"), 9),
    ("before pings are acknowledged", (PostgresLog, "send", "after"), (Producers, "plainly", "after"), 9),
]


def passing(point: str) -> tuple[str, ...]:
    """Who can be told apart there."""
    if point == "before the log commits it":
        return (ANYBODY,)
    return GROUPS if BOTH.get(point, (Relay,))[0] is PostgresBooks else RELAYS


def die_at(point: Point, count: int, who: str = ANYBODY) -> None:
    owner, name, when = point
    original: Callable[..., Any] = getattr(owner, name)
    passings = itertools.count(1)  # many threads pass; each draws its own number

    def passed(*args: Any, **kwargs: Any) -> Any:
        last = who in (ANYBODY, *_names(args)) and next(passings) == count
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if last and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, passed)


def _names(args: tuple[Any, ...]) -> Iterator[str]:
    """Who passes: a group is an argument, a relay has its service's name, or what it holds has."""
    for it in args:
        if isinstance(it, str):
            yield it
        elif isinstance(it, Relay):
            yield it._name
        elif isinstance(it, Fence):
            yield it.name.removeprefix("relay ")
        elif isinstance(it, KafkaProducer):
            yield str(it.config["transactional_id"]).rpartition("relay ")[2]


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


def main(point: str, who: str = ANYBODY, count: str = "1", release: str = "") -> None:
    settings = read_settings()
    sys.stdin.read()
    if release:
        known_next()
    if point != HEALTHY:
        die_at((BOTH | (KAFKA if settings.kafka else EMBEDDED))[point], int(count), who)
    run_worker(settings, ("permits", "beacons", "navfeed"))


if __name__ == "__main__":
    main(*sys.argv[1:])
