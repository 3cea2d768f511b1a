"""Parked records: look into them, and ask the group to look again or to give one up, by a record on the log."""

import uuid
from typing import Literal, NamedTuple

from services.suite.ops.application.look import parked_streams
from services.suite.ops.application.watched import Watch
from shared.clock import Micros
from shared.contracts.topics import TOPICS
from shared.eventlog.port import Message
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.projection.books import DROP, RETRY, Refused
from shared.projection.books_postgres import PostgresBooks
from shared.projection.streams import OpsRequest

Wish = Literal["retry", "drop"]
TYPES: dict[Wish, str] = {"retry": RETRY, "drop": DROP}


class Where(NamedTuple):
    """A stream that a group of a service stopped at."""

    service: str
    group: str
    stream: str


class NothingParkedError(LookupError):
    """Nothing of that stream is parked in that group (any more)."""


class NotOnTheLogError(Exception):
    """The group reads its service's own store, where no request can be written: rebuild the view instead."""


def records(watch: Watch, where: Where) -> list[Refused]:
    """The parked records of a stream in the order of the log; raises ``NothingParkedError``."""
    books = PostgresBooks(watch.services[where.service].database)
    found = books.parked(where.group).get(where.stream)
    books.release()
    if not found:
        raise NothingParkedError(f"nothing of {where.stream} is parked in {where.group}")
    return found


def find(watch: Watch, group: str, stream: str) -> Where:
    """Whose group that is; raises ``NothingParkedError``."""
    for service in watch.services.values():
        for it in parked_streams(service):
            if (it.group, it.stream) == (group, stream):
                return Where(service.name, group, stream)
    raise NothingParkedError(f"nothing of {stream} is parked in {group}")


def can_ask(refused: Refused) -> bool:
    """Whether a request can be written where this record came from."""
    return refused.record.partition.topic in {topic.name for topic in TOPICS}


def ask(watch: Watch, where: Where, wish: Wish, now: Micros, reason: str = "") -> None:
    """Have the group retry the stream, or drop its first record and go on with the rest.

    Raises ``NothingParkedError``, ``NotOnTheLogError`` and ``LogUnavailableError``. ``reason`` stands on the log for
    good, so it must name no person.
    """
    first = records(watch, where)[0]
    if not can_ask(first):
        raise NotOnTheLogError(first.record.partition.topic)
    event = Event(
        id=str(uuid.uuid4()),
        type=TYPES[wish],
        stream=where.stream,
        version=0,
        time=now,
        recorded=now,
        data=encode(OpsRequest(where.group, where.stream, reason)),
    )
    partition = first.record.partition
    watch.log.send([Message(partition.topic, event, partition.number)])
