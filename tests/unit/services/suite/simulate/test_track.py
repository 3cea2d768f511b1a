from services.suite.simulate.scenario import Leg, Light, Scenario, Signal
from services.suite.simulate.track import Track

HERE, THERE = (8.0, 50.0), (8.2, 50.0)


def track(*legs: Leg, held: tuple[tuple[int, int], ...] = (), period: int | None = None) -> Track:
    light = Light(device_id="LT-1", site="S00", legs=legs, held=held)
    scenario = Scenario(
        seed=1,
        city="",
        start=1000,
        end=2000,
        signal=Signal(),
        depots=(),
        sites=(),
        lights=(light,),
        period=period,
    )
    return Track(scenario, light)


def test_a_light_stays_until_its_next_leg() -> None:
    one = track(Leg(start=1000, place=HERE), Leg(start=1500, place=THERE, lamp="off"))
    assert one.at(1499)[:2] == HERE
    assert one.at(1500)[:2] == THERE
    assert one.at(1500).leg.lamp == "off"


def test_a_moving_light_is_on_its_way_to_its_next_place() -> None:
    one = track(Leg(start=1000, place=HERE, moving=True), Leg(start=1400, place=THERE))
    lon, lat, _ = one.at(1100)
    assert abs(lon - 8.05) < 1e-9
    assert lat == 50.0


def test_a_light_with_a_period_does_the_same_in_every_round() -> None:
    one = track(Leg(start=1100, place=HERE), Leg(start=1300, place=THERE), period=600)
    for instant in (1050, 1150, 1299, 1300, 1599):
        assert one.at(instant) == one.at(instant + 600) == one.at(instant - 1200)
    assert one.at(1050)[:2] == THERE


def test_what_is_said_in_a_gap_arrives_at_its_end_in_order() -> None:
    one = track(Leg(start=1000, place=HERE), held=((20_000, 30_000),))
    assert one.arrives(19_999, 5) == 20_004
    assert one.arrives(20_000, 5) == 30_000
    assert 30_000 < one.arrives(24_000, 5) < one.arrives(29_999, 5) < 30_010
    assert one.arrives(30_000, 5) == 30_005


def test_gaps_repeat_and_may_reach_over_the_seam_of_a_period() -> None:
    one = track(Leg(start=1000, place=HERE), held=((950, 1050),), period=600)
    assert one.arrives(950, 5) == 1050
    assert one.arrives(1549, 5) == 1554
    assert one.arrives(1550, 5) == 1650
    assert one.arrives(1601, 5) == 1650
    assert one.arrives(1650, 5) == 1655
