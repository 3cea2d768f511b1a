"""The runner of views: folds records into the tables of one generation, offsets in the same commit."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from shared.db.pool import Connection
from shared.eventlog.port import FencedError, Partition, Readable, Record
from shared.events.codec import PoisonError
from shared.projection.books import Books, Effects
from shared.projection.consumer import Consumer
from shared.projection.generations import Generation, point_to
from shared.projection.protocols import View

LIMIT = 2_000


class ViewRunner(Consumer):
    """Runs a ``View`` into one generation of it; one runner at a time works on a generation."""

    whole = True

    def __init__(self, view: View, generation: Generation, log: Readable, books: Books, *, limit: int = LIMIT) -> None:
        super().__init__(log, books, generation.group, view.topics)
        self._view, self._generation, self._limit = view, generation, limit
        self._one_by_one = False

    def work(self) -> bool:
        chunks = self.log.read({partition: place.mark for partition, place in self.places.items()}, self._limit)
        places = {c.partition: self.places[c.partition]._replace(mark=c.mark) for c in chunks}
        records = [record for chunk in chunks for record in chunk.records]
        # Also past what only the log sees there (on Kafka: seals, ends of transactions).
        moves = {
            where: (self.places[where], place)
            for where, place in places.items()
            if place.mark.next != self.places[where].mark.next
        }
        if moves:
            self.books.commit(self.group, moves, lambda tx: self._apply(tx, records))
            self._one_by_one = False
        self.places |= places
        return bool(records)

    def _apply(self, tx: Connection, records: Sequence[Record]) -> Effects:
        point_to(tx, self._generation.schema)
        if self._one_by_one:
            for record in records:
                self.streams.offer(record, lambda record: self._apply_one(tx, record))
        else:
            self._apply_all(tx, records)
        point_to(tx, None)
        return self.streams.effects()

    def _apply_all(self, tx: Connection, records: Sequence[Record]) -> None:
        """All in one go; where the database refuses a value, begin anew, one by one, to find whom to park."""
        facts: list[tuple[Any, Record]] = []

        def collect(record: Record) -> None:
            fact = self._view.decode(record.event)
            if fact is not None:
                facts.append((fact, record))

        for record in records:
            self.streams.offer(record, collect)
        try:
            self._view.apply(tx, facts)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            self._one_by_one = True
            raise FencedError(f"again one by one: {error}") from error

    def _apply_one(self, tx: Connection, record: Record) -> None:
        fact = self._view.decode(record.event)
        if fact is None:
            return
        try:
            with tx.transaction():
                self._view.apply(tx, [(fact, record)])
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise PoisonError(str(error).strip()) from error

    def lag(self) -> int:
        """Records between this generation and the end of its topics (an upper bound where offsets are not dense)."""
        ends: dict[Partition, int] = {}
        for topic in self._view.topics:
            ends |= self.log.ends(topic)
        return sum(end - self.places[where].mark.next for where, end in ends.items() if where in self.places)

    def join(self, partitions: Iterable[Partition]) -> None:
        """A view's state is its tables."""

    def leave(self, partitions: Iterable[Partition]) -> None:
        """Nothing is kept in memory."""
