import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Point

from shared.geo import linear

METRES = st.floats(-500, 500).map(lambda value: round(value, 3))
SPOTS = st.tuples(METRES, METRES)
LINES = st.lists(SPOTS, min_size=2, max_size=8, unique=True).map(LineString).filter(lambda line: line.length > 5)

EIGHT = LineString([(0, 0), (100, 100), (100, 0), (0, 100)])  # crosses itself at (50, 50)
SQUARE = LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
BEND = LineString([(0, 0), (100, 0), (100, 100)])


def test_the_left_is_positive() -> None:
    offset, lateral = linear.project(LineString([(0, 0), (100, 0)]), np.array([[30.0, 4.0], [60.0, -7.0]]))
    assert offset.tolist() == [30, 60]
    assert lateral.tolist() == [4, -7]


def test_outside_a_bend_the_side_is_that_of_the_bend() -> None:
    offset, lateral = linear.project(BEND, np.array([[103.0, -4.0], [104.0, -3.0], [104.0, -0.1], [100.1, -5.0]]))
    assert offset.tolist() == [100] * 4
    assert (lateral < 0).all()
    assert lateral[0] == pytest.approx(-5)


def test_beyond_an_end_the_offset_stops_or_goes_on() -> None:
    line, points = LineString([(0, 0), (100, 0)]), np.array([[-30.0, 1.0], [140.0, -2.0]])
    assert linear.project(line, points).offset.tolist() == [0, 100]
    extended = linear.project(line, points, extended=True)
    assert extended.offset.tolist() == [-30, 140]
    assert extended.lateral.tolist() == [1, -2]


@given(LINES, SPOTS)
def test_the_lateral_distance_is_the_distance_to_the_line(line: LineString, spot: tuple[float, float]) -> None:
    offset, lateral = linear.project(line, np.array([spot]))
    assert abs(lateral[0]) == pytest.approx(line.distance(Point(spot)), abs=1e-6)
    assert math.dist(linear.point_at(line, float(offset[0])), spot) == pytest.approx(abs(lateral[0]), abs=2e-3)


@given(LINES, st.lists(SPOTS, min_size=1, max_size=9))
def test_projecting_together_is_projecting_alone(line: LineString, spots: list[tuple[float, float]]) -> None:
    together = linear.project(line, np.array(spots))
    alone = [linear.project(line, np.array([spot])) for spot in spots]
    assert together.offset.tolist() == [float(one.offset[0]) for one in alone]
    assert together.lateral.tolist() == [float(one.lateral[0]) for one in alone]


@given(LINES, st.floats(0, 1), st.floats(0, 1))
def test_a_piece_is_as_long_as_its_offsets_say(line: LineString, first: float, second: float) -> None:
    start, end = sorted((first * line.length, second * line.length))
    assume(end - start > 0.01)
    piece = linear.cut(line, start, end)
    assert piece.length == pytest.approx(end - start, abs=1e-6)
    assert piece.coords[0] == pytest.approx(linear.point_at(line, start))
    assert piece.coords[-1] == pytest.approx(linear.point_at(line, end))


def test_a_piece_over_a_self_crossing_keeps_its_way() -> None:
    half = math.hypot(50, 50)
    piece = linear.cut(EIGHT, half, EIGHT.length - half)
    assert list(piece.coords) == [(50, 50), (100, 100), (100, 0), pytest.approx((50, 50))]


def test_a_closed_line_can_be_cut_over_its_seam() -> None:
    piece = linear.cut(SQUARE, 350, 50)
    assert list(piece.coords) == [(0, 50), (0, 0), (50, 0)]


def test_an_open_line_has_no_piece_from_back_to_front() -> None:
    with pytest.raises(ValueError, match="empty piece"):
        linear.cut(BEND, 50, 20)


def test_a_piece_beyond_the_line_is_empty_and_one_across_the_end_is_clamped() -> None:
    assert linear.cut(BEND, 150, 900).length == pytest.approx(50)
    with pytest.raises(ValueError, match="empty piece"):
        linear.cut(BEND, 300, 400)


def test_repeated_vertices_do_not_matter() -> None:
    line = LineString([(0, 0), (0, 0), (50, 0), (50, 0), (100, 0)])
    assert linear.project(line, np.array([[70.0, 1.0]])).offset.tolist() == [70]
    assert linear.bearing_at(line, 50) == pytest.approx(90)


def test_a_line_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="without length"):
        linear.point_at(LineString([(1, 1), (1, 1)]), 0)


@pytest.mark.parametrize(("offset", "degrees"), [(-5, 90), (50, 90), (100, 0), (199, 0), (500, 0)])
def test_the_bearing_at_a_vertex_is_that_of_what_follows(offset: float, degrees: float) -> None:
    assert linear.bearing_at(BEND, offset) == pytest.approx(degrees)
