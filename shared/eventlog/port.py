"""The log: topics with partitions, ordered by key, told up to which instant they are complete."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from shared.clock import Micros
from shared.contracts.topics import Topic
from shared.events.envelope import Event

# An event with its envelope; a log need not take larger ones.
MAX_RECORD_BYTES = 16 << 20


class Partition(NamedTuple):
    """One partition of a topic; sorts in the order in which rows are locked."""

    topic: str
    number: int


class Message(NamedTuple):
    """An event on its way to a topic. ``partition`` is only given for ticks and ops records; else the key decides."""

    topic: str
    event: Event
    partition: int | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """An event as the log holds it; ``time`` is its log time (µs), never falling within a partition."""

    partition: Partition
    offset: int
    time: Micros
    event: Event


class Mark(NamedTuple):
    """Where a reader stands: the next offset to read, and an instant that no record from there on is before."""

    next: int = 0
    time: Micros = 0


class Chunk(NamedTuple):
    """Records of one partition and what reading them proved.

    ``complete``: every record whose log time is before this instant has been handed out, now or earlier.
    """

    partition: Partition
    records: Sequence[Record]
    mark: Mark
    complete: Micros


class LogUnavailableError(Exception):
    """The log cannot be reached now; nothing was acknowledged. Doors answer 503 with Retry-After."""


class FencedError(Exception):
    """Somebody newer took over; drop all in-memory state and ask for membership again."""


class Fence(NamedTuple):
    """The right to send under a name, as Kafka's transactional id gives it; a newer one ends the older ones."""

    name: str
    epoch: int


class Readable(Protocol):
    """What a consumer needs of a log. Offsets rise but need not be dense. Thread-safe."""

    @property
    def grid(self) -> Micros:
        """How far apart the grid points of deciders with several inputs lie on this log (law 7)."""
        ...

    def partitions(self, topic: str) -> list[Partition]:
        """All partitions of the topic, in order; raises ``KeyError`` for an unknown one."""
        ...

    def read(self, marks: Mapping[Partition, Mark], limit: int) -> list[Chunk]:
        """What lies behind each mark, at most ``limit`` records per mark, all together; never waits for more to come.

        A partition without news and without newer completeness gives no chunk. Raises ``LogUnavailableError``.
        """
        ...

    def seal(self, partitions: Sequence[Partition], when: Micros) -> bool:
        """Nothing, and False, until the log's clock passes ``when``; then every partition becomes complete up to it."""
        ...

    def ends(self, topic: str) -> dict[Partition, int]:
        """The next offset of each partition, for lag and catch-up; raises ``LogUnavailableError``."""
        ...

    def waiting_since(self, marks: Mapping[Partition, Mark]) -> Micros | None:
        """The log time of the oldest record behind the marks; None where there is none. For those who watch."""
        ...


class EventLog(Readable, Protocol):
    """Kafka, PostgreSQL or memory."""

    def ensure(self, topics: Sequence[Topic]) -> None:
        """Create what is missing; raises ``ValueError`` where a topic exists with another number of partitions."""
        ...

    def fence(self, name: str) -> Fence:
        """Take over the name. Blocks until older holders can send no more."""
        ...

    def send(self, messages: Sequence[Message], fence: Fence | None = None) -> None:
        """Return when all are durable, in their order per partition; raises ``LogUnavailableError``, ``FencedError``.

        After an error some may be there: send again, readers skip what they know.
        """
        ...

    def seek(self, partition: Partition, time: Micros) -> Mark:
        """The mark of the first record at or after ``time``."""
        ...

    def close(self) -> None:
        """Give back connections; nobody may use it any more."""
        ...
