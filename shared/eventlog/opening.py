"""Which log: the one place where the embedded and the production log differ (law 11)."""

from pathlib import Path

import structlog

import shared.eventlog
from shared.clock import DAY_US, Clock
from shared.contracts.topics import TOPICS
from shared.db.pool import Database
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.port import EventLog, Mark, Partition
from shared.eventlog.postgres import PostgresLog
from shared.projection.worker import Part
from shared.settings import Settings

logger = structlog.get_logger()

SCHEMA = "log"
HOUR_S = 3_600.0
HINTS_S = 10.0
MIGRATIONS = Path(next(iter(shared.eventlog.__path__))) / "migrations"
EMBEDDED = Settings()
POSTGRES = "PostgreSQL"
SQL_PLACES = "SELECT grp, topic, part, next FROM offsets WHERE topic = ANY(%s)"


class OtherLogError(Exception):
    """This database keeps places in another log; with these settings everything would be lost or read again."""


def open_log(url: str, clock: Clock, settings: Settings = EMBEDDED) -> EventLog:
    """Kafka where the settings name it, else the embedded log on the database at ``url``; with all topics there.

    Raises ``LogUnavailableError``, ``OtherLogError``; ``ValueError`` where a topic has another number of partitions.
    """
    database = Database(url, SCHEMA)
    if not settings.kafka:
        _settle(database, POSTGRES)
        embedded = PostgresLog(database, clock)
        embedded.ensure(TOPICS)
        return embedded
    kafka = kafka_log(clock, settings)
    _settle(database, f"Kafka {kafka.cluster()} {settings.kafka_prefix}".strip())
    database.close()
    kafka.ensure(TOPICS)
    return kafka


def kafka_log(clock: Clock, settings: Settings) -> KafkaLog:
    """On the brokers that the settings name; nothing is asked of them yet."""
    return KafkaLog(
        settings.kafka,
        clock,
        prefix=settings.kafka_prefix,
        replicas=settings.kafka_replicas,
        pings_days=settings.pings_days,
    )


def _settle(database: Database, name: str) -> None:
    """The first log a database is used with is its log for ever."""
    with database.connection() as connection:
        connection.execute("INSERT INTO home (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,))
        row = connection.execute("SELECT name FROM home").fetchone()
    if row is not None and row[0] != name:
        raise OtherLogError(f"the events of this database lie on {row[0]}, not on {name}; see LEITBAKE_KAFKA_BOOTSTRAP")


def upkeep(log: EventLog, clock: Clock, settings: Settings, databases: list[Database]) -> Part:
    """What a log needs beside its readers: Kafka drops old pings by itself and is told how far we are."""
    if isinstance(log, PostgresLog):
        return _retention(log, clock, settings.pings_days)
    assert isinstance(log, KafkaLog)  # noqa: S101  # open_log makes no other
    return _hints(log, databases)


def _retention(log: PostgresLog, clock: Clock, days: int) -> Part:
    """Once an hour: drop the months of pings that are older than ``days``."""

    def step() -> bool:
        for table in log.drop_before(clock.now() - days * DAY_US):
            logger.info("pings_dropped", table=table)
        return False

    return Part("log retention", step, pause_s=HOUR_S)


def _hints(log: KafkaLog, databases: list[Database]) -> Part:
    """Places live in PostgreSQL; Kafka gets a copy of those on its topics, so that its tools show a lag."""
    topics, told = [topic.name for topic in TOPICS], dict[str, dict[Partition, Mark]]()

    def step() -> bool:
        for database in databases:
            groups: dict[str, dict[Partition, Mark]] = {}
            with database.connection() as connection:
                for group, topic, part, following in connection.execute(SQL_PLACES, (topics,)):
                    groups.setdefault(group, {})[Partition(topic, part)] = Mark(following)
            for group, marks in groups.items():
                if told.get(group) != marks:
                    log.hint(f"leitbake.{database.schema}.{group}", marks)
                    told[group] = marks
        return False

    return Part("kafka hints", step, pause_s=HINTS_S)
