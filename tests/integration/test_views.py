"""Views: rebuilt into a new generation while live goes on, switched by one pointer; poison parks its stream only."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.projection import generations
from shared.projection.books_postgres import PostgresBooks
from shared.projection.live import LiveView
from shared.projection.view import ViewRunner
from tests.support.toys import LEFT, Book, said


@pytest.fixture
def log(either_log: EventLog) -> EventLog:
    either_log.ensure([LEFT])
    return either_log


def left(key: str, n: int, version: int) -> Message:
    return Message(LEFT.name, said(key, n, version=version, category="left"))


def drain(runner: ViewRunner) -> None:
    runner.step()
    while runner.step():
        pass


def pages(database: Database) -> dict[str, tuple[int, int]]:
    with generations.reading(database, "book") as tx:
        return {key: (words, value) for key, words, value in tx.execute("SELECT key, words, value FROM book")}


@pytest.fixture
def first(database: Database, log: EventLog) -> Iterator[ViewRunner]:
    generation = generations.create(database, Book(), live=True)
    runner = ViewRunner(Book(), generation, log, PostgresBooks(database), limit=3)
    yield runner
    runner.close()


def test_a_value_that_the_database_refuses_parks_its_stream_only(
    database: Database, log: EventLog, first: ViewRunner
) -> None:
    log.send([left("a", 1, 1), left("b", 13, 1), left("b", 2, 2), left("c", 3, 1)])
    drain(first)
    assert set(pages(database)) == {"a", "c"}
    parked = PostgresBooks(database).parked("book@1")
    assert {stream: [r.record.event.version for r in refused] for stream, refused in parked.items()} == {
        "left:b": [1, 2]
    }


def test_a_rebuild_equals_live_while_live_goes_on_and_readers_see_one_or_the_other(
    database: Database, log: EventLog, first: ViewRunner
) -> None:
    versions = dict.fromkeys("abcde", 0)

    def more(count: int) -> None:
        for n in range(count):
            key = "abcde"[n % 5]
            versions[key] += 1
            log.send([left(key, n % 11 + 1, versions[key])])

    more(60)
    drain(first)
    stop, torn = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            with generations.reading(database, "book") as tx:
                counts = {tx.execute("SELECT coalesce(sum(words), 0) FROM book").fetchone()[0] for _ in range(3)}  # type: ignore[index]
                if len(counts) != 1 or min(counts) < 60:
                    torn.append(counts)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        generation = generations.create(database, Book())
        rebuild = ViewRunner(Book(), generation, log, PostgresBooks(database), limit=20)
        more(10)
        drain(rebuild)
        drain(first)
        assert rebuild.lag() == 0
        live_before = pages(database)
        generations.switch(database, generation)
        assert pages(database) == live_before
        first.close()
        first = rebuild
    stop.set()
    reader.join()
    assert torn == []
    assert sum(words for words, _ in pages(database).values()) == 110
    assert generations.drop_older(database, generation) == 5
    assert generations.live(database, "book") == generation
    first.close()


def test_a_view_that_was_never_built_is_said_to_be_so(database: Database) -> None:
    with pytest.raises(generations.NoGenerationError), generations.reading(database, "book"):
        pass


class Counted(Book):
    """The same view a release later: its tables have another column."""

    version = 2

    def create(self, tx: "psycopg.Connection[Any]") -> None:
        super().create(tx)
        tx.execute("ALTER TABLE book ADD COLUMN letters int NOT NULL DEFAULT 1")


def test_a_view_of_a_newer_version_is_built_beside_the_old_one_which_is_read_until_then(
    database: Database, log: EventLog, first: ViewRunner
) -> None:
    log.send([left(key, n, n) for n in range(1, 9) for key in "abc"])
    drain(first)
    before = pages(database)
    with pytest.raises(generations.NoGenerationError), generations.reading(database, "book") as tx:
        tx.execute("SELECT letters FROM book")
    workers = [LiveView(Counted(), log, database) for _ in range(2)]
    while generations.live(database, "book").version == 1:
        assert pages(database) == before
        for worker in reversed(workers):
            worker.step()
    log.send([left("d", 5, 1)])
    while "d" not in pages(database):
        for worker in workers:
            worker.step()
    assert pages(database) == before | {"d": (1, 5)}
    with generations.reading(database, "book") as tx:
        assert tx.execute("SELECT sum(letters) FROM book").fetchone() == (4,)
        assert tx.execute("SELECT count(*) FROM generations").fetchone() == (2,)
    for worker in workers:
        worker.close()
