"""What every runner shares: its seats, its places, and the rule that a failed step leaves no memory behind."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import structlog

from shared.eventlog.port import FencedError, Partition, Readable
from shared.projection.books import Books, Place
from shared.projection.streams import Streams

logger = structlog.get_logger()


class Consumer(ABC):
    """Reads topics, commits effects and offsets together. ``step`` is called in a loop by one thread.

    ``whole``: one member has all partitions or none. Two members that shared the two inputs of a grid waited for each
    other for ever.
    """

    whole = False

    def __init__(self, log: Readable, books: Books, group: str, topics: Sequence[str]) -> None:
        self.log, self.books, self.group = log, books, group
        self.all = [partition for topic in topics for partition in log.partitions(topic)]
        self.places: dict[Partition, Place] = {}
        self.streams = Streams(group, {}, {})

    def step(self) -> bool:
        """Do what can be done now; False when there was nothing.

        Raises ``LogUnavailableError`` and ``DatabaseUnavailableError``: wait and call again.
        """
        try:
            self._sit()
            return bool(self.places) and self.work()
        except FencedError as error:
            logger.warning("consumer_fenced", group=self.group, reason=str(error))
            self._forget()
            return False
        except BaseException:
            self._forget()
            raise

    def close(self) -> None:
        self._forget()

    def _sit(self) -> None:
        seats = self.books.seats(self.group, self.all[:1] if self.whole else self.all)
        if self.whole and seats:
            seats = set(self.all)
        gone, new = self.places.keys() - seats, seats - self.places.keys()
        if gone:
            for partition in gone:
                del self.places[partition]
            self.leave(gone)
        if new:
            self.places |= self.books.claim(self.group, new)
            self.streams = Streams(self.group, self.books.streams(self.group), self.books.parked(self.group))
            self.join(new)

    def _forget(self) -> None:
        """A failed commit makes everything in memory doubtful; another may hold the seats by now."""
        gone = set(self.places)
        self.places.clear()
        self.leave(gone)
        self.books.release()

    @abstractmethod
    def work(self) -> bool:
        """One step over ``places``; True when something moved."""

    @abstractmethod
    def join(self, partitions: Iterable[Partition]) -> None:
        """Load the states of partitions just claimed."""

    @abstractmethod
    def leave(self, partitions: Iterable[Partition]) -> None:
        """Throw away whatever is in memory of those partitions."""
