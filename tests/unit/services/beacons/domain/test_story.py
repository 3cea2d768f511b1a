"""From pings to site events: the stage and the decider one after the other, with one permit and twelve lights."""

import random
from typing import Any

import msgspec
import pytest

from services.beacons.domain.areas import site_id
from services.beacons.domain.light import LightsStage
from shared.clock import MINUTE_US, SECOND_US, to_micros
from shared.contracts.base import Contract
from shared.contracts.devices import LightMovedAway
from shared.contracts.pings import TICK_SECONDS, Ping
from shared.contracts.sites import ClearedDetected, ExtentMeasured, SetUpDetected, SiteBecameSilent, SiteRecovered
from shared.projection.protocols import Moment
from tests.unit.services.beacons.domain.city import City, approved, at, register, rows_of_lights
from tests.unit.services.beacons.domain.lights import T0, event_of, minutes, ping
from tests.unit.services.beacons.domain.sites import piece

Arrival = tuple[int, str, Ping]


class Works(City):
    """Pings enter; ticks, lights and sites follow on one axis of log time."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = LightsStage()
        self.states: dict[str, Any] = {}
        self.lights: list[tuple[str, Contract]] = []
        self.beat = 0

    def play(self, arrivals: list[Arrival], until: float) -> None:
        tick = TICK_SECONDS * SECOND_US
        end = T0 + round(until * MINUTE_US)
        moments = [(moment, "", None) for moment in range(self.now // tick * tick + tick, end, tick)]
        for moment, name, said in sorted([*moments, *arrivals], key=lambda arrival: arrival[:2]):
            self.wait_until((moment - T0) / MINUTE_US)
            if said is None:
                self.tick(moment)
            else:
                state = self.states.setdefault(name, self.stage.initial(name))
                self.follow(name, self.stage.on_record(state, event_of(said), Moment(moment, self.beat)))

    def tick(self, moment: int) -> None:
        self.beat += 1
        for name, state in sorted(self.states.items()):
            if state.due is not None and state.due <= self.beat:
                self.follow(name, self.stage.on_timer(state, Moment(moment, self.beat)))

    def follow(self, name: str, said: Any) -> None:
        for payload in said:
            if isinstance(payload, Contract):
                self.lights.append((name, payload))
                self.fold(f"light:{name}", payload)
        self.decide()


def pings(rng: random.Random, minutes: tuple[int, int], without: tuple[str, ...] = (), away: str = "") -> list[Arrival]:
    """A ping of every light per ten minutes, in turn, with 3 m of noise; ``away`` stands 400 m off the street."""
    arrivals = []
    for number, (name, east, north) in enumerate(rows_of_lights()):
        for start in range(*minutes, 10):
            minute = start + number * 0.7
            off = 400.0 if name == away else 0.0
            said = ping(minute, east + rng.gauss(0, 3), north + off + rng.gauss(0, 3), device_id=name, lamp="on")
            if name not in without:
                arrivals.append((to_micros(said.event_time) + SECOND_US, name, said))
    return arrivals


def taken_away(rng: random.Random, start: int) -> list[Arrival]:
    """All are driven to a yard 5 km away and speak from there."""
    arrivals = []
    for number, (name, _, _) in enumerate(rows_of_lights()):
        for step in range(5):
            minute = start + number * 0.7 + step * 10
            said = ping(minute, 5_000 + 30.0 * number, rng.gauss(0, 3), device_id=name, lamp="off")
            arrivals.append((to_micros(said.event_time) + SECOND_US, name, said))
    return arrivals


def played(seed: int, lateness: float = 0.0) -> Works:
    rng = random.Random(seed)
    city = Works()
    city.tell("permit:p-1", approved())
    for name, _, _ in rows_of_lights():
        register(city, name)
    arrivals = [
        *pings(rng, (0, 120)),
        *pings(rng, (120, 200), away="L11"),
        *pings(rng, (280, 400), away="L11"),
        *taken_away(rng, 400),
    ]
    late = random.Random(seed)
    moved = [(moment + round(late.uniform(0, lateness) * MINUTE_US), name, said) for moment, name, said in arrivals]
    city.play(moved, 520)
    return city


def test_a_site_is_set_up_measured_silent_recovered_and_cleared_early() -> None:
    city = played(1)
    site = site_id("p-1", "mz-a")
    assert {said.site_id for said in city.said} == {site}
    kinds = [kind for kind in city.kinds() if kind != "ExtentChanged"]
    assert kinds == ["SetUpDetected", "ExtentMeasured", "SiteBecameSilent", "SiteRecovered", "ClearedDetected"]
    assert city.of(SetUpDetected)[0].at == at(0.7)
    start, end = piece(city.of(ExtentMeasured)[0].extents[0])
    assert start == pytest.approx(0, abs=5)
    assert end == pytest.approx(100, abs=5)
    assert 225 * MINUTE_US < to_micros(city.of(SiteBecameSilent)[0].at) - T0 < 240 * MINUTE_US
    assert 280 * MINUTE_US <= to_micros(city.of(SiteRecovered)[0].at) - T0 < 282 * MINUTE_US
    assert city.of(ClearedDetected)[0].at in {at(400), at(407)}  # the lamps went off, the last light left


def test_one_light_that_is_carried_away_leaves_the_site_to_the_others() -> None:
    city = played(1)
    moved = [(name, payload.at) for name, payload in city.lights if isinstance(payload, LightMovedAway)]
    assert moved[0] == ("L11", at(127.7))
    assert len(moved) == 13
    assert "L11" not in city.of(SiteBecameSilent)[0].lights
    assert len(city.of(SiteBecameSilent)[0].lights) == 11


@pytest.mark.parametrize("seed", [1, 2])
def test_pings_that_come_up_to_an_hour_late_end_in_the_same_site(seed: int) -> None:
    punctual, late = played(seed), played(seed, lateness=50)
    for city in (punctual, late):
        assert city.of(ClearedDetected)[-1].site_id == site_id("p-1", "mz-a")
    states = [
        {name: msgspec.structs.replace(state.live) for name, state in city.states.items()} for city in (punctual, late)
    ]
    assert states[0] == states[1]
    ends = [city.rows[f"site:{site_id('p-1', 'mz-a')}"] for city in (punctual, late)]
    assert [(end.phase, end.lights, end.silent) for end in ends] == [("cleared", (), False)] * 2
    bound = [{key: city.rows[key].site for key in city.rows.prefixed("light:")} for city in (punctual, late)]
    assert bound[0] == bound[1]
    # What was said at the time may differ by the lateness.
    assert abs(punctual.of(ClearedDetected)[-1].at - late.of(ClearedDetected)[-1].at) < minutes(60)


def test_the_same_pings_say_the_same() -> None:
    assert played(3).said == played(3).said
