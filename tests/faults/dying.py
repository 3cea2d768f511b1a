"""A worker that ends without warning at a named point: ``python -m tests.faults.dying URL POINT COUNT``.

Runs the parts of all three services as ``leitbake work`` does; at the COUNT-th passing of POINT it kills itself as
``kill -9`` would. POINT ``never`` is a healthy worker.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from services.suite.city_services import build_all
from shared.clock import WallClock
from shared.eventlog.opening import open_log
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.relay import Relay
from shared.projection.books_postgres import PostgresBooks
from shared.projection.worker import run, stop_on_signals
from shared.settings import Settings

# Where a worker can end: around the relay's send and its cursor, and around the commit of effects and offsets.
POINTS: dict[str, tuple[type, str, str]] = {
    "before the relay sends": (PostgresLog, "send", "before"),
    "after the relay sent": (PostgresLog, "send", "after"),
    "after the relay moved its cursor": (Relay, "_move", "after"),
    "before effects and offsets commit": (PostgresBooks, "commit", "before"),
    "after effects and offsets committed": (PostgresBooks, "commit", "after"),
}


def die_at(point: str, count: int) -> None:
    owner, name, when = POINTS[point]
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


def main(url: str, point: str, count: int) -> None:
    if point != "never":
        die_at(point, count)
    stop = stop_on_signals()
    log = open_log(url, WallClock())
    services = build_all(Settings(database_url=url, master_key=b"x" * 32), url)
    run([part for service in services for part in service.parts(log)], stop)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
