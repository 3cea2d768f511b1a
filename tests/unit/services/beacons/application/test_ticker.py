import time
from collections.abc import Callable, Sequence

import pytest

from services.beacons.application.ticker import Ticker
from shared.clock import SteeredClock
from shared.contracts.topics import PINGS, TOPICS
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import Fence, LogUnavailableError, Mark, Message
from tests.support.city import START_US

SLOT_US = 30_000_000


class Log(MemoryLog):
    """May be away, and counts who tried."""

    away = False
    tries = 0

    def send(self, messages: Sequence[Message], fence: Fence | None = None) -> None:
        self.tries += 1
        if self.away:
            raise LogUnavailableError
        super().send(messages, fence)

    def slots(self) -> list[int]:
        """What one partition holds, from the first slot on."""
        chunks = self.read({self.partitions(PINGS.name)[0]: Mark()}, 100)
        return [(record.event.time - START_US) // SLOT_US for chunk in chunks for record in chunk.records]


@pytest.fixture
def clock() -> SteeredClock:
    return SteeredClock(START_US)


@pytest.fixture
def log(clock: SteeredClock) -> Log:
    made = Log(clock)
    made.ensure(TOPICS)
    return made


def until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_slot_is_ticked_once_however_often_it_is_started_and_none_after_the_stop(
    log: Log, clock: SteeredClock
) -> None:
    ticker = Ticker(log, clock, look_s=0.002)
    for _ in range(3):
        ticker.start()
    until(lambda: log.slots() == [0])
    time.sleep(0.02)
    clock.advance(SLOT_US)
    until(lambda: log.slots() == [0, 1])
    ticker.stop()
    clock.advance(SLOT_US)
    time.sleep(0.02)
    assert log.slots() == [0, 1]


def test_slots_of_an_outage_are_missed_and_never_made_up(log: Log, clock: SteeredClock) -> None:
    ticker = Ticker(log, clock, look_s=0.002)
    ticker.start()
    until(lambda: log.slots() == [0])
    log.away = True
    for _ in range(4):
        clock.advance(SLOT_US)
        before = log.tries  # the next try may have begun in the slot before
        until(lambda before=before: log.tries > before + 1)  # type: ignore[misc]  # bound for the loop
    log.away = False
    until(lambda: 4 in log.slots())
    ticker.stop()
    assert log.slots() == [0, 4]


def test_a_door_that_was_closed_may_open_again(log: Log, clock: SteeredClock) -> None:
    ticker = Ticker(log, clock, look_s=0.002)
    ticker.start()
    until(lambda: log.slots() == [0])
    ticker.stop()
    clock.advance(SLOT_US)
    ticker.start()
    until(lambda: log.slots() == [0, 1])
    ticker.stop()
