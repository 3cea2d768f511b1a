"""The pure part of the ping door: it never breaks, and what it lets in can be read."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.beacons.application.door import UnreadableBodyError, judge, split, ticks
from services.beacons.application.reasons import WANTED
from shared.clock import SteeredClock, from_micros
from shared.contracts.pings import TICK_SECONDS, Ping
from shared.contracts.topics import TOPICS
from shared.eventlog.memory import MemoryLog
from shared.events.codec import decode
from tests.support.city import START_US

NOW = from_micros(START_US)
PLAIN: dict[str, Any] = {"device_id": "LT-1", "event_time": NOW.isoformat(), "lon": 8.27, "lat": 50.0}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*Ping.__struct_fields__, "x"]) | st.text()


def judged(items: list[bytes]) -> Any:
    return judge(items, known=lambda devices: devices, may=lambda _: True, now=START_US)


@given(st.binary(max_size=300), st.sampled_from(["application/json", "application/x-ndjson"]))
def test_no_bytes_break_the_door(body: bytes, media_type: str) -> None:
    try:
        items = split(body, media_type)
    except UnreadableBodyError:
        return
    verdict = judged(items)
    assert len(verdict.messages) + len(verdict.rejected) == len(items)


@given(st.dictionaries(names, anything, max_size=5))
def test_whatever_is_let_in_is_a_ping_with_the_doors_time_and_all_its_members(changes: dict[str, Any]) -> None:
    item = json.dumps(PLAIN | changes).encode()
    for message in judged([item]).messages:
        ping = decode(message.event)
        assert isinstance(ping, Ping)
        assert ping.received_time == NOW
        stored = json.loads(message.event.data)
        sent = json.loads(item)
        assert {name: stored[name] for name in sent if name != "received_time"} == {
            name: value for name, value in sent.items() if name != "received_time"
        }


@given(st.lists(st.booleans(), max_size=30))
def test_each_item_is_judged_alone_and_named_by_its_place(good: list[bool]) -> None:
    items = [json.dumps(PLAIN).encode() if it else b"{}" for it in good]
    verdict = judged(items)
    assert len(verdict.messages) == sum(good)
    assert [rejection.index for rejection in verdict.rejected] == [n for n, it in enumerate(good) if not it]


@given(names, anything)
def test_a_refusal_is_a_sentence_of_ours(name: str, value: Any) -> None:
    for rejection in judged([json.dumps(PLAIN | {name: value}).encode()]).rejected:
        assert not any(mark in rejection.reason for mark in ("`", "$", "Expected", "Invalid")), rejection.reason


def test_every_member_of_a_ping_has_its_words() -> None:
    assert set(WANTED) == set(Ping.__struct_fields__)


def test_a_tick_goes_to_every_partition_and_is_the_same_from_every_process() -> None:
    log = MemoryLog(SteeredClock(START_US))
    log.ensure(TOPICS)
    slot, messages = ticks(log, START_US + 1)
    assert slot == START_US // (TICK_SECONDS * 1_000_000)
    assert [message.partition for message in messages] == list(range(8))
    later = ticks(log, START_US + TICK_SECONDS * 1_000_000 - 1)[1]
    assert [message.event.id for message in later] == [message.event.id for message in messages]
    assert ticks(log, START_US + TICK_SECONDS * 1_000_000)[0] == slot + 1
