"""What every log does; each adapter is put through the same suite."""

import msgspec
import pytest

from shared.clock import DAY_US, SECOND_US, SteeredClock
from shared.contracts.topics import Topic
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import MAX_RECORD_BYTES, EventLog, FencedError, Mark, Message, Partition
from shared.eventlog.postgres import PostgresLog
from tests.conftest import START_US
from tests.support.toys import LEFT, SAYINGS, said

ONLY = Partition(LEFT.name, 0)


@pytest.fixture(params=["memory", "postgres", "kafka"])
def log(request: pytest.FixtureRequest, clock: SteeredClock) -> EventLog:
    made: EventLog = MemoryLog(clock) if request.param == "memory" else request.getfixturevalue(f"{request.param}_log")
    made.ensure([LEFT, SAYINGS])
    return made


def words(log: EventLog, mark: Mark = Mark(), limit: int = 100) -> tuple[list[bytes], Mark, int]:  # noqa: B008  # frozen
    [chunk] = log.read({ONLY: mark}, limit)
    return [record.event.data for record in chunk.records], chunk.mark, chunk.complete


def all_words(log: EventLog) -> list[bytes]:
    """Everything there is; an adapter may hand it out in pieces."""
    found, mark = [], Mark()
    while chunks := log.read({ONLY: mark}, 100):
        found += [record.event.data for record in chunks[0].records]
        mark = chunks[0].mark
    return found


def test_records_come_back_whole_in_their_order(log: EventLog) -> None:
    sent = [said("a", n, version=n + 1) for n in range(5)]
    log.send([Message(LEFT.name, event) for event in sent])
    [chunk] = log.read({ONLY: Mark()}, 100)
    assert [record.event for record in chunk.records] == sent
    offsets = [record.offset for record in chunk.records]
    assert offsets == sorted(set(offsets))


def test_the_largest_event_passes_between_others(log: EventLog) -> None:
    large = msgspec.structs.replace(said("a", 2), data=b'"%s"' % (b"x" * (MAX_RECORD_BYTES // 2)))
    sent = [said("a", 1), large, said("a", 3)]
    log.send([Message(LEFT.name, event) for event in sent], log.fence("relay toy"))
    log.send([Message(LEFT.name, large)])
    assert all_words(log) == [event.data for event in [*sent, large]]


def test_a_reader_goes_on_where_its_mark_stands(log: EventLog) -> None:
    log.send([Message(LEFT.name, said("a", n)) for n in range(5)])
    first, mark, _ = words(log, limit=2)
    rest, mark, _ = words(log, mark)
    assert first + rest == [b'{"n":%d}' % n for n in range(5)]
    assert log.read({ONLY: mark}, 100) == []


def test_one_key_stays_in_one_partition_and_keys_spread(log: EventLog) -> None:
    log.send([Message(SAYINGS.name, said(f"key-{n % 20}", n)) for n in range(100)])
    chunks = log.read({partition: Mark() for partition in log.partitions(SAYINGS.name)}, 100)
    homes: dict[str, set[int]] = {}
    for chunk in chunks:
        for record in chunk.records:
            homes.setdefault(record.event.key, set()).add(chunk.partition.number)
    assert len(homes) == 20
    assert all(len(home) == 1 for home in homes.values())
    assert len(chunks) > 3


def test_a_partition_can_be_named(log: EventLog) -> None:
    log.send([Message(SAYINGS.name, said("same", n), partition=n) for n in range(8)])
    chunks = log.read({partition: Mark() for partition in log.partitions(SAYINGS.name)}, 100)
    assert [len(chunk.records) for chunk in chunks] == [1] * 8


def test_log_time_is_the_clock_and_never_falls(log: EventLog, clock: SteeredClock) -> None:
    log.send([Message(LEFT.name, said("a", 1))])
    clock.advance(-SECOND_US)
    log.send([Message(LEFT.name, said("a", 2))])
    clock.advance(3 * SECOND_US)
    log.send([Message(LEFT.name, said("a", 3))])
    [chunk] = log.read({ONLY: Mark()}, 100)
    assert [record.time - START_US for record in chunk.records] == [0, 0, 2 * SECOND_US]


def test_completeness_is_the_last_time_handed_out_while_more_waits(log: EventLog, clock: SteeredClock) -> None:
    for _ in range(3):
        clock.advance(SECOND_US)
        log.send([Message(LEFT.name, said("a", 1))])
    _, mark, complete = words(log, limit=2)
    assert complete == START_US + 2 * SECOND_US
    _, _, complete = words(log, mark)
    assert complete == START_US + 3 * SECOND_US


def test_sealing_waits_for_the_clock_then_completes_up_to_the_instant(log: EventLog, clock: SteeredClock) -> None:
    log.send([Message(LEFT.name, said("a", 1))])
    _, mark, _ = words(log)
    log.seal([ONLY], START_US + SECOND_US)
    assert log.read({ONLY: mark}, 100) == []
    clock.advance(SECOND_US)
    log.seal([ONLY], START_US + SECOND_US)
    records, mark, complete = words(log, mark)
    assert records == []
    assert complete >= START_US + SECOND_US
    clock.advance(-SECOND_US)
    log.send([Message(LEFT.name, said("a", 2))])
    [chunk] = log.read({ONLY: mark}, 100)
    assert chunk.records[0].time >= complete


def test_a_newer_fence_ends_the_older_one(log: EventLog) -> None:
    old = log.fence("relay toy")
    log.send([Message(LEFT.name, said("a", 1))], old)
    new = log.fence("relay toy")
    with pytest.raises(FencedError):
        log.send([Message(LEFT.name, said("a", 2))], old)
    log.send([Message(LEFT.name, said("a", 3))], new)
    assert all_words(log) == [b'{"n":1}', b'{"n":3}']


def test_seeking_by_time_finds_the_first_record_not_before_it(log: EventLog, clock: SteeredClock) -> None:
    for n in range(4):
        log.send([Message(LEFT.name, said("a", n))])
        clock.advance(SECOND_US)
    mark = log.seek(ONLY, START_US + SECOND_US + 1)
    assert words(log, mark)[0] == [b'{"n":2}', b'{"n":3}']
    assert log.read({ONLY: log.seek(ONLY, START_US + DAY_US)}, 10) == []


def test_the_end_counts_what_was_sent(log: EventLog) -> None:
    log.send([Message(LEFT.name, said("a", n)) for n in range(3)])
    _, mark, _ = words(log)
    assert log.ends(LEFT.name)[ONLY] == mark.next


def test_a_topic_keeps_its_number_of_partitions(log: EventLog) -> None:
    log.ensure([LEFT, SAYINGS])
    with pytest.raises(ValueError, match="partitions"):
        log.ensure([Topic(LEFT.name, "key", partitions=3)])
    with pytest.raises(KeyError):
        log.partitions("toy.unknown")


def test_months_of_pings_are_made_as_they_come_and_dropped_by_age(
    postgres_log: PostgresLog, clock: SteeredClock
) -> None:
    aging = Topic("toy.aging", "key", retained=False)
    postgres_log.ensure([aging, LEFT])
    for n in range(3):
        postgres_log.send([Message(aging.name, said("a", n)), Message(LEFT.name, said("a", n))])
        clock.advance(31 * DAY_US)
    assert postgres_log.drop_before(clock.now() - 45 * DAY_US) == ["records_aging_2026_03"]
    [kept] = postgres_log.read({Partition(aging.name, 0): Mark()}, 10)
    assert [record.event.data for record in kept.records] == [b'{"n":1}', b'{"n":2}']
    assert len(words(postgres_log)[0]) == 3
