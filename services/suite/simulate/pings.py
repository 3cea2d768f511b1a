"""A scenario's messages in the order in which the door got them."""

from collections.abc import Iterator

from services.suite.simulate.scenario import Light, Scenario
from services.suite.simulate.track import Track
from services.suite.simulate.voice import Sent, Voice


def pings(scenario: Scenario) -> Iterator[Sent]:
    """All messages of ``[start, end)`` by the time of their arrival, which may lie after the end; by seed alone."""
    everything = [sent for light in scenario.lights for sent in _of(scenario, light)]
    return iter(sorted(everything))


def _of(scenario: Scenario, light: Light) -> Iterator[Sent]:
    voice, track = Voice(light, scenario.signal, scenario.seed), Track(scenario, light)
    at = scenario.start + voice.phase()
    while at < scenario.end:
        now = track.at(at)
        if now.leg.speaks:
            for way, item in voice.say(at, now):
                yield Sent(track.arrives(at, way), light.device_id, item)
        at += voice.wait()
