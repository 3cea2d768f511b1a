"""The loop of a worker process: every part steps in turn on a thread of its own, and waits out outages."""

import gc
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import structlog

from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.port import FencedError, LogUnavailableError

logger = structlog.get_logger()

POLL_S = 0.02
OUTAGE_S = 1.0


class Part(NamedTuple):
    """Something that steps: returns whether it did anything. ``pause`` seconds are waited when it did not."""

    name: str
    step: Callable[[], Any]
    close: Callable[[], None] = lambda: None
    pause_s: float = POLL_S


def run(parts: Sequence[Part], stop: threading.Event) -> None:
    """Run all parts until ``stop``; an unexpected error of one ends all, so that a supervisor sees it."""
    failed: list[BaseException] = []
    threads = [threading.Thread(target=_loop, args=(part, stop, failed), name=part.name) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def gather_rarely() -> None:
    """Let the garbage collector look for cycles less often.

    A worker makes few; looking for them took 7 % of its time and more (docs/benchmarks.md).
    """
    gc.set_threshold(50_000, 20, 50)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _loop(part: Part, stop: threading.Event, failed: list[BaseException]) -> None:
    try:
        while not stop.is_set():
            if not _step(part, stop):
                stop.wait(part.pause_s)
    except BaseException as error:  # kept for the caller of run, which raises it
        logger.exception("part_failed", part=part.name)
        failed.append(error)
        stop.set()
    finally:
        part.close()


def _step(part: Part, stop: threading.Event) -> bool:
    try:
        return bool(part.step())
    except (DatabaseUnavailableError, LogUnavailableError, FencedError) as error:
        logger.warning("part_waits", part=part.name, reason=str(error))
        stop.wait(OUTAGE_S)
        return False
