from collections import defaultdict
from datetime import datetime
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from services.beacons.application.door import judge
from services.suite.simulate import Scenario, Signal, pings
from services.suite.simulate.scenario import Leg, Light
from services.suite.simulate.track import Track
from services.suite.simulate.voice import Sent, Voice
from shared.clock import DAY_US, MINUTE_US, SECOND_US, to_micros
from shared.contracts.pings import Ping

QUIET = {"outlier": 0.0, "lost": 0.0, "late": 0.0, "cached": 0.0, "failed": 0.0, "twice": 0.0}
PLACE = (8.27, 50.0)


def read(sent: Sent) -> Ping:
    return msgspec.json.decode(sent.line, type=Ping)


def alone(*legs: Leg, days: float = 2, **members: float) -> list[Ping]:
    """What one light says."""
    light = Light(device_id="LT-1", site="S00", legs=legs or (Leg(start=0, place=PLACE),))
    signal = Signal(**QUIET | members)
    end = round(days * DAY_US)
    one = Scenario(seed=1, city="", start=0, end=end, signal=signal, depots=(), sites=(), lights=(light,))
    return [read(sent) for sent in pings(one)]


def errors(said: list[Ping]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Metres east and north."""
    return np.array([((p.lon - PLACE[0]) * 71_500, (p.lat - PLACE[1]) * 111_229) for p in said if p.lon and p.lat])


@pytest.fixture(scope="module")
def said(scenario: Scenario) -> list[Sent]:
    return list(pings(scenario))


def test_messages_come_in_the_order_of_their_arrival(said: list[Sent]) -> None:
    assert all(one.received <= other.received for one, other in pairwise(said))


def test_event_times_do_not_come_in_order(said: list[Sent]) -> None:
    newest: dict[str, datetime] = {}
    late = 0
    for sent in said:
        ping = read(sent)
        before = newest.setdefault(sent.device_id, ping.event_time)
        late += ping.event_time < before
        newest[sent.device_id] = max(ping.event_time, before)
    assert 0.003 < late / len(said) < 0.05


def test_the_same_seed_gives_the_same_bytes(scenario: Scenario, said: list[Sent]) -> None:
    assert list(pings(scenario)) == said
    other = msgspec.structs.replace(scenario, seed=scenario.seed + 1)
    assert [sent.line for sent in pings(other)] != [sent.line for sent in said]


def test_a_light_says_the_same_whoever_else_speaks(scenario: Scenario, said: list[Sent]) -> None:
    light = scenario.lights[17]
    lonely = msgspec.structs.replace(scenario, lights=(light,))
    assert list(pings(lonely)) == [sent for sent in said if sent.device_id == light.device_id]


def test_the_door_takes_every_message_when_it_arrives(said: list[Sent]) -> None:
    known = {sent.device_id for sent in said}
    for sent in said:
        verdict = judge([sent.item], known=known.intersection, may=lambda _: True, now=sent.received)
        assert verdict.rejected == []
        assert verdict.messages[0].event.data == sent.line


def test_sequences_grow_and_gaps_are_what_was_lost() -> None:
    numbers = [ping.sequence or 0 for ping in alone(lost=0.1)]
    assert numbers == sorted(set(numbers))
    missing = 1 - len(numbers) / (numbers[-1] - numbers[0] + 1)
    assert 0.06 < missing < 0.14


def test_places_err_as_much_as_is_asked_for() -> None:
    small, large = errors(alone(drift_m=2, white_m=1)), errors(alone(drift_m=20, white_m=10))
    assert np.allclose(large, 10 * small, atol=0.2)
    assert 0.5 < np.abs(small.mean(axis=0)).max() + small.std() < 5


def test_errors_of_neighbouring_fixes_persist() -> None:
    drifting = errors(alone(drift_m=5, white_m=0.5, days=10))[:, 0]
    jumping = errors(alone(drift_m=0.01, white_m=5, days=10))[:, 0]
    assert np.corrcoef(drifting[1:], drifting[:-1])[0, 1] > 0.6
    assert abs(np.corrcoef(jumping[1:], jumping[:-1])[0, 1]) < 0.1


def test_outliers_lie_far_away_and_claim_to_be_good() -> None:
    said = alone(outlier=0.05, drift_m=1, white_m=0.5, days=5)
    far = np.hypot(*errors(said).T) > 30
    assert 0.03 < far.mean() < 0.07
    assert max(p.accuracy_m or 0 for p, out in zip(said, far, strict=True) if out) < 15


def test_a_cached_fix_keeps_place_and_time_of_the_last_one() -> None:
    last: Ping | None = None
    seen = 0
    for ping in alone(cached=0.2):
        if ping.fix == "cached" and last is not None:
            assert (ping.lon, ping.lat, ping.fix_time) == (last.lon, last.lat, last.fix_time)
            assert ping.fix_time is not None
            assert ping.event_time > ping.fix_time
            seen += 1
        elif ping.fix == "ok":
            last = ping
    assert seen > 60


def test_a_failed_fix_has_no_place() -> None:
    failed = [ping for ping in alone(failed=0.1) if ping.fix == "failed"]
    assert len(failed) > 30
    assert all(ping.lon is None and ping.fix_time is None for ping in failed)


def test_a_message_heard_by_two_gateways_is_the_same_message() -> None:
    groups = defaultdict(list)
    for ping in alone(twice=0.2):
        groups[ping.event_time].append(ping)
    pairs = [group for group in groups.values() if len(group) == 2]
    assert len(pairs) > 60
    for one, other in pairs:
        assert other.received_time != one.received_time
        assert msgspec.structs.replace(other, received_time=one.received_time) == one


def test_delays_are_told_by_the_arrival() -> None:
    ways = [to_micros(p.received_time) - to_micros(p.event_time) for p in alone(late=0.2) if p.received_time]
    assert 0.12 < np.mean([way > MINUTE_US for way in ways]) < 0.28
    assert max(ways) < 32 * MINUTE_US


def test_a_light_says_of_itself_what_its_leg_tells() -> None:
    change = Leg(start=DAY_US, place=PLACE, lamp="fault", fallen=True, moving=True, battery_pct=9)
    silent = Leg(start=2 * DAY_US, place=PLACE, speaks=False)
    said = alone(Leg(start=0, place=PLACE), change, silent, days=3)
    day = [to_micros(ping.event_time) // DAY_US for ping in said]
    assert set(day) == {0, 1}
    signs = {
        (number, p.lamp, p.fallen, p.moving, (p.battery_pct or 0) < 10) for number, p in zip(day, said, strict=True)
    }
    assert signs == {(0, "on", False, False, False), (1, "fault", True, True, True)}


def test_lights_speak_about_every_interval() -> None:
    times = [to_micros(ping.event_time) for ping in alone(interval_s=60, jitter_s=5)]
    gaps = {(b - a) // SECOND_US for a, b in pairwise(times)}
    assert min(gaps) in {54, 55}
    assert max(gaps) in {64, 65}


def test_a_voice_is_asked_only_for_what_its_track_says(scenario: Scenario) -> None:
    light = scenario.lights[0]
    now = Track(scenario, light).at(scenario.start)
    ((_, item),) = Voice(light, Signal(**QUIET), 1).say(scenario.start, now)
    assert msgspec.json.decode(item)["device_id"] == light.device_id
