"""Silence is counted in ticks of the open door: an outage of door, log or consumer raises no alarm by itself."""

from collections.abc import Sequence

import pytest

from services.beacons.application.door import tick
from services.beacons.domain.light import LightsStage
from shared.clock import HOUR_US, MINUTE_US, SECOND_US, Micros, SteeredClock
from shared.contracts.pings import TICK_SECONDS
from shared.contracts.topics import PINGS, Topic
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import Message
from shared.events.envelope import Event
from shared.eventstore.memory import MemoryStore
from shared.projection.books_memory import MemoryBooks
from shared.projection.keyed import KeyedRunner
from tests.support.city import START_US, standing

SLOT_US = TICK_SECONDS * SECOND_US
END_US = START_US + 6 * HOUR_US
OUTAGE = (START_US + 3 * HOUR_US, START_US + 3 * HOUR_US + 40 * MINUTE_US)
LIGHTS = [f"LT-{n:04d}" for n in range(12)]


def pings(until: Micros = END_US) -> list[Event]:
    events = [event for n, device in enumerate(LIGHTS) for event in standing(device, n * 8, START_US, until)]
    return sorted(events, key=lambda event: event.recorded)


def silences(events: Sequence[Event], closed: tuple[Micros, Micros] | None, *, late: bool = False) -> list[str]:
    """Devices said to be silent. ``closed``: no tick and no ping gets in then; ``late``: its pings come afterwards."""
    log, store = MemoryLog(SteeredClock()), MemoryStore()
    log.ensure([Topic(PINGS.name, "device id", 1)])
    entries = []
    for event in events:
        lost = closed is not None and closed[0] <= event.recorded < closed[1]
        if not lost:
            entries.append((event.recorded, Message(PINGS.name, event)))
        elif late and closed is not None:
            entries.append((closed[1], Message(PINGS.name, event)))
    entries += [
        (at, tick(at // SLOT_US, 0, at))
        for at in range(START_US, END_US, SLOT_US)
        if closed is None or not closed[0] <= at < closed[1]
    ]
    for at, message in sorted(entries, key=lambda entry: entry[0]):
        log.put(message, at)
    runner = KeyedRunner(LightsStage(), log, MemoryBooks(store))
    while runner.step():
        pass
    return [s.event.key for s in store.after(0, store.last()) if s.event.type == "de.leitbake.light.became_silent.v1"]


@pytest.mark.parametrize("late", [False, True])
def test_forty_minutes_without_a_door_are_no_silence(late: bool) -> None:
    assert silences(pings(), OUTAGE, late=late) == []


def test_lights_that_fall_silent_while_the_door_is_open_are_said_to_be() -> None:
    assert sorted(silences(pings(START_US + 3 * HOUR_US), None)) == LIGHTS
