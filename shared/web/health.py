"""Does it live, is it ready, how is it doing: three addresses for those who run it.

``/healthz`` says that the process answers. ``/readyz`` runs named checks and answers 503 with the failed ones; a check
returns None or one English sentence. ``/metrics`` is Prometheus' text. All three are public and hold nothing personal;
the gateway keeps ``/metrics`` inside.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import structlog
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from shared.clock import SECOND_US, Clock
from shared.db.errors import DatabaseUnavailableError
from shared.db.migrate import pending
from shared.db.pool import Database
from shared.eventlog.port import EventLog, LogUnavailableError
from shared.web.buckets import Rate
from shared.web.doors import limits, public
from shared.web.lateness import marks_of
from shared.web.shell import shell

log = structlog.get_logger()

Fault: TypeAlias = str | None
OFTEN = Rate(per_s=100, burst=1000)
SQL_OLDEST = """
SELECT recorded FROM events
WHERE position > coalesce((SELECT position FROM cursors WHERE name = 'relay'), 0) ORDER BY position LIMIT 1
"""

SQL_PARKED = """
SELECT grp, count(parked.grp) FROM (SELECT DISTINCT grp FROM offsets) AS every LEFT JOIN parked USING (grp) GROUP BY grp
"""


class Check(NamedTuple):
    """``run`` may raise ``DatabaseUnavailableError`` and ``LogUnavailableError``; that is a fault, too."""

    name: str
    run: Callable[[], Fault]


def database_check(database: Database) -> Check:
    def run() -> Fault:
        with database.connection() as connection:
            connection.execute("SELECT 1")
        return None

    return Check("database", run)


def schema_check(url: str, schema: str, folders: Sequence[Path]) -> Check:
    """Whether the database has seen every migration that this code needs."""

    def run() -> Fault:
        missing = pending(url, schema, folders)
        return f"not migrated: {', '.join(missing)}" if missing else None

    return Check(f"schema {schema}", run)


def outbox_check(database: Database, clock: Clock, max_age_s: float = 30) -> Check:
    """Whether the relay brings events to the log: age of the oldest one that still waits."""

    def run() -> Fault:
        with database.connection() as connection:
            row = connection.execute(SQL_OLDEST).fetchone()
        age_s = (clock.now() - row[0]) / SECOND_US if row else 0.0
        shell().metrics.set("outbox_age_seconds", age_s)
        return f"oldest event waits for {age_s:.0f} s" if age_s > max_age_s else None

    return Check("outbox", run)


def progress_check(
    database: Database, event_log: EventLog, group: str, *, topics: Iterable[str], clock: Clock, max_age_s: float = 60
) -> Check:
    """Whether a consumer keeps up: age of the oldest record that it has not handled, nothing to do being no lag.

    Log time never falls, so after a clock that jumped ahead a consumer waits for the clock, with no lag to be seen.
    """
    wanted = sorted(topics)

    def run() -> Fault:
        marks = marks_of(database, event_log, group, wanted)
        since = event_log.waiting_since(marks)
        age_s = (clock.now() - since) / SECOND_US if since is not None else 0.0
        shell().metrics.set("consumer_lag_seconds", age_s, group=group)
        ahead_s = (max([since or 0, *(mark.time for mark in marks.values())]) - clock.now()) / SECOND_US
        if ahead_s > max_age_s:
            return f"log time is {ahead_s:.0f} s ahead of the clock: a clock had jumped"
        return f"oldest record waits for {age_s:.0f} s" if age_s > max_age_s else None

    return Check(f"consumer {group}", run)


def parked_check(database: Database) -> Check:
    """Counts what is parked, by group. Never a fault: a stream that is parked keeps no other from being served."""
    told: set[str] = set()

    def run() -> Fault:
        with database.connection() as connection:
            parked: dict[str, int] = dict(connection.execute(SQL_PARKED).fetchall())
        told.update(parked)
        for group in told:  # one that has gone, as of a view's old generation, falls back to 0
            shell().metrics.set("parked_messages", parked.get(group, 0), group=group)
        return None

    return Check("parked messages counted", run)


def health(checks: Sequence[Check]) -> Blueprint:
    """The three addresses, to be registered under the service's prefix."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    @public
    @limits(rate=OFTEN)
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    @public
    @limits(rate=OFTEN)
    def readyz() -> Response:
        faults = _run(checks)
        failed = sorted(name for name, fault in faults.items() if fault)
        status = "failed" if failed else "ok"
        answer = jsonify(status=status, failed=failed, checks={name: fault or "ok" for name, fault in faults.items()})
        answer.status_code = 503 if failed else 200
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @blueprint.get("/metrics")
    @public
    @limits(rate=OFTEN)
    def metrics() -> Response:
        _run(checks)  # gauges say what is, not what was when somebody last asked whether we are ready
        return Response(shell().metrics.render(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _run(checks: Sequence[Check]) -> dict[str, Fault]:
    """In order; the first that finds its server away ends the round, else each waits for its own time-out."""
    faults: dict[str, Fault] = {}
    for check in checks:
        try:
            faults[check.name] = check.run()
        except (DatabaseUnavailableError, LogUnavailableError) as error:
            log.warning("check_failed", check=check.name, error=str(error))
            faults[check.name] = "unreachable"
            break
    rest = [check.name for check in checks if check.name not in faults]
    return faults | dict.fromkeys(rest, "not checked")
