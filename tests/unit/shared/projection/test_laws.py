"""Time and batches: given its inputs and their log times, no stage's result depends on how they arrived."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.topics import Topic
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import Message
from shared.events.codec import encode
from shared.projection.books_memory import MemoryBooks
from shared.projection.consumer import Consumer
from shared.projection.grid import GridRunner
from shared.projection.keyed import KeyedRunner
from tests.support.runs import Entry, Result, run
from tests.support.toys import LEFT, MODULUS, RIGHT, SAYINGS, Counted, Counter, Listener, said, tick

GRID = 50_000
KEYS = st.sampled_from(["a", "b", "c", "d", "e"])
# Steps of log time that hit the grid, miss it, and repeat an instant.
GAPS = st.sampled_from([0, 0, 1, 10_000, 49_999, 50_000, 70_000, 119_999, 120_000, 400_000])


@st.composite
def two_topics(draw: st.DrawFn) -> list[Entry]:
    entries = []
    versions: dict[tuple[str, str], int] = {}
    for topic in (LEFT, RIGHT):
        time = 1_000_000
        for n in draw(st.lists(st.integers(1, 99), max_size=12)):
            key = draw(KEYS)
            time += draw(GAPS)
            version = versions[topic.name, key] = versions.get((topic.name, key), 0) + 1
            event = said(key, n, version=version, time=time, category=topic.name)
            entries.append(Entry(time, Message(topic.name, event)))
            if draw(st.booleans()):  # at-least-once: the relay may send it again
                entries.append(Entry(time, Message(topic.name, event)))
    return entries


@st.composite
def sayings(draw: st.DrawFn) -> list[tuple[int, str | None, int]]:
    """(time, key, n), or (time, None, slot) for a tick to all partitions."""
    script: list[tuple[int, str | None, int]] = []
    time, slot = 1_000_000, 100
    for kind in draw(st.lists(st.integers(0, 3), max_size=30)):
        time += draw(GAPS)
        if kind == 0:
            slot += draw(st.sampled_from([0, 1, 1, 5]))
            script.append((time, None, slot))
        else:
            script.append((time, draw(KEYS), draw(st.sampled_from([1, 2, 3, 13, 50]))))
    return script


def grid_run(entries: list[Entry], *, limit: int = 5_000, ahead: Any = (), restarts: Any = ()) -> Result:
    def build(log: MemoryLog, books: MemoryBooks, writes: list[Any]) -> Consumer:
        def sink(_: Any, said: Any) -> tuple[()]:
            writes.extend(said)
            return ()

        return GridRunner(Counter(), log, books, grid=GRID, sink=sink, limit=limit)

    return run(entries, (LEFT, RIGHT), build, ahead=ahead, restarts=restarts)


def keyed_run(
    script: list[tuple[int, str | None, int]],
    partitions: int,
    *,
    limit: int = 5_000,
    many: int = 2_000,
    ahead: Any = (),
    restarts: Any = (),
) -> Result:
    entries = []
    for number, (time, key, n) in enumerate(script):
        if key is None:
            entries += [Entry(time, tick(n, partition)) for partition in range(partitions)]
        else:
            entries.append(Entry(time, Message(SAYINGS.name, said(key, n, time=number))))

    def build(log: MemoryLog, books: MemoryBooks, _: list[Any]) -> Consumer:
        return KeyedRunner(Listener(), log, books, limit=limit, many=many)

    result = run(entries, [Topic(SAYINGS.name, "key", partitions)], build, ahead=ahead, restarts=restarts)
    return result._replace(events={s: [e[:2] + e[2:5] for e in events] for s, events in result.events.items()})


@settings(max_examples=150, deadline=None)
@given(two_topics(), st.integers(1, 7), st.lists(st.integers(0, 1), max_size=40), st.sets(st.integers(0, 40)))
def test_a_grid_decider_gives_the_same_however_its_inputs_race(
    entries: list[Entry], limit: int, ahead: list[int], restarts: set[int]
) -> None:
    once = grid_run(entries)
    assert grid_run(entries, limit=limit, ahead=ahead, restarts=sorted(restarts)) == once
    for events in once.events.values():
        decided = [event[3] for event in events]
        assert decided == sorted(set(decided)), "nothing is decided twice at one point"


@settings(max_examples=60, deadline=None)
@given(two_topics())
def test_a_record_that_comes_twice_counts_once(entries: list[Entry]) -> None:
    assert grid_run(entries) == grid_run(list(dict.fromkeys(entries)))


@settings(max_examples=150, deadline=None)
@given(sayings(), st.integers(1, 5), st.sampled_from([0, 3, 2_000]), st.integers(0, 40), st.sets(st.integers(0, 40)))
def test_a_keyed_stage_gives_the_same_over_any_partitions_and_batches(
    script: list[tuple[int, str | None, int]], limit: int, many: int, steps: int, restarts: set[int]
) -> None:
    once = keyed_run(script, 1)
    assert keyed_run(script, 8, limit=limit, many=many, ahead=[0] * steps, restarts=sorted(restarts)) == once


def test_within_a_point_records_are_folded_by_time_whatever_topic_they_came_from() -> None:
    right = Entry(1_000_001, Message(RIGHT.name, said("a", 3, version=1, category="right")))
    left = Entry(1_000_002, Message(LEFT.name, said("a", 5, version=1, category="left")))
    early = Entry(1_000_001, Message(LEFT.name, said("b", 5, version=1, category="left")))
    late = Entry(1_000_002, Message(RIGHT.name, said("b", 3, version=1, category="right")))
    result = grid_run([early, left, right, late])
    # Both ways round, so that no order of reading the topics gives both by chance.
    for key, folded in (("a", (0 ^ (3 * 17 + 1)) * 31 + 5), ("b", 5 ^ (3 * 17 + 1))):
        assert result.events[f"tally:{key}"][0][4] == encode(Counted((folded * 41 + 1_050_000) % MODULUS))


def test_a_record_at_a_grid_point_belongs_to_the_next_decision() -> None:
    early = Entry(1_049_999, Message(LEFT.name, said("a", 2, version=1, category="left")))
    exact = Entry(1_050_000, Message(LEFT.name, said("b", 2, version=1, category="left")))
    result = grid_run([early, exact])
    assert result.events["tally:a"][0][3] == 1_050_000
    assert result.events["tally:b"][0][3] == 1_100_000


def test_a_slot_counts_once_however_many_doors_wrote_it() -> None:
    script: list[tuple[int, str | None, int]] = [(1, "a", 1)]
    script += [(2 + n, None, 100 + n // 2) for n in range(8)]  # every slot written twice
    result = keyed_run(script, 1)
    rang = [event for event in result.events["ear:a"] if event[2].endswith("rang.v1")]
    assert [event[3] for event in rang] == [6]  # the third distinct slot


def test_a_timer_that_is_set_earlier_rings_earlier() -> None:
    script: list[tuple[int, str | None, int]] = [(1, "a", 1), (2, "a", 50), (3, None, 100), (4, None, 101)]
    rang = [event for event in keyed_run(script, 1).events["ear:a"] if event[2].endswith("rang.v1")]
    assert [event[3] for event in rang] == [3]


def test_a_timer_rings_after_a_restart_as_without_one() -> None:
    script: list[tuple[int, str | None, int]] = [(1, "a", 1), (2, None, 100), (3, None, 101), (4, None, 102)]
    once = keyed_run(script, 1)
    assert keyed_run(script, 1, ahead=[0], restarts=[0]) == once
    assert [event[2].rpartition("toy.")[2] for event in once.events["ear:a"]] == ["rang.v1"]
