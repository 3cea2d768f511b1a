"""The suite's stages over fixed logs in memory, one after the other."""

import random
from collections.abc import Sequence
from typing import Any

from services.beacons.application.door import tick
from services.beacons.domain.light import LightsStage
from shared.clock import SECOND_US, Micros
from shared.contracts.pings import TICK_SECONDS
from shared.contracts.topics import PINGS, Topic
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import Message
from shared.events.envelope import Event
from shared.projection.books_memory import MemoryBooks
from shared.projection.consumer import Consumer
from shared.projection.grid import GridRunner
from shared.projection.keyed import KeyedRunner
from tests.support.runs import Entry, Result, run

SLOT_US = TICK_SECONDS * SECOND_US


def lights(
    pings: Sequence[Event],
    span: tuple[Micros, Micros],
    partitions: int = 1,
    *,
    limit: int = 5_000,
    steps: int = 0,
    restarts: tuple[int, ...] = (),
) -> Result:
    """What the stage of lights makes of ``pings``, whose log time is ``recorded``; the door ticks through ``span``."""
    entries = [Entry(event.recorded, Message(PINGS.name, event)) for event in pings]
    for at in range(*span, SLOT_US):
        entries += [Entry(at, tick(at // SLOT_US, number, at)) for number in range(partitions)]
    entries.sort(key=lambda entry: entry.time)

    def build(log: MemoryLog, books: MemoryBooks, _: list[Any]) -> Consumer:
        return KeyedRunner(LightsStage(), log, books, limit=limit)

    return run(entries, [Topic(PINGS.name, "device id", partitions)], build, ahead=[0] * steps, restarts=restarts)


def as_events(result: Result) -> list[Event]:
    """What a run appended, as the relay would send it."""
    return [
        Event(id=i, type=kind, stream=stream, version=version, time=at, recorded=at, data=data, causation=cause)
        for stream, events in result.events.items()
        for version, i, kind, at, data, cause in events
    ]


def decided(
    decider: Any, inputs: dict[str, list[Event]], topics: list[Topic], *, seed: int | None = None, limit: int = 5_000
) -> Result:
    entries = [Entry(event.recorded, Message(topic, event)) for topic, events in inputs.items() for event in events]

    def build(log: MemoryLog, books: MemoryBooks, writes: list[Any]) -> Consumer:
        def sink(_: Any, found: Any) -> tuple[()]:
            writes.extend(found)
            return ()

        return GridRunner(decider, log, books, sink=sink, limit=limit)

    if seed is None:
        return run(entries, topics, build)
    chance = random.Random(seed)
    ahead = [chance.randrange(2) for _ in range(60)]
    return run(entries, topics, build, ahead=ahead, restarts=chance.sample(range(60), 6))
