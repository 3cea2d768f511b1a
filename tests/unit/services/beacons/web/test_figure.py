from datetime import UTC, datetime, timedelta
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from services.beacons.application.fleet_light import SeenFix, Standing
from services.beacons.web.figure import BATTERY_HEIGHT, BATTERY_WIDTH, MARGIN, SIDE, battery, plan

NOW = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
STAY = Standing(8.27, 50.0, 1.5, 3.0, NOW, NOW, 12, 40, 15.0, None)
OFFSETS = st.floats(-5_000, 5_000)


def fix(east_m: float, north_m: float) -> SeenFix:
    return SeenFix(NOW, 8.27, 50.0, 4.0, east_m, north_m, 15.0, "used")


@given(st.lists(st.tuples(OFFSETS, OFFSETS), max_size=30))
def test_every_fix_is_inside_the_drawing_in_its_own_direction(offsets: list[tuple[float, float]]) -> None:
    drawn = plan(STAY, [fix(*offset) for offset in offsets])
    assert len(drawn.dots) == len(offsets)
    for dot, (east, north) in zip(drawn.dots, offsets, strict=True):
        assert MARGIN - 1 <= dot.x <= SIDE - MARGIN + 1
        assert MARGIN - 1 <= dot.y <= SIDE - MARGIN + 1
        if hypot(east, north) > 1:
            assert (dot.x - drawn.centre) * east >= -1
            assert (dot.y - drawn.centre) * north <= 1


def test_north_is_up_and_the_bar_is_to_scale() -> None:
    drawn = plan(STAY, [fix(0, 10)])
    per_metre = drawn.bar / drawn.bar_m
    assert drawn.dots[0].y < drawn.centre
    assert drawn.centre - drawn.dots[0].y == round(10 * per_metre, 1)
    assert drawn.gate == STAY.allowed_m * per_metre
    assert drawn.sigma < drawn.certain < drawn.gate


def test_a_fix_kilometres_away_is_drawn_at_the_edge_and_does_not_shrink_the_rest() -> None:
    near, far = plan(STAY, [fix(5, 0), fix(5_000, 0)]).dots
    assert far.edge
    assert not near.edge
    assert near.x - SIDE / 2 > 20


def test_a_battery_curve_runs_from_left_to_right_and_full_is_up() -> None:
    curve = battery([(NOW, 100.0), (NOW + timedelta(hours=1), 50.0), (NOW + timedelta(hours=2), 0.0)])
    assert curve is not None
    assert curve.points == f"0,0 {BATTERY_WIDTH // 2},{BATTERY_HEIGHT // 2} {BATTERY_WIDTH},{BATTERY_HEIGHT}"
    assert (curve.low, curve.high) == (0.0, 100.0)
    assert battery([(NOW, 50.0)]) is None
    assert battery([]) is None
