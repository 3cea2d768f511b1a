import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.beacons.domain.ends import End, Mark, fuse, measure, on_the_line
from tests.unit.services.beacons.domain.layouts import canyon, end_errors, normal, percentile, real_errors


def test_rows_give_the_ends_within_metres_at_four_metres_of_noise() -> None:
    rng = random.Random(5)
    found, raw = end_errors(rng, normal(rng, 4.0), 4.0, 150)
    assert len(found) == 300
    assert percentile(found, 0.5) < 1.8
    assert percentile(found, 0.95) < 5.5
    assert percentile(found, 0.95) < 0.7 * percentile(raw, 0.95)


def test_rows_give_the_ends_with_real_errors_of_a_street_canyon() -> None:
    rng = random.Random(5)
    found, _ = end_errors(rng, canyon(rng, real_errors()), 8.0, 60)
    assert percentile(found, 0.5) < 5
    assert percentile(found, 0.95) < 8


def test_sigma_of_an_end_is_honest() -> None:
    rng = random.Random(9)
    hits = []
    for _ in range(200):
        marks = [Mark(end + rng.gauss(0, 4), rng.gauss(0, 4), 4.0) for end in (0.0, 90.0) for _ in range(5)]
        first, last = measure(marks)
        hits += [abs(first.at) <= 2 * first.sigma, abs(last.at - 90) <= 2 * last.sigma]
    assert sum(hits) / len(hits) > 0.9


def test_one_light_astray_is_no_end() -> None:
    marks = [Mark(end, place, 3.0) for end in (0.0, 60.0) for place in range(4)]
    first, last = measure([*marks, Mark(-30.0, 0.0, 3.0), Mark(85.0, 0.0, 3.0)])
    assert first.at == pytest.approx(0, abs=0.5)
    assert last.at == pytest.approx(60, abs=0.5)
    assert (first.lights, last.lights) == (4, 4)


def test_lights_beside_the_road_do_not_count() -> None:
    marks = [Mark(0.0, 14.9, 3.0), Mark(50.0, -15.1, 3.0)]
    assert on_the_line(marks) == [marks[0]]


def test_a_single_row_is_one_end_and_no_light_is_none() -> None:
    (end,) = measure([Mark(10.0 + place * 0.2, 0.0, 3.0) for place in range(5)])
    assert end.at == pytest.approx(10.4, abs=0.1)
    assert measure([]) == ()


def test_two_lights_far_apart_are_two_ends() -> None:
    assert [end.at for end in measure([Mark(70.0, 0.0, 3.0), Mark(0.0, 0.0, 3.0)])] == pytest.approx([0.0, 70.0])


def test_a_measured_end_outweighs_the_drawn_one_by_variance() -> None:
    fused = fuse(End(20.0, 2.0, 5), 0.0)
    assert fused.at == pytest.approx(20 * 100 / 104)
    assert fused.sigma < 2
    assert (fused.measured, fused.deviates) == (True, False)


@pytest.mark.parametrize(
    ("end", "at", "deviates"),
    [
        (End(40.0, 2.0, 3), 40.0, True),
        (End(40.0, 2.0, 2), 0.0, False),
        (End(26.0, 12.0, 5), 26 * 100 / 244, False),
        (End(-40.0, 2.0, 3), -40.0, True),
    ],
)
def test_three_agreeing_lights_may_contradict_the_order(end: End, at: float, deviates: bool) -> None:
    fused = fuse(end, 0.0)
    assert fused.at == pytest.approx(at)
    assert fused.deviates == deviates


def test_an_end_without_lights_stays_as_ordered() -> None:
    fused = fuse(None, 33.0)
    assert (fused.at, fused.measured) == (33.0, False)


@given(
    st.lists(st.tuples(st.floats(0, 200), st.floats(-3, 3), st.floats(1, 15)), min_size=1, max_size=15), st.randoms()
)
def test_ends_do_not_depend_on_the_order_of_lights(
    lights: list[tuple[float, float, float]], rng: random.Random
) -> None:
    marks = on_the_line([Mark(*light) for light in lights])
    shuffled = [Mark(*light) for light in lights]
    rng.shuffle(shuffled)
    assert measure(on_the_line(shuffled)) == measure(marks)
    for end in measure(marks):
        assert min(marks).along - 1e-6 <= end.at <= max(marks).along + 1e-6
