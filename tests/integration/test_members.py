"""Two workers of one service: who works on what, and who takes over."""

import pytest

from shared.clock import SECOND_US, SteeredClock
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.eventstore.postgres import PostgresStore
from shared.projection import books_postgres, live
from shared.projection.books_postgres import PostgresBooks
from shared.projection.consumer import Consumer
from shared.projection.grid import GridRunner
from shared.projection.keyed import KeyedRunner
from shared.projection.view import ViewRunner
from tests.support.toys import LEFT, RIGHT, SAYINGS, Book, Counter, Listener, said


@pytest.fixture(autouse=True)
def _ask_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books_postgres, "SEATS_EVERY_S", 0.0)


@pytest.fixture
def log(postgres_log: EventLog) -> EventLog:
    postgres_log.ensure([LEFT, RIGHT, SAYINGS])
    return postgres_log


class TwoTopics(Book):
    topics = (LEFT.name, RIGHT.name)  # type: ignore[assignment]  # the view has one


def decided(database: Database) -> set[str]:
    """Streams that have events."""
    return {stored.event.stream for stored in PostgresStore(database).after(0, 100)}


def rounds(clock: SteeredClock, *members: Consumer) -> None:
    for _ in range(6):
        clock.advance(SECOND_US)
        for member in members:
            member.step()


def test_of_two_deciders_one_has_every_input_and_the_other_takes_over_all_of_them(
    database: Database, log: EventLog, clock: SteeredClock
) -> None:
    one, other = (GridRunner(Counter(), log, PostgresBooks(database)) for _ in range(2))
    one.step()
    log.send([Message(LEFT.name, said("a", 1, version=1, category="left"))])
    rounds(clock, one, other)
    assert (set(one.places), set(other.places)) == (set(one.all), set())
    assert decided(database) == {"tally:a"}
    one.close()
    log.send([Message(LEFT.name, said("b", 1, version=1, category="left"))])
    rounds(clock, other)
    assert set(other.places) == set(other.all)
    assert decided(database) == {"tally:a", "tally:b"}
    other.close()


def test_of_two_runners_of_a_view_one_has_every_input(database: Database, log: EventLog, clock: SteeredClock) -> None:
    generation = live.ensure(database, TwoTopics())
    one, other = (ViewRunner(TwoTopics(), generation, log, PostgresBooks(database)) for _ in range(2))
    rounds(clock, one, other)
    assert (set(one.places), set(other.places)) == (set(one.all), set())
    one.close()
    other.close()


def test_two_workers_of_a_keyed_stage_share_its_partitions(
    database: Database, log: EventLog, clock: SteeredClock
) -> None:
    one, other = (KeyedRunner(Listener(), log, PostgresBooks(database)) for _ in range(2))
    one.step()
    assert set(one.places) == set(one.all)
    rounds(clock, one, other)
    assert abs(len(one.places) - len(other.places)) <= 1
    assert set(one.places) | set(other.places) == set(one.all)
    assert not set(one.places) & set(other.places)
    one.close()
    other.close()
