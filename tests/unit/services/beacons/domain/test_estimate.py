import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.beacons.domain.estimate import FLOOR_M, Centre, centre
from tests.unit.services.beacons.domain.layouts import real_errors


def centre_of(xs: Sequence[float], ys: Sequence[float], errors: Sequence[float]) -> Centre:
    return centre([complex(x, y) for x, y in zip(xs, ys, strict=True)], errors)


@pytest.mark.parametrize(("fixes", "stride"), [(3, 50), (8, 20), (8, 50), (24, 5), (24, 20), (24, 50)])
def test_sigma_is_honest_in_a_real_street_canyon(fixes: int, stride: int) -> None:
    errors = real_errors()
    hits = []
    for start in range(0, len(errors) - fixes * stride, 7):
        some = errors[start : start + fixes * stride : stride]
        found = centre_of([x for x, _ in some], [y for _, y in some], [16.0] * fixes)
        hits += [abs(found.x) <= 2 * found.sigma, abs(found.y) <= 2 * found.sigma]
    assert sum(hits) / len(hits) > 0.75


def test_sigma_is_honest_under_an_open_sky_and_still_useful() -> None:
    rng = random.Random(7)
    drawn = [([rng.gauss(0, 4) for _ in range(24)], [rng.gauss(0, 4) for _ in range(24)]) for _ in range(300)]
    found = [centre_of(xs, ys, [6.0] * 24) for xs, ys in drawn]
    inside = sum(abs(one.x) <= 2 * one.sigma and abs(one.y) <= 2 * one.sigma for one in found)
    assert inside / len(found) > 0.9
    assert sorted(one.sigma for one in found)[270] < 3.5


def test_a_third_of_wild_fixes_does_not_drag_the_centre_away() -> None:
    rng = random.Random(11)
    xs = [rng.gauss(0, 3) for _ in range(16)] + [80.0 + rng.gauss(0, 3) for _ in range(8)]
    found = centre_of(xs, [0.0] * 24, [5.0] * 24)
    assert abs(found.x) < 6


def test_accurate_fixes_count_more() -> None:
    found = centre_of([0.0, 0.0, 6.0, 6.0], [0.0] * 4, [3.0, 3.0, 30.0, 30.0])
    assert found.x < 1.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(1, 100)), min_size=1, max_size=24))
def test_the_centre_lies_among_its_fixes_and_follows_them(fixes: list[tuple[float, float, float]]) -> None:
    xs, ys, errors = ([fix[axis] for fix in fixes] for axis in range(3))
    found = centre_of(xs, ys, errors)
    assert min(xs) - 1e-6 <= found.x <= max(xs) + 1e-6
    assert min(ys) - 1e-6 <= found.y <= max(ys) + 1e-6
    assert found.sigma >= FLOOR_M
    moved = centre_of([x + 1000 for x in xs], [y - 1000 for y in ys], errors)
    assert moved.x - 1000 == pytest.approx(found.x, abs=0.01)
    assert moved.sigma == pytest.approx(found.sigma, abs=0.01)
