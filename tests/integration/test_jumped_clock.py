"""A clock that ran a day ahead for a moment: what waits for it, what does not, and that nothing is lost."""

from shared.clock import DAY_US, SECOND_US, SteeredClock
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.events.codec import decode
from shared.eventstore.postgres import PostgresStore
from shared.projection import generations
from shared.projection.books_postgres import PostgresBooks
from shared.projection.consumer import Consumer
from shared.projection.grid import GridRunner
from shared.projection.view import ViewRunner
from tests.support.toys import LEFT, RIGHT, Book, Counter, said


def drain(runner: Consumer) -> None:
    for _ in range(5):
        while runner.step():
            pass


def test_deciders_of_several_inputs_wait_for_the_clock_views_do_not_and_all_is_decided_then(
    database: Database, either_log: EventLog, clock: SteeredClock
) -> None:
    either_log.ensure([LEFT, RIGHT])
    grid = GridRunner(Counter(), either_log, PostgresBooks(database))
    view = ViewRunner(Book(), generations.create(database, Book(), live=True), either_log, PostgresBooks(database))

    def send(topic: str, key: str, version: int) -> None:
        either_log.send([Message(topic, said(key, version, version=version, category=topic.rpartition(".")[2]))])
        clock.advance(SECOND_US)
        drain(grid)
        drain(view)

    def decided() -> set[str]:
        store = PostgresStore(database)
        return {it.event.stream for it in store.after(0, store.last())}

    def seen() -> set[str]:
        with generations.reading(database, "book") as tx:
            return {row[0] for row in tx.execute("SELECT key FROM book")}

    send(LEFT.name, "before", 1)
    assert decided() == {"tally:before"}
    clock.advance(DAY_US)
    send(LEFT.name, "jumped", 1)
    clock.advance(-DAY_US)
    send(LEFT.name, "after", 1)
    send(RIGHT.name, "other", 1)
    assert seen() == {"before", "jumped", "after"}
    held = decided()
    assert not {"tally:after", "tally:other"} & held
    clock.advance(DAY_US + 10 * SECOND_US)
    send(LEFT.name, "later", 1)
    assert decided() == {f"tally:{key}" for key in ("before", "jumped", "after", "other", "later")}
    assert all(decode(it.event) for it in PostgresStore(database).after(0, 100))
    grid.close()
    view.close()
