"""The suite's own stages under law 7: partitions, batches, racing inputs and restarts never show, up to the feed."""

from typing import Any

import pytest

from services.beacons.domain.sites import SitesDecider
from services.navfeed.domain.publisher import Publisher
from services.suite.backtest import in_order
from shared.clock import HOUR_US
from shared.contracts.topics import DEVICES, PERMITS, SITES
from shared.events.envelope import Event
from tests.support import stages
from tests.support.city import START_US, approved, registered, rows, standing
from tests.support.runs import Result
from tests.support.stages import as_events, decided

END_US = START_US + 4 * HOUR_US


def pings() -> list[Event]:
    """Set up, then some run off, with a few messages that come late."""
    events: list[Event] = []
    for device, along in rows(8, 112):
        events += standing(device, along, START_US, START_US + 2 * HOUR_US)
        leaves = along < 50
        events += standing(device, 900 if leaves else along, START_US + 2 * HOUR_US, END_US)
    return sorted(events, key=lambda event: (event.recorded, event.id))


def lights(partitions: int, **how: Any) -> Result:
    return stages.lights(pings(), (START_US, END_US), partitions, **how)


def said(result: Result) -> dict[str, list[tuple[Any, ...]]]:
    """Without causation: with several partitions, which of a slot's ticks caused an event is no fact."""
    return {stream: [event[:5] for event in events] for stream, events in result.events.items()}


def test_lights_say_the_same_over_any_partitions_batches_and_restarts() -> None:
    once = lights(1)
    assert any(event[2].endswith("moved_away.v1") for events in once.events.values() for event in events)
    for partitions, limit, steps, restarts in [(8, 5_000, 0, ()), (8, 7, 300, (3, 50)), (1, 1, 400, (100, 101))]:
        other = lights(partitions, limit=limit, steps=steps, restarts=restarts)
        assert said(other) == said(once)
        assert other.rows == once.rows


@pytest.fixture(scope="module")
def facts() -> dict[str, list[Event]]:
    """Inputs of the decider of sites: the order, the registry, and what the lights said."""
    devices = [registered(device, "45-2026-0001") for device, _ in rows(8, 112)]
    return {PERMITS.name: [approved()], DEVICES.name: in_order([*devices, *as_events(lights(1))])}


@pytest.mark.parametrize("seed", range(4))
def test_sites_and_feed_are_the_same_however_their_inputs_race(facts: dict[str, list[Event]], seed: int) -> None:
    once = decided(SitesDecider(), facts, [PERMITS, DEVICES])
    raced = decided(SitesDecider(), facts, [PERMITS, DEVICES], seed=seed, limit=3)
    assert raced.events == once.events
    assert raced.rows == once.rows
    inputs = {PERMITS.name: facts[PERMITS.name], SITES.name: in_order(as_events(once))}
    feed = decided(Publisher("de-mainz"), inputs, [PERMITS, SITES])
    assert feed.writes
    assert decided(Publisher("de-mainz"), inputs, [PERMITS, SITES], seed=seed, limit=3).writes == feed.writes
