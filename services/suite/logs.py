"""Which log: the one place where the embedded and the production log differ (law 11)."""

from pathlib import Path

import shared.eventlog
from shared.clock import Clock
from shared.contracts.topics import TOPICS
from shared.db.pool import Database
from shared.eventlog.port import EventLog
from shared.eventlog.postgres import PostgresLog

SCHEMA = "log"
MIGRATIONS = Path(next(iter(shared.eventlog.__path__))) / "migrations"


def open_log(url: str, clock: Clock) -> EventLog:
    """The embedded log on the database at ``url``, with all topics there."""
    log = PostgresLog(Database(url, SCHEMA), clock)
    log.ensure(TOPICS)
    return log
