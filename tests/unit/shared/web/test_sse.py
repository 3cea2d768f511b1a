import re
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from shared.db.errors import DatabaseUnavailableError
from shared.web.sse import BEAT, RETRY, Hub, Item, TooManySubscribersError, encode, resume_position


class Told:
    """A source in memory whose database may go away."""

    def __init__(self, *positions: int) -> None:
        self.items = [Item(position, "updated", b"%d" % position) for position in positions]
        self.away = False
        self.reads = 0

    def newest(self) -> int:
        return self.items[-1].position if self.items else 0

    def after(self, position: int, limit: int) -> Sequence[Item]:
        self.reads += 1
        if self.away:
            raise DatabaseUnavailableError
        return [item for item in self.items if item.position > position][:limit]

    def tell(self, position: int) -> None:
        self.items.append(Item(position, "updated", b"%d" % position))


@pytest.fixture
def source() -> Told:
    return Told(1, 2, 3)


@pytest.fixture
def hub(source: Told) -> Iterator[Hub]:
    made = Hub(source, limit=2, depth=2, poll_s=0.005, heartbeat_s=0.05)
    yield made
    made.close()


def positions(stream: Iterator[bytes], count: int) -> list[int]:
    """The ids of the next ``count`` events."""
    found: list[int] = []
    deadline = time.monotonic() + 5
    for frame in stream:
        found += [int(line[4:]) for line in frame.splitlines() if line.startswith(b"id: ")]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline
    return found


def test_a_new_subscriber_hears_only_what_comes_from_now_on(hub: Hub, source: Told) -> None:
    stream = hub.subscribe()
    assert next(stream) == RETRY
    source.tell(4)
    assert positions(stream, 1) == [4]


def test_a_returning_subscriber_misses_nothing_and_hears_nothing_twice(hub: Hub, source: Told) -> None:
    stream = hub.subscribe(1)
    source.tell(4)
    assert positions(stream, 3) == [2, 3, 4]


def test_catching_up_past_what_waits_in_the_queue_repeats_nothing(hub: Hub, source: Told) -> None:
    first = hub.subscribe()
    source.tell(4)
    assert positions(first, 1) == [4]
    second = hub.subscribe(0)
    source.tell(5)
    time.sleep(0.05)
    assert positions(second, 5) == [1, 2, 3, 4, 5]
    source.tell(6)
    assert positions(second, 1) == [6]


def test_a_position_of_another_ledger_is_told_so_and_begins_with_what_comes_now(hub: Hub, source: Told) -> None:
    stream = hub.subscribe(1_000)
    assert next(stream) == RETRY + b'id: 3\nevent: reset\ndata: {"position":3}\n\n'
    source.tell(4)
    assert positions(stream, 1) == [4]


def test_silence_is_broken_by_heartbeats(hub: Hub) -> None:
    stream = hub.subscribe()
    assert [next(stream), next(stream)] == [RETRY, BEAT]


def test_one_subscriber_too_many_is_refused_and_places_come_free(hub: Hub) -> None:
    one, _ = hub.subscribe(), hub.subscribe()
    with pytest.raises(TooManySubscribersError):
        hub.subscribe()
    one.close()  # type: ignore[attr-defined]  # as the server does, though nobody began to read
    hub.subscribe()


def test_a_slow_subscriber_is_dropped_and_the_others_hear_on(hub: Hub, source: Told) -> None:
    slow, quick = hub.subscribe(), hub.subscribe()
    next(slow)
    heard: list[int] = []
    for position in range(4, 10):
        source.tell(position)
        heard += positions(quick, 1)
    assert heard == list(range(4, 10))
    assert list(slow) == []
    assert positions(hub.subscribe(3), 6) == heard


def test_one_thread_reads_for_all_and_ends_with_the_last(hub: Hub) -> None:
    streams = [hub.subscribe(), hub.subscribe()]
    assert [thread.name for thread in threading.enumerate()].count("sse") == 1
    for stream in streams:
        stream.close()  # type: ignore[attr-defined]  # as the server does
    deadline = time.monotonic() + 5
    while "sse" in [thread.name for thread in threading.enumerate()]:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_an_outage_of_the_database_is_waited_out(source: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.sse.OUTAGE_S", 0.01)
    hub = Hub(source, poll_s=0.005, heartbeat_s=1)
    stream = hub.subscribe()
    source.away = True
    source.tell(4)
    before = source.reads
    while source.reads < before + 3:
        time.sleep(0.005)
    source.away = False
    assert positions(stream, 1) == [4]
    hub.close()


def test_closing_lets_everybody_go(hub: Hub) -> None:
    stream = hub.subscribe()
    next(stream)
    hub.close()
    assert list(stream) == []


def test_only_the_last_event_of_a_position_carries_it() -> None:
    items = [Item(7, "updated", b"{}"), Item(7, "ended", b"[1,\n2]"), Item(8, "removed", b"")]
    assert encode(items).decode() == (
        "event: updated\ndata: {}\n\nid: 7\nevent: ended\ndata: [1,\ndata: 2]\n\nid: 8\nevent: removed\ndata: \n\n"
    )


@pytest.mark.parametrize(
    ("header", "since", "expected"), [(None, None, None), ("7", "3", 7), (None, "0", 0), ("", "", None)]
)
def test_the_header_goes_before_the_parameter(header: str | None, since: str | None, expected: int | None) -> None:
    assert resume_position(header, since) == expected


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "²", "9" * 19])
def test_a_position_is_a_number(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        resume_position(text, None)
