"""Plays a scenario against the wall clock, through the public ping door.

``drive`` knows neither HTTP nor the services: the caller posts. What the door does not take now is kept and sent later,
in order, as gateways do.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from services.suite.simulate.scenario import Light, Scenario
from services.suite.simulate.track import Track
from services.suite.simulate.voice import Voice
from shared.clock import HOUR_US, MINUTE_US, Micros
from shared.eventlog.port import LogUnavailableError

STEP_S = 1.0
HISTORY_US = 26 * MINUTE_US
HISTORY_STEP_US = MINUTE_US
BATCH = 500  # pings in one post
KEPT = 50_000  # pings; a gateway whose memory is full forgets the oldest
PAUSE_US = HOUR_US  # a machine that slept longer does not say what it missed


class DoorClosedError(Exception):
    """For ``post`` to raise: the door did not answer, or with 5xx or 429. The pings are kept."""


NOT_TAKEN = (DoorClosedError, LogUnavailableError, OSError)


class _Speaker:
    """One light against the clock: ``due`` is when it speaks next."""

    def __init__(self, scenario: Scenario, light: Light, since: Micros) -> None:
        self._voice, self._track = Voice(light, scenario.signal, scenario.seed), Track(scenario, light)
        self.due = since + self._voice.phase()

    def said(self, now: Micros, before: Micros) -> Iterable[tuple[Micros, bytes]]:
        """Messages until ``now`` with the times of their arrival; until ``before`` it speaks once a minute."""
        if self.due < now - PAUSE_US:
            self.due = now
        while self.due <= now:
            at = self.due
            here = self._track.at(at)
            if here.leg.speaks:
                for way, item in self._voice.say(at, here):
                    yield self._track.arrives(at, way), item
            self.due += max(HISTORY_STEP_US, self._voice.wait()) if at < before else self._voice.wait()


def drive(
    scenario: Scenario,
    post: Callable[[list[bytes]], None],
    now: Callable[[], Micros],
    wait: Callable[[float], object],
    stop: Callable[[], bool],
) -> None:
    """Play ``scenario`` (made by ``demo`` to begin about now) until ``stop``; returns then.

    ``post`` gets items of at most ``BATCH`` pings, each a JSON object, and may raise ``DoorClosedError``,
    ``LogUnavailableError`` or ``OSError``: then they are sent again later. ``wait`` sleeps for seconds.
    """
    began = now()
    speakers = [_Speaker(scenario, light, began - HISTORY_US) for light in scenario.lights]
    coming: list[tuple[Micros, int, bytes]] = []  # arrival, tie-breaker, item
    arrived: deque[bytes] = deque(maxlen=KEPT)
    number = 0
    while not stop():
        instant = now()
        for speaker in speakers:
            for arrival, item in speaker.said(instant, began):
                number += 1
                heapq.heappush(coming, (arrival, number, item))
        while coming and coming[0][0] <= instant:
            arrived.append(heapq.heappop(coming)[2])
        _deliver(arrived, post)
        wait(STEP_S)


def _deliver(arrived: deque[bytes], post: Callable[[list[bytes]], None]) -> None:
    while arrived:
        batch = list(islice(arrived, BATCH))
        try:
            post(batch)
        except NOT_TAKEN:
            return
        for _ in batch:
            arrived.popleft()
