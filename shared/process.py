"""One service in processes of its own: its doors under gunicorn, and its worker. ``leitbake up`` has all in two."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import structlog
from flask import Flask

from shared.clock import Clock, WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log, upkeep
from shared.eventlog.port import EventLog
from shared.projection.worker import Part, gather_rarely, run, stop_on_signals
from shared.settings import Settings, read_settings
from shared.web.logs import configure_logging

logger = structlog.get_logger()

ALIVE = "leitbake-alive"
BEAT_S = 5.0
STUCK_S = 90.0
DEAD_S = 900.0


class Service(Protocol):
    """What a service's ``bootstrap`` builds."""

    @property
    def database(self) -> Database: ...

    def parts(self, log: EventLog) -> list[Part]: ...

    def app(self, log: EventLog, settings: Settings, web: Database) -> Flask: ...


Build: TypeAlias = Callable[[str, Settings, Clock], Service]


def doors(build: Build) -> Flask:
    """The WSGI application, to be made in gunicorn's worker after the fork; the database is a server by settings.

    Raises ``SettingsError``, ``LogUnavailableError``, ``DatabaseUnavailableError``: a supervisor starts us again.
    """
    settings, clock = read_settings(), WallClock()
    configure_logging(settings.log_level)
    url = settings.database_url
    return build(url, settings, clock).app(open_log(url, clock, settings), settings, Database(url, "web"))


def work(build: Build) -> None:
    """Step the service's parts until SIGTERM or SIGINT; raises as ``doors``, and what a part did not expect.

    The file ``leitbake-alive`` in the folder for temporary files is as young as ``BEAT_S`` while no part is stuck; one
    that is for ``DEAD_S`` ends the process, as ``kill -9`` would, for a supervisor to start it anew.
    """
    settings, clock, stop = read_settings(), WallClock(), stop_on_signals()
    gather_rarely()
    configure_logging(settings.log_level)
    url = settings.database_url
    service, log = build(url, settings, clock), open_log(url, clock, settings)
    parts = [*service.parts(log), upkeep(log, clock, settings, [service.database])]
    run(beating(parts, Path(tempfile.gettempdir()) / ALIVE), stop)


def beating(
    parts: Sequence[Part],
    alive: Path,
    elapsed: Callable[[], float] = time.monotonic,
    end: Callable[[int, int], None] = os.kill,
) -> list[Part]:
    """The parts, and one more that touches ``alive`` unless a step takes longer than ``STUCK_S``.

    A step of ``DEAD_S`` comes to no end, and no thread can be ended from outside: the process has to be (law 4).
    """
    since: dict[str, float] = {}

    def timed(part: Part) -> Part:
        def step() -> object:
            since[part.name] = elapsed()
            try:
                return part.step()
            finally:
                del since[part.name]

        return part._replace(step=step)

    def beat() -> bool:
        longest, part = max(((elapsed() - began, name) for name, began in list(since.items())), default=(0.0, ""))
        if longest < STUCK_S:
            alive.touch()
        elif longest >= DEAD_S:
            logger.critical("part_is_stuck", seconds=round(longest), part=part)
            end(os.getpid(), signal.SIGKILL)
        return False

    return [*map(timed, parts), Part("beat", beat, pause_s=BEAT_S)]
