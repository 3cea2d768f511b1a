import random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.beacons.domain import signs
from services.beacons.domain.gate import ServiceArea
from services.beacons.domain.light import LightsStage, LightState
from services.beacons.domain.plane import distance_m, units
from shared.clock import MINUTE_US, from_micros, to_micros
from shared.contracts.devices import (
    LampChanged,
    LightBatteryLow,
    LightBecameSilent,
    LightFell,
    LightLampFailed,
    LightMovedAway,
    LightPlaced,
    LightRecovered,
    LightRefined,
    Stand,
)
from shared.contracts.pings import Ping
from shared.events.codec import PoisonError
from shared.projection.protocols import Moment, Quarantine
from tests.unit.services.beacons.domain.lights import T0, Light, event_of, minutes, ping, shifted


def away_m(stand: Stand, east_m: float, north_m: float) -> float:
    lon, lat = shifted(east_m, north_m)
    return distance_m(units(stand.lon), units(stand.lat), units(lon), units(lat))


def standing() -> Light:
    light = Light()
    light.hear_all(ping(minute, lamp="on") for minute in (0, 10, 20))
    return light


def test_three_agreeing_fixes_place_a_light_where_it_stands_since_the_first() -> None:
    light = Light()
    assert light.hear_all([ping(0), ping(10, 3.0)]) == []
    (placed,) = light.hear(ping(20, 0.0, 3.0, lamp="on"))[1:]
    assert isinstance(placed, LightPlaced)
    assert placed.lamp == "on"
    assert placed.stand.since == from_micros(T0)
    assert placed.stand.observed_at == from_micros(T0) + minutes(20)
    assert placed.stand.fixes == 3
    assert away_m(placed.stand, 1.0, 1.0) < 2.0


def test_two_good_fixes_some_minutes_apart_are_enough() -> None:
    light = Light()
    light.hear_all([ping(0, accuracy_m=3.0), ping(10, accuracy_m=3.0)])
    assert len(light.of(LightPlaced)) == 1


def test_two_good_fixes_in_a_short_halt_are_not() -> None:
    light = Light()
    assert light.hear_all([ping(0, accuracy_m=3.0), ping(4, accuracy_m=3.0)]) == []


def test_fixes_that_disagree_place_nothing() -> None:
    light = Light()
    assert light.hear_all(ping(10 * step, 40.0 * step) for step in range(12)) == []


def test_a_far_fix_is_an_outlier_and_never_a_move() -> None:
    light = standing()
    assert light.hear_all([ping(30, 60.0), *(ping(40 + 10 * step) for step in range(6))]) == []


def test_far_fixes_that_disagree_with_each_other_are_no_move() -> None:
    light = standing()
    light.hear_all([ping(30, 60.0), ping(40, -70.0), ping(50, 0.0, 80.0), ping(60, 0.0, -90.0)])
    assert light.of(LightMovedAway) == []


def test_two_of_the_next_three_elsewhere_are_a_move_dated_by_the_first() -> None:
    light = standing()
    light.hear_all([ping(30, 300.0), ping(40, 80.0), ping(50, 81.0)])
    (moved,) = light.of(LightMovedAway)
    assert moved.at == from_micros(T0) + minutes(30)
    light.hear(ping(60, 80.0))
    assert away_m(light.of(LightPlaced)[-1].stand, 80.0, 0.0) < 2.0
    assert light.of(LightPlaced)[-1].stand.since == from_micros(T0) + minutes(40)


def test_a_fix_at_the_old_place_between_two_elsewhere_does_not_hide_the_move() -> None:
    light = standing()
    light.hear_all([ping(30, 80.0), ping(40, 80.0), ping(50, 0.0), ping(60, 80.0)])
    assert [moved.at for moved in light.of(LightMovedAway)] == [from_micros(T0) + minutes(60)]


def test_a_light_that_says_it_moves_is_believed_one_fix_earlier() -> None:
    light = standing()
    light.hear_all([ping(30, 5.0, moving=True), ping(32, 80.0), ping(34, 80.0)])
    assert len(light.of(LightMovedAway)) == 1


def test_a_light_that_only_shakes_has_not_moved() -> None:
    light = standing()
    assert light.hear_all(ping(30 + 10 * step, 2.0, moving=True) for step in range(6)) == []


@pytest.mark.parametrize("fix", ["cached", "failed", "none"])
def test_a_failed_fix_refreshes_alive_and_never_the_position(fix: Any) -> None:
    light = standing()
    before = bytes(light.state.tail)
    assert light.hear_all(ping(30 + 10 * step, 500.0, fix=fix) for step in range(12)) == []
    assert bytes(light.state.tail) == before


def test_a_re_sent_fix_changes_nothing() -> None:
    light = standing()
    before = light.stored()
    light.hear(ping(10, lamp="on"), light.now)
    light.hear(ping(20, lamp="on"), light.now)
    assert light.stored() == before


def test_a_refused_ping_is_quarantined_with_its_reason_yet_its_lamp_counts() -> None:
    light = standing()
    said = light.hear(ping(30, lon=0.0, lat=0.0, lamp="off"))
    assert [type(payload) for payload in said] == [LampChanged, Quarantine]
    assert said[1] == Quarantine("null_island")


def test_a_position_that_nothing_on_wheels_reaches_is_refused() -> None:
    light = standing()
    assert light.hear(ping(22, 60_000.0)) == [Quarantine("too_fast")]
    light.hear_all([ping(24, 60_000.0), ping(26, 60_000.0), ping(28, 60_000.0)])
    assert light.of(LightMovedAway) == []


def test_positions_outside_the_service_area_are_refused() -> None:
    light = Light(LightsStage(ServiceArea(8.0, 49.0, 8.2, 51.0)))
    assert light.hear(ping(0)) == [Quarantine("outside_service_area")]


def test_a_ping_later_than_the_horizon_changes_nothing() -> None:
    light = standing()
    light.hear(ping(100))
    before = light.stored()
    assert light.hear(ping(39, 500.0, lamp="off"), light.now) == [Quarantine("too_late")]
    assert light.stored() == before


def test_a_clock_ahead_of_the_log_is_refused() -> None:
    light = Light()
    assert light.stage.on_record(light.state, event_of(ping(10)), Moment(T0, 0)) == (Quarantine("from_future"),)


def test_an_unreadable_ping_is_poison_and_leaves_the_state_alone() -> None:
    light = standing()
    before = light.stored()
    broken = msgspec.structs.replace(event_of(ping(30)), data=b'{"device_id": "LT-1"}')
    with pytest.raises(PoisonError):
        light.stage.on_record(light.state, broken, Moment(light.now, 0))
    assert light.stored() == before


def test_a_stay_that_is_better_known_is_told_once_and_not_for_every_ping() -> None:
    light = Light()
    noise = random.Random(3)
    light.hear_all(ping(10 * minute, 8.0) for minute in range(3))
    light.hear_all(ping(30 + 10 * step, noise.gauss(0, 4), noise.gauss(0, 4)) for step in range(300))
    assert 0 < len(light.of(LightRefined)) < 25
    assert away_m(light.of(LightRefined)[-1].stand, 0.0, 0.0) < 5.0
    assert light.of(LightMovedAway) == []


def test_a_small_shift_drags_the_centre_along() -> None:
    light = standing()
    light.hear_all(ping(30 + 10 * step, 10.0) for step in range(40))
    assert light.of(LightMovedAway) == []
    assert away_m(light.of(LightRefined)[-1].stand, 10.0, 0.0) < 5.1


def test_a_new_stay_near_the_old_one_is_not_drawn_to_it() -> None:
    light = standing()
    light.hear_all(ping(30 + 10 * step, 40.0) for step in range(3))
    assert away_m(light.of(LightPlaced)[1].stand, 40.0, 0.0) < 0.1
    assert light.of(LightPlaced)[1].stand.fixes == 3


def test_a_light_that_comes_back_begins_a_new_stay() -> None:
    light = standing()
    light.hear_all([ping(30, -300.0), ping(40, 80.0), ping(50, 80.0), ping(60, 0.0)])
    assert len(light.of(LightPlaced)) == 1
    light.hear_all([ping(70, 0.0), ping(80, 0.0)])
    assert light.of(LightPlaced)[1].stand.since == from_micros(T0) + minutes(60)


def test_what_a_moving_light_said_before_begins_no_stay() -> None:
    light = Light()
    light.hear_all([ping(0), ping(10, moving=True), ping(20), ping(30)])
    assert light.said == []
    light.hear(ping(40))
    assert light.of(LightPlaced)[0].stand.since == from_micros(T0) + minutes(20)


def test_a_suspicion_that_came_to_nothing_leaves_the_next_one_its_beginning() -> None:
    light = standing()
    light.hear_all([ping(30, 300.0), ping(40), ping(50), ping(60, -300.0), ping(70, 80.0), ping(80, 80.0)])
    assert [moved.at for moved in light.of(LightMovedAway)] == [from_micros(T0) + minutes(60)]


def test_outliers_and_moving_fixes_do_not_carry_the_centre() -> None:
    light = standing()
    light.hear_all([ping(30, 30.0), ping(40), ping(50), ping(60, 2.0, moving=True)])
    assert light.state.live.used == 5
    assert light.state.live.seen == (T0 + 50 * MINUTE_US) // 1_000_000


def test_a_late_first_fix_makes_the_stay_begin_earlier() -> None:
    light = Light()
    light.hear_all(ping(10 * step) for step in (1, 2, 3))
    (refined,) = light.hear(ping(0), light.now)
    assert isinstance(refined, LightRefined)
    assert refined.stand.since == from_micros(T0)


def test_a_stay_that_turns_out_to_begin_later_is_the_same_stay() -> None:
    light = Light()
    light.hear_all([ping(0), ping(20), ping(30), ping(40)])
    (refined,) = light.hear(ping(10, moving=True), light.now)
    assert isinstance(refined, LightRefined)
    assert refined.stand.since == from_micros(T0) + minutes(20)


def test_of_two_fixes_in_one_slot_the_earlier_counts_in_any_order() -> None:
    one, other = standing(), standing()
    pair = [ping(30.2, 4.0), ping(30.8, -4.0)]
    for said in pair:
        one.hear(said, T0 + 31 * MINUTE_US)
    for said in reversed(pair):
        other.hear(said, T0 + 31 * MINUTE_US)
    assert one.state.live == other.state.live
    assert one.state.tail == other.state.tail


# --- lamp, upright, battery ---


def test_lamps_are_told_when_they_change() -> None:
    light = standing()
    light.hear_all([ping(30, lamp="on"), ping(40, lamp="off"), ping(50, lamp="unknown"), ping(60, lamp="on")])
    assert [(change.lamp, change.at) for change in light.of(LampChanged)] == [
        ("on", from_micros(T0)),
        ("off", from_micros(T0) + minutes(40)),
        ("on", from_micros(T0) + minutes(60)),
    ]


def test_a_failed_lamp_recovers_and_says_whether_it_burns() -> None:
    light = standing()
    light.hear_all([ping(30, lamp="fault"), ping(40, lamp="fault")])
    assert len(light.of(LightLampFailed)) == 1
    said = light.hear(ping(50, lamp="on"))
    assert [type(payload) for payload in said] == [LightRecovered, LampChanged]


def test_a_fallen_light_is_told_once_until_it_stands_again() -> None:
    light = standing()
    light.hear_all([ping(30, fallen=True), ping(40, fallen=True), ping(50), ping(60, fallen=False)])
    assert [fell.at for fell in light.of(LightFell)] == [from_micros(T0) + minutes(30)]
    assert [recovered.trouble for recovered in light.of(LightRecovered)] == ["fallen"]


def test_a_battery_recovers_only_well_above_where_it_was_low() -> None:
    light = standing()
    light.hear_all(ping(30 + 10 * step, battery_pct=pct) for step, pct in enumerate((16, 15, 20, 14, 24, 25)))
    assert [low.battery_pct for low in light.of(LightBatteryLow)] == [15]
    assert [recovered.at for recovered in light.of(LightRecovered)] == [from_micros(T0) + minutes(80)]


def test_a_late_low_battery_does_not_hide_a_later_one() -> None:
    light = standing()
    light.hear(ping(40, battery_pct=10))
    light.hear(ping(35, battery_pct=30), light.now)
    light.hear(ping(30, battery_pct=12), light.now)
    assert len(light.of(LightBatteryLow)) == 1
    assert light.of(LightRecovered) == []


@given(st.permutations([(30, 80.0), (40, 61.4), (40, 60.0), (35, 99.0)]))
def test_the_battery_is_what_was_said_last_in_whatever_order_it_came(said: list[tuple[int, float]]) -> None:
    light = standing()
    for minute, pct in said:
        light.hear(ping(minute, battery_pct=pct), T0 + 41 * MINUTE_US)
    assert light.state.signs.battery == 60


# --- silence ---


def test_silence_is_told_after_three_and_a_half_of_its_own_intervals() -> None:
    light = standing()
    light.wait_until(T0 + 54 * MINUTE_US)
    assert light.of(LightBecameSilent) == []
    light.wait_until(T0 + 56 * MINUTE_US)
    (silent,) = light.of(LightBecameSilent)
    assert silent.last_contact == from_micros(T0) + minutes(20)
    assert silent.at == from_micros(T0) + minutes(55)
    light.wait_until(T0 + 600 * MINUTE_US)
    assert len(light.of(LightBecameSilent)) == 1


def test_a_chatty_light_is_given_half_an_hour() -> None:
    light = Light()
    light.hear_all(ping(2 * step) for step in range(10))
    light.wait_until(T0 + 47 * MINUTE_US)
    assert light.of(LightBecameSilent) == []
    light.wait_until(T0 + 49 * MINUTE_US)
    assert len(light.of(LightBecameSilent)) == 1


def test_a_light_that_speaks_hourly_is_not_silent_between() -> None:
    light = Light()
    light.hear_all(ping(60 * step) for step in range(12))
    assert light.of(LightBecameSilent) == []


def test_an_outage_of_the_door_is_nobodys_silence() -> None:
    light = standing()
    light.now += 40 * MINUTE_US  # no tick was counted
    light.hear(ping(62))
    light.wait_until(T0 + 90 * MINUTE_US)
    assert light.of(LightBecameSilent) == []


def test_a_failed_fix_ends_the_silence() -> None:
    light = standing()
    light.wait_until(T0 + 120 * MINUTE_US)
    said = light.hear(ping(121, fix="failed", lon=None, lat=None))
    assert [(type(payload), getattr(payload, "trouble", None)) for payload in said] == [(LightRecovered, "silent")]
    light.wait_until(T0 + 300 * MINUTE_US)
    assert len(light.of(LightBecameSilent)) == 2


# --- laws ---


def story(seed: int) -> list[Ping]:
    """Set up at A, carried to B, collected: 60 messages, positions with noise, lamp and troubles on the way."""
    noise = random.Random(seed)
    spots = [(0.0, 0.0)] * 22 + [(90.0, 30.0)] * 24 + [(2_500.0, -900.0)] * 14
    said = []
    for step, (east, north) in enumerate(spots):
        said.append(
            ping(
                10 * step + noise.random(),
                east + noise.gauss(0, 3),
                north + noise.gauss(0, 3),
                lamp="off" if step > 46 else "fault" if step == 30 else "on",
                fallen=35 < step < 38,
                battery_pct=max(12, 70 - step) if step < 58 else 20,
                fix="failed" if step % 11 == 7 else "ok",
            )
        )
    return said


def delayed(said: list[Ping], delays: list[int]) -> list[tuple[int, Ping]]:
    """Arrivals in their order, each at most an hour late."""
    arrivals = [
        (to_micros(one.event_time) + delay * MINUTE_US, place)
        for place, (one, delay) in enumerate(zip(said, delays, strict=True))
    ]
    return [(at, said[place]) for at, place in sorted(arrivals)]


def ended(light: Light) -> tuple[Stand | None, Any]:
    """The stand last told, and what holds of the light's signs and life."""
    stand: Stand | None = None
    for payload in light.said:
        if isinstance(payload, LightPlaced | LightRefined):
            stand = payload.stand
        elif isinstance(payload, LightMovedAway):
            stand = None
    told = light.state.signs
    return stand, (told, signs.lamp(told), light.state.silent, light.state.live, light.state.newest)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 59), min_size=60, max_size=60), st.integers(20, 60), st.integers(0, 3))
@example([59 if step % 2 else 0 for step in range(60)], 60, 0)
@example([59 - step % 6 * 10 for step in range(60)], 25, 1)
def test_any_order_of_arrival_within_the_horizon_ends_in_the_same_state(
    delays: list[int], count: int, seed: int
) -> None:
    said = story(seed)[:count]
    punctual, late = Light(), Light()
    punctual.hear_all(said)
    for at, one in delayed(said, delays[:count]):
        late.hear(one, at)
        late.reload()
    stand, rest = ended(punctual)
    late_stand, late_rest = ended(late)
    assert late_rest[:2] == rest[:2]
    assert late_rest[3:] == rest[3:]
    assert (stand is None) == (late_stand is None)
    if stand and late_stand:
        assert distance_m(*map(units, (stand.lon, stand.lat, late_stand.lon, late_stand.lat))) <= 10.0
        assert stand.since == late_stand.since


def test_the_story_of_the_law_moves_twice() -> None:
    light = Light()
    light.hear_all(story(0))
    assert [len(light.of(kind)) for kind in (LightPlaced, LightMovedAway)] == [3, 2]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_stored_light_goes_on_as_if_it_had_never_been_stored(seed: int) -> None:
    kept, reloaded = Light(), Light()
    for one in story(seed):
        kept.hear(one)
        reloaded.hear(one)
        reloaded.reload()
    assert kept.said == reloaded.said


@pytest.mark.parametrize(("minutes", "most"), [(10, 850), (2, 1500)])
def test_a_light_stays_small_even_when_it_speaks_every_two_minutes(minutes: int, most: int) -> None:
    light, sizes = Light(), []
    for step in range(400):
        light.hear(ping(minutes * step, lamp="on", fallen=False, battery_pct=80))
        sizes.append(len(light.stored()))
    assert max(sizes) <= most


@pytest.mark.parametrize("seed", range(5))
def test_a_state_that_was_packed_before_the_copies_goes_on_to_the_same_stay(seed: int) -> None:
    kept, old = Light(), Light()
    for number, one in enumerate(story(seed)):
        kept.hear(one)
        old.hear(one)
        if number % 7 == 3:
            fields = msgspec.msgpack.decode(old.stored())
            old.state = msgspec.msgpack.decode(msgspec.msgpack.encode(fields[:-2]), type=LightState)
    assert [type(said) for said in kept.said] == [type(said) for said in old.said]
    assert msgspec.structs.astuple(kept.state.live) == msgspec.structs.astuple(old.state.live)
