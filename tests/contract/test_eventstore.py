"""What every event store does; each adapter is put through the same suite."""

import uuid

import pytest

from shared.db.pool import Database
from shared.events.envelope import Event
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import Batch, ConcurrencyError, EventStore
from shared.eventstore.postgres import PostgresStore


def event(stream: str, version: int, data: bytes = b"{}", event_id: str | None = None) -> Event:
    return Event(
        id=event_id or str(uuid.uuid4()),
        type="de.leitbake.toy.said.v1",
        stream=stream,
        version=version,
        time=1,
        recorded=2,
        data=data,
        correlation="c",
        causation="d",
    )


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> EventStore:
    if request.param == "memory":
        return MemoryStore()
    database: Database = request.getfixturevalue("database")
    return PostgresStore(database)


def test_what_was_appended_is_read_back_whole_and_in_order(store: EventStore) -> None:
    one, two = event("toy:a", 1, b'{"n":1}'), event("toy:a", 2, b'{"n":2}')
    store.append([Batch("toy:a", 0, [one, two])])
    assert store.read("toy:a") == [one, two]
    assert store.read("toy:unknown") == []


def test_many_streams_enter_together(store: EventStore) -> None:
    batches = [Batch(f"toy:{n}", 0, [event(f"toy:{n}", 1)]) for n in range(5)]
    store.append(batches)
    assert [stored.event for stored in store.after(0, 10)] == [batch.events[0] for batch in batches]


def test_reading_after_a_position_gives_what_follows_up_to_the_limit(store: EventStore) -> None:
    for version in range(1, 6):
        store.append([Batch("toy:a", version - 1, [event("toy:a", version)])])
    first = store.after(0, 2)
    rest = store.after(first[-1].position, 10)
    assert [stored.event.version for stored in first + rest] == [1, 2, 3, 4, 5]
    assert store.after(rest[-1].position, 10) == []
    assert store.last() == rest[-1].position


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_a_wrong_expected_version_is_refused_and_nothing_enters(store: EventStore, expected: int) -> None:
    store.append([Batch("toy:a", 0, [event("toy:a", 1)])])
    innocent = Batch("toy:b", 0, [event("toy:b", 1)])
    with pytest.raises(ConcurrencyError):
        store.append([innocent, Batch("toy:a", expected, [event("toy:a", expected + 1)])])
    assert store.read("toy:b") == []
    assert len(store.read("toy:a")) == 1


def test_appending_the_same_events_again_changes_nothing(store: EventStore) -> None:
    batch = Batch("toy:a", 0, [event("toy:a", 1), event("toy:a", 2)])
    position = store.append([batch])
    assert store.append([batch]) == position
    assert len(store.after(0, 10)) == 2


def test_the_same_id_with_other_content_is_a_conflict(store: EventStore) -> None:
    original = event("toy:a", 1, b'{"n":1}')
    store.append([Batch("toy:a", 0, [original])])
    with pytest.raises(ConcurrencyError):
        store.append([Batch("toy:a", 0, [event("toy:a", 1, b'{"n":2}', original.id)])])
    with pytest.raises(ConcurrencyError):
        store.append([Batch("toy:b", 0, [event("toy:b", 1, b'{"n":1}', original.id)])])


@pytest.mark.parametrize(
    "batches",
    [
        [Batch("toy:a", 0, [event("toy:a", 2)])],
        [Batch("toy:a", 0, [event("toy:b", 1)])],
        [Batch("toy:a", 0, [])],
        [Batch("toy:a", 0, [event("toy:a", 1)]), Batch("toy:a", 1, [event("toy:a", 2)])],
    ],
)
def test_batches_that_contradict_themselves_are_a_programming_error(store: EventStore, batches: list[Batch]) -> None:
    with pytest.raises(ValueError, match=r"stream|version"):
        store.append(batches)
