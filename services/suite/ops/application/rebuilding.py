"""Rebuilding a view: a new generation beside the live one, the switch, and the old ones dropped a little later."""

import threading
import time
from collections.abc import Callable
from typing import Literal

import structlog

from services.suite.ops.application.watched import Watch
from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.port import FencedError, LogUnavailableError
from shared.projection import generations, live

logger = structlog.get_logger()

# Readers look the pointer up once per transaction; the longest of them is over by then.
KEEP_OLD_S = 10.0
Stopped = Literal["database_away", "log_away", "taken_over"]


def rebuild(watch: Watch, name: str, progress: Callable[[int], None]) -> int:
    """Build the view anew and return the number of its new generation; raises ``KeyError`` for an unknown view.

    ``progress`` is told how many records lie ahead. Raises ``LogUnavailableError``, ``DatabaseUnavailableError``.
    """
    service, view = watch.view(name)
    source = watch.source(service.name, view.topics[0])
    generation = live.rebuild(view, source, service.database, progress)
    time.sleep(KEEP_OLD_S)
    generations.drop_older(service.database, generation)
    return generation.number


class Rebuilds:
    """Rebuilds that were started from a page, each on a thread of this process; the books show how far they are.

    One that dies with its process leaves a generation that nobody works on; the next rebuild drops it.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._stopped: dict[str, Stopped] = {}

    def start(self, name: str) -> bool:
        """Begin; False where this process is already at it. Raises ``KeyError`` for an unknown view."""
        self._watch.view(name)
        with self._lock:
            if name in self._running and self._running[name].is_alive():
                return False
            thread = threading.Thread(target=self._run, args=(name,), name=f"rebuild {name}", daemon=True)
            self._running[name] = thread
            thread.start()
        return True

    def running(self, name: str) -> bool:
        return name in self._running and self._running[name].is_alive()

    def stopped(self, name: str) -> Stopped | None:
        """Why the last one ended before it was done; None where it was done, or another process was at it."""
        return self._stopped.get(name)

    def join(self) -> None:
        """Wait for all of them."""
        for thread in list(self._running.values()):
            thread.join()

    def _run(self, name: str) -> None:
        try:
            number = rebuild(self._watch, name, lambda _: None)
        except DatabaseUnavailableError as error:
            self._note(name, "database_away", error)
        except LogUnavailableError as error:
            self._note(name, "log_away", error)
        except FencedError as error:
            self._note(name, "taken_over", error)
        else:
            self._stopped.pop(name, None)
            logger.info("view_rebuilt", view=name, generation=number)

    def _note(self, name: str, why: Stopped, error: Exception) -> None:
        self._stopped[name] = why
        logger.warning("rebuild_stopped", view=name, reason=str(error))
