"""A terrible night: what is wrong, the worst first. Pure; the limits are those of ``/readyz``."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from services.suite.ops.application.facts import Facts
from shared.clock import MINUTE_US, SECOND_US, Micros
from shared.contracts.topics import PINGS

Kind = Literal[
    "log_away",
    "database_away",
    "clock_jumped",
    "nobody_consumes",
    "nobody_relays",
    "consumer_behind",
    "outbox_waits",
    "door_silent",
    "parked",
    "rebuild_stopped",
]
Level = Literal["red", "yellow"]

# Clocks of brokers and machines differ by less than this.
AHEAD_US = MINUTE_US
LAG_RED_US, LAG_YELLOW_US = MINUTE_US, 10 * SECOND_US
OUTBOX_RED_US, OUTBOX_YELLOW_US = 30 * SECOND_US, 5 * SECOND_US
# The open door writes a tick every 30 s into each partition of pings: three are missing.
DOOR_SILENT_US = 90 * SECOND_US
# From making a generation to holding its seat a process needs a moment.
REBUILD_BEGINS_US = 30 * SECOND_US


class Finding(NamedTuple):
    """``subject`` is the group, view or topic it is about; ``amount`` how many things wait; ``since`` in µs.

    Only of a clock that jumped, ``since`` is to come: the instant up to which its consumers wait.
    """

    level: Level
    kind: Kind
    service: str = ""
    subject: str = ""
    amount: int = 0
    since: Micros | None = None


def findings(facts: Facts) -> list[Finding]:
    """Red before yellow; among equals what others depend on comes first."""
    found = [
        *_unreachable(facts),
        *_clock(facts),
        *_consumers(facts),
        *_outboxes(facts),
        *_door(facts),
        *_parked(facts),
        *_views(facts),
    ]
    return sorted(found, key=lambda finding: finding.level != "red")


def _unreachable(facts: Facts) -> Iterator[Finding]:
    if facts.log_away:
        yield Finding("red", "log_away", subject=facts.log_away)
    for service in facts.away:
        yield Finding("red", "database_away", service)


def _clock(facts: Facts) -> Iterator[Finding]:
    """Log time never falls: who waits for records of a time to come waits for the clock, and shows no lag."""
    for consumer in facts.consumers:
        latest = max([consumer.oldest or 0, *(lag.handled for lag in consumer.lags)])
        if latest - facts.now > AHEAD_US:
            yield Finding("red", "clock_jumped", consumer.service, consumer.group, consumer.behind, latest)


def _consumers(facts: Facts) -> Iterator[Finding]:
    for consumer in facts.consumers:
        if not consumer.members:
            yield Finding("red", "nobody_consumes", consumer.service, consumer.group, consumer.behind, consumer.oldest)
            continue
        level = _level(facts.now, consumer.oldest, LAG_RED_US, LAG_YELLOW_US)
        if level:
            yield Finding(level, "consumer_behind", consumer.service, consumer.group, consumer.behind, consumer.oldest)


def _outboxes(facts: Facts) -> Iterator[Finding]:
    for outbox in facts.outboxes:
        level = _level(facts.now, outbox.oldest, OUTBOX_RED_US, OUTBOX_YELLOW_US)
        if not outbox.relaying:
            yield Finding("red", "nobody_relays", outbox.service, "", outbox.waiting, outbox.oldest)
        elif level:
            yield Finding(level, "outbox_waits", outbox.service, "", outbox.waiting, outbox.oldest)


def _door(facts: Facts) -> Iterator[Finding]:
    """Who has handled everything and still is far in the past gets no ticks."""
    for consumer in facts.consumers:
        last = min((lag.handled for lag in consumer.lags if lag.partition.topic == PINGS.name), default=0)
        # 0: no tick was ever taken, so the city has only just begun
        if last and consumer.members and not consumer.behind and facts.now - last > DOOR_SILENT_US:
            yield Finding("red", "door_silent", consumer.service, PINGS.name, since=last)


def _parked(facts: Facts) -> Iterator[Finding]:
    groups = {(stream.service, stream.group) for stream in facts.parked}
    for service, group in sorted(groups):
        streams = [it for it in facts.parked if (it.service, it.group) == (service, group)]
        since = min(stream.since for stream in streams)
        yield Finding("red", "parked", service, group, len(streams), since)


def _views(facts: Facts) -> Iterator[Finding]:
    """A generation after the live one is being built; if nobody works on it, its process died."""
    live = {(view.service, view.view): view.number for view in facts.views if view.live}
    for view in facts.views:
        awaited = view.number > live.get((view.service, view.view), 0) and not view.working and not view.live
        if awaited and facts.now - view.created > REBUILD_BEGINS_US:
            yield Finding("yellow", "rebuild_stopped", view.service, view.view, view.total - view.done, view.created)


def _level(now: Micros, oldest: Micros | None, red: Micros, yellow: Micros) -> Level | None:
    age = 0 if oldest is None else now - oldest
    return "red" if age > red else "yellow" if age > yellow else None
