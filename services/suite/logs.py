"""Which log: the one place where the embedded and the production log differ (law 11)."""

from pathlib import Path

import structlog

import shared.eventlog
from shared.clock import DAY_US, Clock
from shared.contracts.topics import TOPICS
from shared.db.pool import Database
from shared.eventlog.postgres import PostgresLog
from shared.projection.worker import Part

logger = structlog.get_logger()

SCHEMA = "log"
HOUR_S = 3_600.0
MIGRATIONS = Path(next(iter(shared.eventlog.__path__))) / "migrations"


def open_log(url: str, clock: Clock) -> PostgresLog:
    """The embedded log on the database at ``url``, with all topics there."""
    log = PostgresLog(Database(url, SCHEMA), clock)
    log.ensure(TOPICS)
    return log


def retention(log: PostgresLog, clock: Clock, days: int) -> Part:
    """Once an hour: drop the months of pings that are older than ``days``."""

    def step() -> bool:
        for table in log.drop_before(clock.now() - days * DAY_US):
            logger.info("pings_dropped", table=table)
        return False

    return Part("log retention", step, pause_s=HOUR_S)
