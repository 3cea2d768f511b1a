"""Looking: every fact from where it is the truth, each service under its own role. Nothing here changes anything."""

from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple, TypeVar

from services.suite.ops.application.facts import (
    Built,
    Consumer,
    Facts,
    Kept,
    Lag,
    Outbox,
    ParkedStream,
    Refusals,
    TurnedAway,
)
from services.suite.ops.application.watched import BEACONS, Watch, Watched
from shared.clock import DAY_US, Micros
from shared.contracts.topics import TOPICS
from shared.db.errors import DatabaseUnavailableError
from shared.db.pool import Connection
from shared.eventlog.port import LogUnavailableError, Mark, Partition, Readable, Record
from shared.eventlog.reading import to_end
from shared.events.envelope import Event
from shared.projection.books_postgres import unpack_event
from shared.projection.seats import SQL_MEMBERS

MOST = 500
SEARCHED, READ_AT_ONCE = 50_000, 2_000  # places in the log for a search, shared among the partitions
SQL_OFFSETS = "SELECT grp, topic, part, next, time FROM offsets ORDER BY grp, topic, part"
SQL_OUTBOX = """
SELECT coalesce(min(position), (SELECT coalesce(max(position), 0) + 1 FROM events)), count(*), min(recorded)
FROM events WHERE position > coalesce((SELECT position FROM cursors WHERE name = 'relay'), 0)
"""
SQL_RELAYS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND objid = 1 AND granted AND mode = 'ExclusiveLock'
  AND classid = (hashtext(%s)::bigint & 4294967295)::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SQL_PARKED = """
SELECT grp, stream, count(*), (array_agg(topic ORDER BY topic, part, next))[1],
       (array_agg(event ORDER BY topic, part, next))[1], (array_agg(reason ORDER BY topic, part, next))[1],
       (array_agg(time ORDER BY topic, part, next))[1]
FROM parked GROUP BY grp, stream ORDER BY 7, grp, stream LIMIT %s
"""
SQL_REFUSALS = """
SELECT grp, reason, count(*), max(time) FROM quarantine WHERE time >= %s GROUP BY grp, reason ORDER BY 3 DESC, reason
"""
SQL_TURNED_AWAY = """
SELECT reason, sum(amount)::bigint, max(newest) FROM door_refusals WHERE newest >= %s
GROUP BY reason ORDER BY 2 DESC, reason
"""
SQL_AT_THE_DOOR = """
SELECT device, sum(amount)::bigint, max(newest), (array_agg(item ORDER BY newest DESC))[1]
FROM door_refusals WHERE reason = %s AND newest >= %s GROUP BY device ORDER BY 3 DESC, device LIMIT %s
"""
SQL_VIEWS = """
SELECT view, generation, live, (extract(epoch FROM created_at) * 1000000)::bigint
FROM generations ORDER BY view, generation
"""
FactT = TypeVar("FactT")


def look(watch: Watch, now: Micros) -> Facts:
    """All facts. What cannot be reached is named in them and leaves the rest as it is."""
    away: list[str] = []
    try:
        kept, log_away = kept_records(watch), ""
    except (LogUnavailableError, DatabaseUnavailableError) as error:
        kept, log_away = [], str(error)

    def each(read: Callable[[Watched], Sequence[FactT]]) -> list[FactT]:
        found: list[FactT] = []
        for service in watch.services.values():
            if service.name in away:
                continue
            try:
                found += read(service)
            except DatabaseUnavailableError:
                away.append(service.name)
        return found

    groups = each(lambda service: [] if log_away else consumers(watch, service))
    views = each(lambda service: built(service, groups))
    retired = {group_of(view) for view in views if not view.live}
    return Facts(
        now=now,
        consumers=[consumer for consumer in groups if consumer.group not in retired],
        outboxes=each(outbox),
        parked=each(parked_streams),
        refusals=each(lambda service: refusals(service, now - DAY_US)),
        turned_away=each(lambda service: turned_away(service, now - DAY_US)),
        views=views,
        kept=kept,
        away=away,
        log_away=log_away,
    )


def group_of(view: Built) -> str:
    return f"{view.view}@{view.number}"


def consumers(watch: Watch, service: Watched) -> list[Consumer]:
    """Every group that ever took a seat. Raises ``LogUnavailableError`` and ``DatabaseUnavailableError``."""
    with service.database.connection() as connection:
        marks: dict[str, dict[Partition, Mark]] = {}
        for group, topic, part, following, time in connection.execute(SQL_OFFSETS):
            marks.setdefault(group, {})[Partition(topic, part)] = Mark(following, time)
        members = {group: _count(connection, SQL_MEMBERS, f"{service.database.schema}.{group}") for group in marks}
    return [_consumer(watch, service.name, group, members[group], marks[group]) for group in marks]


def _consumer(watch: Watch, service: str, group: str, members: int, marks: Mapping[Partition, Mark]) -> Consumer:
    lags, waiting = [], []
    for topic in sorted({partition.topic for partition in marks}):
        source = watch.source(service, topic)
        of_topic = {partition: mark for partition, mark in marks.items() if partition.topic == topic}
        oldest, ends = source.waiting_since(of_topic), source.ends(topic)
        waiting += [oldest] if oldest is not None else []
        for partition, mark in of_topic.items():
            behind = max(0, ends[partition] - mark.next) if oldest is not None else 0
            lags.append(Lag(partition, mark.next, behind, mark.time))
    return Consumer(service, group, members, min(waiting, default=None), lags)


def outbox(service: Watched) -> list[Outbox]:
    with service.database.connection() as connection:
        row = connection.execute(SQL_OUTBOX).fetchone()
        relaying = _count(connection, SQL_RELAYS, f"relay {service.name}") > 0
    return [Outbox(service.name, row[0], row[1], row[2], relaying)] if row else []


def parked_streams(service: Watched) -> list[ParkedStream]:
    """The oldest first, at most 500 of a service."""
    with service.database.connection() as connection:
        return [
            ParkedStream(service.name, group, stream, records, topic, unpack_event(event).type, reason, since)
            for group, stream, records, topic, event, reason, since in connection.execute(SQL_PARKED, (MOST,))
        ]


def refusals(service: Watched, since: Micros) -> list[Refusals]:
    with service.database.connection() as connection:
        return [Refusals(service.name, *row) for row in connection.execute(SQL_REFUSALS, (since,))]


def turned_away(service: Watched, since: Micros) -> list[TurnedAway]:
    """Only the service of the lights has a ping door."""
    if service.name != BEACONS:
        return []
    with service.database.connection() as connection:
        return [TurnedAway(service.name, *row) for row in connection.execute(SQL_TURNED_AWAY, (since,))]


class Sender(NamedTuple):
    """A device by the name it gave (or none) and the beginning of what it sent last; ``newest`` in µs."""

    device: str
    amount: int
    newest: Micros
    item: str


def senders(service: Watched, reason: str, since: Micros, limit: int) -> list[Sender]:
    """Whose pings the door refused for one reason, the newest first."""
    with service.database.connection() as connection:
        return [Sender(*row) for row in connection.execute(SQL_AT_THE_DOOR, (reason, since, limit))]


def built(service: Watched, groups: Sequence[Consumer]) -> list[Built]:
    """Generations of the service's views with their progress; without the log nothing is known of that."""
    of_service = {consumer.group: consumer for consumer in groups if consumer.service == service.name}
    found = []
    with service.database.connection() as connection:
        for view, number, live, created in connection.execute(SQL_VIEWS):
            group = of_service.get(f"{view}@{number}")
            done = sum(lag.next for lag in group.lags) if group else 0
            total = done + group.behind if group else 0
            working = group is not None and group.members > 0
            found.append(Built(service.name, view, number, live, working, created, done, total))
    return found


def kept_records(watch: Watch) -> list[Kept]:
    """What the log holds. Raises ``LogUnavailableError`` and ``DatabaseUnavailableError``."""
    return [_kept(watch, topic.name, retained=topic.retained) for topic in TOPICS]


def _kept(watch: Watch, topic: str, *, retained: bool) -> Kept:
    ends = watch.log.ends(topic)
    starts = {partition: watch.log.seek(partition, 0) for partition in ends}
    records = sum(end - starts[partition].next for partition, end in ends.items())
    return Kept(topic, len(ends), records, watch.log.waiting_since(starts), retained)


def _count(connection: Connection, query: str, name: str) -> int:
    row = connection.execute(query, (name,)).fetchone()
    return int(row[0]) if row else 0


def refused(service: Watched, group: str, reason: str, limit: int) -> list[Record]:
    """The newest refused messages of a group for one reason."""
    query = (
        "SELECT topic, part, next, time, event FROM quarantine WHERE grp = %s AND reason = %s"
        " ORDER BY time DESC, next DESC LIMIT %s"
    )
    with service.database.connection() as connection:
        rows = connection.execute(query, (group, reason, limit), binary=True)
        return [Record(Partition(row[0], row[1]), row[2], row[3], unpack_event(row[4])) for row in rows]


def records_from(source: Readable, partition: Partition, offset: int, limit: int) -> tuple[list[Record], int]:
    """Records from an offset on, and where those after them begin.

    Raises ``LogUnavailableError`` and ``DatabaseUnavailableError``.
    """
    found, following = list[Record](), offset
    for chunk in to_end(source, {partition: Mark(offset)}, limit):
        found += chunk.records
        following = chunk.mark.next
        if len(found) >= limit:
            break
    return found[:limit], found[limit].offset if len(found) > limit else following


class Hits(NamedTuple):
    """``records``: the newest first; ``searched``: how many were looked at, of the end of each partition."""

    records: list[Record]
    searched: int


def search(source: Readable, topic: str, text: str, limit: int) -> Hits:
    """The newest records with ``text`` in stream, id, type or payload, whatever its case, among the last ones.

    Raises ``LogUnavailableError`` and ``DatabaseUnavailableError``.
    """
    ends, wanted = source.ends(topic), text.lower()
    marks = {it: Mark(max(0, end - SEARCHED // len(ends))) for it, end in ends.items()}
    found, searched = list[Record](), 0
    for chunk in to_end(source, marks, READ_AT_ONCE):
        searched += len(chunk.records)
        matching = [record for record in chunk.records if wanted in _searchable(record.event)]
        found = nlargest(limit, [*found, *matching], key=lambda it: (it.time, it.partition, it.offset))
    return Hits(found, searched)


def _searchable(event: Event) -> str:
    return f"{event.stream}\n{event.id}\n{event.type}\n{event.data.decode(errors='replace')}".lower()
