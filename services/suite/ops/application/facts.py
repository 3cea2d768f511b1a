"""What ops know at one moment; times in µs. Made by ``look``, judged by ``verdict``, shown by page and terminal."""

from collections.abc import Sequence
from typing import NamedTuple

from shared.clock import Micros
from shared.eventlog.port import Partition


class Lag(NamedTuple):
    """``next`` is the offset that will be handled next, ``handled`` the log time up to which all were.

    ``behind`` is an upper bound where offsets are not dense, and 0 where nothing waits.
    """

    partition: Partition
    next: int
    behind: int
    handled: Micros


class Consumer(NamedTuple):
    """A group of one service; ``members`` hold its seats now, ``oldest`` is the log time of what waits longest."""

    service: str
    group: str
    members: int
    oldest: Micros | None
    lags: Sequence[Lag]

    @property
    def behind(self) -> int:
        return sum(lag.behind for lag in self.lags)


class Outbox(NamedTuple):
    """Events of a service's store that are not on the log yet, from store position ``next`` on."""

    service: str
    next: int
    waiting: int
    oldest: Micros | None
    relaying: bool


class ParkedStream(NamedTuple):
    """A stream that a group stopped at; ``type`` and ``reason`` of its first record, ``since`` its log time."""

    service: str
    group: str
    stream: str
    records: int
    topic: str
    type: str
    reason: str
    since: Micros


class Refusals(NamedTuple):
    """Messages without a stream that a group refused for one reason within the last day."""

    service: str
    group: str
    reason: str
    amount: int
    newest: Micros


class TurnedAway(NamedTuple):
    """Pings that the door of a service refused for one reason within the last day: they are on no log."""

    service: str
    reason: str
    amount: int
    newest: Micros


class Built(NamedTuple):
    """A generation of a view; ``total`` and ``done`` count the records it has to apply."""

    service: str
    view: str
    number: int
    live: bool
    working: bool
    created: Micros
    done: int
    total: int


class Kept(NamedTuple):
    """A topic of the log: records kept (an upper bound), the log time of the first, and whether it stays for ever."""

    topic: str
    partitions: int
    records: int
    first: Micros | None
    retained: bool


class Facts(NamedTuple):
    """``away`` names the services whose database does not answer; ``log_away`` says why the log does not."""

    now: Micros
    consumers: Sequence[Consumer]
    outboxes: Sequence[Outbox]
    parked: Sequence[ParkedStream]
    refusals: Sequence[Refusals]
    turned_away: Sequence[TurnedAway]
    views: Sequence[Built]
    kept: Sequence[Kept]
    away: Sequence[str]
    log_away: str
