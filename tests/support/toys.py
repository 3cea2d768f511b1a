"""Toy events and handlers that do not commute: a wrong order, a batch or a double shows in the result.

The laws of the kernel are tested with these. Folding with ``value * 31 + n`` differs for every order of its inputs.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from psycopg import Connection

from shared.contracts.base import Contract, contract
from shared.contracts.topics import Topic
from shared.eventlog.port import Message, Record
from shared.events.codec import decode, encode
from shared.events.envelope import Event
from shared.projection.protocols import Decision, Moment, Output, Quarantine, Rows

LEFT = Topic("toy.left", "key")
RIGHT = Topic("toy.right", "key")
SAYINGS = Topic("toy.sayings", "key", partitions=8)
MODULUS = 1_000_000_007


@contract("toy.said.v1")
class Said(Contract, frozen=True):
    n: int


@contract("toy.counted.v1")
class Counted(Contract, frozen=True):
    value: int


@contract("toy.rang.v1")
class Rang(Contract, frozen=True):
    value: int
    beat: int


def said(key: str, n: int, *, version: int = 0, time: int = 0, category: str = "toy") -> Event:
    return Event(
        id=f"00000000-0000-4000-8000-{abs(hash((category, key, version, n, time))) % 10**12:012d}",
        type=Said.TYPE,
        stream=f"{category}:{key}",
        version=version,
        time=time,
        recorded=time,
        data=encode(Said(n)),
    )


def tick(slot: int, partition: int = 0) -> Message:
    event = Event(
        id=f"tick-{slot}-{partition}",
        type="de.leitbake.door.ticked.v1",
        stream=f"tick:{partition}",
        version=0,
        time=0,
        recorded=0,
        data=b'{"slot":%d}' % slot,
    )
    return Message(SAYINGS.name, event, partition)


class Ear(msgspec.Struct):
    version: int = 0
    due: int | None = None
    value: int = 0


class Listener:
    """A keyed stage: multiplies and adds, refuses 13, counts every third, rings three beats (after a 50 one) later."""

    group, topic, category, state_type = "listener", SAYINGS.name, "ear", Ear

    def initial(self, key: str) -> Ear:  # noqa: ARG002  # the protocol's
        return Ear()

    def on_record(self, state: Ear, event: Event, now: Moment) -> Sequence[Contract | Quarantine]:
        fact = decode(event)
        assert isinstance(fact, Said)
        if fact.n == 13:
            return [Quarantine("unlucky")]
        state.value = (state.value * 31 + fact.n) % MODULUS
        state.due = now.beat + (1 if fact.n == 50 else 3)
        return [Counted(state.value)] if state.value % 3 == 0 else []

    def on_timer(self, state: Ear, now: Moment) -> Sequence[Contract | Quarantine]:
        state.due = None
        state.value = (state.value * 37 + now.beat) % MODULUS
        return [Rang(state.value, now.beat)]


class Tally(msgspec.Struct, frozen=True, tag="tally"):
    value: int = 0
    version: int = 0
    due: int | None = None


class Counter:
    """A grid decider over two topics: left multiplies, right xors; a key that was set is due 120 ms later."""

    group, topics, row_type = "counter", (LEFT.name, RIGHT.name), Tally
    wait = 120_000

    def decode(self, event: Event) -> Any | None:
        return decode(event)

    def fold(self, rows: Rows, fact: Any, record: Record) -> None:
        stream = f"tally:{record.event.key}"
        row = rows.get(stream, Tally())
        left = record.partition.topic == LEFT.name
        value = row.value * 31 + fact.n if left else row.value ^ (fact.n * 17 + 1)
        rows[stream] = msgspec.structs.replace(row, value=value % MODULUS)

    def decide(self, rows: Rows, awake: Collection[str], now: int) -> Output:
        decisions = []
        for stream in awake:
            row = rows[stream]
            if row.due is not None and row.due <= now:
                rows[stream] = msgspec.structs.replace(row, value=(row.value * 37 + now) % MODULUS, due=None)
                decisions.append(Decision(stream, [Rang(rows[stream].value, now)]))
            else:
                value = (row.value * 41 + now) % MODULUS
                # At times due at once: that is the next point, never this one again.
                due = now if value % 5 == 0 else now + self.wait
                rows[stream] = msgspec.structs.replace(row, value=value, due=due)
                decisions.append(Decision(stream, [Counted(value)]))
        return Output(decisions, [(stream, rows[stream].value) for stream in awake])


class Book:
    """A view: the last word of every key, and how many there were."""

    name, version, topics = "book", 1, (LEFT.name,)

    def create(self, tx: Connection[Any]) -> None:
        tx.execute(
            "CREATE TABLE book (key text PRIMARY KEY, words int NOT NULL, value bigint NOT NULL CHECK (value <> 13))"
        )

    def decode(self, event: Event) -> Any | None:
        return decode(event)

    def apply(self, tx: Connection[Any], facts: Sequence[tuple[Any, Record]]) -> None:
        for fact, record in facts:
            tx.execute(
                "INSERT INTO book VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE"
                " SET words = book.words + 1, value = (book.value * 31 + excluded.value) %% 1000000007",
                (record.event.key, fact.n),
            )
