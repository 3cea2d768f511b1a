"""Exactly-once effect on real PostgreSQL: crashes, zombies, doubles, poison and gaps."""

import threading
from collections.abc import Sequence

import pytest

from shared.clock import SECOND_US, SteeredClock
from shared.contracts.base import REGISTRY
from shared.db.pool import Database
from shared.eventlog.port import EventLog, FencedError, LogUnavailableError, Mark, Message, Partition
from shared.eventlog.relay import Relay
from shared.events import codec
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import Batch
from shared.eventstore.postgres import PostgresStore
from shared.projection.books import DROP, RETRY, Books
from shared.projection.books_memory import MemoryBooks
from shared.projection.books_postgres import PostgresBooks
from shared.projection.grid import GridRunner
from shared.projection.keyed import KeyedRunner
from shared.projection.streams import OpsRequest
from tests.support.toys import LEFT, RIGHT, SAYINGS, Counter, Listener, Said, said


class CrashError(BaseException):
    """Stands for a process that ends at this very point."""


@pytest.fixture
def log(either_log: EventLog) -> EventLog:
    either_log.ensure([LEFT, RIGHT, SAYINGS])
    return either_log


def drain(runner: KeyedRunner | GridRunner, clock: SteeredClock) -> None:  # type: ignore[type-arg]  # any stage
    for _ in range(100):
        clock.advance(SECOND_US)
        runner.step()


def counts(database: Database) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for stored in PostgresStore(database).after(0, 100_000):
        found.setdefault(stored.event.stream, []).append(stored.event.version)
    return found


def grid(database: Database, log: EventLog) -> GridRunner:
    return GridRunner(Counter(), log, PostgresBooks(database))


def left(key: str, n: int, version: int) -> Message:
    return Message(LEFT.name, said(key, n, version=version, category="left"))


def parked(database: Database) -> list[tuple[str, int, str]]:
    entries = PostgresBooks(database).parked("counter").values()
    return [(r.record.event.key, r.record.event.version, r.reason) for refused in entries for r in refused]


def test_a_duplicate_is_skipped_and_a_gap_parks_its_stream_alone(
    database: Database, log: EventLog, clock: SteeredClock
) -> None:
    runner = grid(database, log)
    log.send([left("a", 1, 1), left("a", 1, 1), left("b", 1, 1), left("b", 1, 3), left("b", 1, 4), left("a", 2, 2)])
    drain(runner, clock)
    assert runner.streams._versions == {"left:a": 2, "left:b": 1}
    assert [(key, version) for key, version, _ in parked(database)] == [("b", 3), ("b", 4)]
    assert "missing" in parked(database)[0][2]


def test_a_poison_event_parks_its_stream_only_and_a_retry_takes_it_up_in_order(
    database: Database, log: EventLog, clock: SteeredClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = grid(database, log)
    poison = said("a", 1, version=1, category="left")
    poison = Event(**{f: getattr(poison, f) for f in poison.__struct_fields__} | {"type": "de.leitbake.toy.new.v1"})
    log.send([Message(LEFT.name, poison), left("a", 5, 2), left("b", 7, 1)])
    drain(runner, clock)
    assert [entry[:2] for entry in parked(database)] == [("a", 1), ("a", 2)]
    assert set(counts(database)) == {"tally:b"}

    ask(log, RETRY, "left:a")  # the consumer still does not know the type
    drain(runner, clock)
    assert [entry[:2] for entry in parked(database)] == [("a", 1), ("a", 2)]

    monkeypatch.setitem(REGISTRY, poison.type, Said)
    codec._decoder.cache_clear()
    ask(log, RETRY, "left:a")
    drain(runner, clock)
    assert parked(database) == []
    assert runner.streams._versions == {"left:a": 2, "left:b": 1}
    codec._decoder.cache_clear()


def test_dropping_gives_up_the_first_parked_record_and_goes_on_with_the_rest(
    database: Database, log: EventLog, clock: SteeredClock
) -> None:
    runner = grid(database, log)
    log.send([left("a", 1, 1), left("a", 1, 3), left("a", 1, 4)])
    drain(runner, clock)
    ask(log, DROP, "left:a")
    drain(runner, clock)
    assert parked(database) == []
    assert runner.streams._versions == {"left:a": 4}


def ask(log: EventLog, what: str, stream: str) -> None:
    event = said(stream.partition(":")[2], 0)
    fields = {f: getattr(event, f) for f in event.__struct_fields__}
    request = Event(**fields | {"type": what, "data": encode(OpsRequest("counter", stream))})
    log.send([Message(LEFT.name, request)])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_around_the_commit_gives_no_effect_twice_and_none_lost(
    database: Database, log: EventLog, clock: SteeredClock, when: str
) -> None:
    class CrashingBooks(PostgresBooks):
        def commit(self, *args: object, **kwargs: object) -> None:
            if when == "after":
                super().commit(*args, **kwargs)  # type: ignore[arg-type]  # passed through
            raise CrashError

    log.send([left("a", n, n) for n in range(1, 4)])
    crashing = GridRunner(Counter(), log, CrashingBooks(database))
    clock.advance(SECOND_US)
    with pytest.raises(CrashError):
        drain(crashing, clock)
    runner = grid(database, log)
    drain(runner, clock)
    assert counts(database) == {"tally:a": [1, 2]}
    assert runner.streams._versions == {"left:a": 3}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_amid_the_commits_of_a_catch_up_gives_no_effect_twice_and_none_lost(
    database: Database, log: EventLog, clock: SteeredClock, when: str
) -> None:
    class SecondCrashes(PostgresBooks):
        commits = 0

        def commit(self, *args: object, **kwargs: object) -> None:
            self.commits += 1
            if self.commits != 2 or when == "after":
                super().commit(*args, **kwargs)  # type: ignore[arg-type]  # passed through
            if self.commits == 2:
                raise CrashError

    log.send([Message(SAYINGS.name, said(f"key-{n % 40}", n, time=n)) for n in range(400)])
    crashing = KeyedRunner(Listener(), log, SecondCrashes(database), many=0)
    with pytest.raises(CrashError):
        drain(crashing, clock)
    assert crashing.places == {}
    drain(KeyedRunner(Listener(), log, PostgresBooks(database), many=0), clock)
    once = KeyedRunner(Listener(), log, MemoryBooks(MemoryStore()))
    drain(once, clock)
    assert states(PostgresBooks(database), once.all) == states(once.books, once.all)
    assert len(states(once.books, once.all)) == 40


def states(books: Books, partitions: Sequence[Partition]) -> dict[str, bytes | None]:
    return {row.key: row.data for row in books.rows("listener", partitions)}


class Stolen(PostgresBooks):
    """Believes in its seats for ever, as one does whose session locks went with a lost connection."""

    def seats(self, group: str, partitions: Sequence[Partition]) -> set[Partition]:  # noqa: ARG002  # a lie
        return set(partitions)


def test_a_zombie_is_fenced_by_the_epoch_alone_before_its_heir_has_moved(database: Database, log: EventLog) -> None:
    zombie, heir = (KeyedRunner(Listener(), log, Stolen(database)) for _ in range(2))
    zombie.step()
    heir.step()
    log.send([Message(SAYINGS.name, said("a", 1))])
    zombie.step()
    assert zombie.places == {}
    assert list(PostgresBooks(database).rows("listener", heir.all)) == []
    heir.step()
    assert [row.key for row in PostgresBooks(database).rows("listener", heir.all)] == ["a"]


def test_a_zombie_after_a_takeover_changes_nothing_and_asks_for_membership_again(
    database: Database, log: EventLog, clock: SteeredClock
) -> None:
    zombie = GridRunner(Counter(), log, Stolen(database))
    zombie.step()
    log.send([left("a", 1, 1)])
    heir = GridRunner(Counter(), log, Stolen(database))
    clock.advance(SECOND_US)
    drain(heir, clock)
    before = counts(database)
    log.send([left("a", 2, 2)])
    clock.advance(SECOND_US)
    for _ in range(5):
        zombie.step()
        if not zombie.places:
            break
    assert zombie.places == {}
    assert counts(database) == before
    drain(heir, clock)
    assert heir.streams._versions == {"left:a": 2}


def test_two_consumers_share_the_partitions_and_together_do_everything_once(database: Database, log: EventLog) -> None:
    first, second = (KeyedRunner(Listener(), log, PostgresBooks(database), limit=50) for _ in range(2))
    messages = [Message(SAYINGS.name, said(f"key-{n % 40}", n % 12 + 1, time=n)) for n in range(4_000)]
    stop = threading.Event()
    errors: list[BaseException] = []

    def consume(runner: KeyedRunner) -> None:  # type: ignore[type-arg]  # any stage
        try:
            while not stop.is_set():
                if not runner.step():
                    stop.wait(0.02)
        except BaseException as error:  # noqa: BLE001  # looked at below
            errors.append(error)

    threads = [threading.Thread(target=consume, args=(runner,)) for runner in (first, second)]
    for thread in threads:
        thread.start()
    for start in range(0, len(messages), 100):
        log.send(messages[start : start + 100])
        stop.wait(0.06)
    for _ in range(200):
        if lag(log, database) == 0:
            break
        stop.wait(0.05)
    shares = len(first.places), len(second.places)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert lag(log, database) == 0
    assert shares == (4, 4)
    for runner in (first, second):
        runner.close()
    alone = reference(messages)
    assert {stream: len(versions) for stream, versions in counts(database).items()} == alone
    assert all(versions == list(range(1, len(versions) + 1)) for versions in counts(database).values())


def reference(messages: list[Message]) -> dict[str, int]:
    values: dict[str, int] = {}
    found: dict[str, int] = {}
    for message in messages:
        key = message.event.key
        n = int(message.event.data.decode().split(":")[1].rstrip("}"))
        values[key] = (values.get(key, 0) * 31 + n) % 1_000_000_007
        if values[key] % 3 == 0:
            found[f"ear:{key}"] = found.get(f"ear:{key}", 0) + 1
    return found


def lag(log: EventLog, database: Database) -> int:
    ends = sum(log.ends(SAYINGS.name).values())
    with database.connection() as connection:
        row = connection.execute("SELECT coalesce(sum(next), 0) FROM offsets WHERE grp = 'listener'").fetchone()
    return ends - int(row[0] if row else 0)


def publish(event: Event) -> Message:
    return Message(LEFT.name, event)


def versions(log: EventLog) -> list[int]:
    """Everything on the topic; an adapter may hand it out in pieces."""
    [partition] = log.partitions(LEFT.name)
    found, mark = [], Mark()
    while chunks := log.read({partition: mark}, 100):
        found += [record.event.version for record in chunks[0].records]
        mark = chunks[0].mark
    return found


def test_the_relay_sends_in_position_order_and_goes_on_after_a_crash_between_send_and_cursor(
    database: Database, log: EventLog, clock: SteeredClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(database)
    relay = Relay(database, store, log, publish, name="toy")
    store.append([Batch("left:a", 0, [said("a", n, version=n, category="left") for n in range(1, 4)])])
    monkeypatch.setattr(Relay, "_move", lambda *_: (_ for _ in ()).throw(CrashError()))
    with pytest.raises(CrashError):
        relay.step()
    monkeypatch.undo()
    store.append([Batch("left:a", 3, [said("a", 4, version=4, category="left")])])
    heir = Relay(database, store, log, publish, name="toy")
    while heir.step():
        pass
    assert versions(log) == [1, 2, 3, 1, 2, 3, 4]
    runner = grid(database, log)
    drain(runner, clock)
    assert runner.streams._versions == {"left:a": 4}
    heir.close()


@pytest.mark.parametrize("fault", [LogUnavailableError("no broker answers"), CrashError()])
def test_what_could_not_be_sent_is_sent_by_the_next_step_and_by_an_heir(
    database: Database, log: EventLog, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    store = PostgresStore(database)
    relay = Relay(database, store, log, publish, name="toy")
    store.append([Batch("left:a", 0, [said("a", n, version=n, category="left") for n in (1, 2)])])
    for sender in (relay, Relay(database, store, log, publish, name="toy")):
        with monkeypatch.context() as broken:
            broken.setattr(log, "send", lambda *_: (_ for _ in ()).throw(fault))
            with pytest.raises(type(fault)):
                sender.step()
    assert versions(log) == []
    assert relay.step() == 2
    assert versions(log) == [1, 2]
    relay.close()


def test_a_second_relay_waits_and_a_fenced_one_cannot_send(database: Database, log: EventLog) -> None:
    store = PostgresStore(database)
    first = Relay(database, store, log, publish, name="toy")
    second = Relay(database, store, log, publish, name="toy")
    store.append([Batch("left:a", 0, [said("a", 1, version=1, category="left")])])
    assert first.step() == 1
    store.append([Batch("left:a", 1, [said("a", 2, version=2, category="left")])])
    assert second.step() == 0
    log.fence("relay toy")
    with pytest.raises(FencedError):
        first.step()
    assert second.step() == 1
    assert versions(log) == [1, 2]
    second.close()
