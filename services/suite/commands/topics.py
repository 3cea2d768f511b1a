"""``leitbake topics``: the topics of the log on Kafka; the embedded log needs no command."""

import click

from shared.clock import WallClock
from shared.contracts.topics import TOPICS, Topic
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.opening import kafka_log
from shared.eventlog.port import LogUnavailableError
from shared.settings import read_settings


@click.group()
def topics() -> None:
    """Topics: what the log is made of, on Kafka."""


@topics.command("ensure")
def ensure() -> None:
    """Make the topics on LEITBAKE_KAFKA_BOOTSTRAP, or give those that are there the properties they need; say which."""
    settings = read_settings(make_key=False)
    if not settings.kafka:
        raise click.UsageError("LEITBAKE_KAFKA_BOOTSTRAP names no brokers; the log in PostgreSQL needs no topics made")
    log = kafka_log(WallClock(), settings)
    try:
        missing = missing_topics(log)
        log.ensure(TOPICS)
        changed = log.set_right(TOPICS)
    except (LogUnavailableError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        log.close()
    for topic in missing:
        click.echo(f"made {settings.kafka_prefix}{topic.name}, {topic.partitions} partitions")
    for line in changed:
        click.echo(f"changed {line}")


def missing_topics(log: KafkaLog) -> list[Topic]:
    """Those that nobody has made yet; raises ``LogUnavailableError``."""
    return [topic for topic in TOPICS if not _there(log, topic.name)]


def _there(log: KafkaLog, topic: str) -> bool:
    try:
        return bool(log.partitions(topic))
    except KeyError:
        return False
