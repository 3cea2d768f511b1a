import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.navfeed.domain.lines import in_traffic_direction, length_m, moved_m, spine
from shared.contracts.base import LineString, Polygon
from tests.unit.services.navfeed.builders import AREA, LINE, areas, lines

METRE_NORTH = 1 / 111_195


def test_a_length_is_in_metres() -> None:
    assert length_m(LINE) == pytest.approx(143.0, abs=0.5)


def test_the_farther_end_tells_how_far_a_line_moved() -> None:
    (first, *middle, last) = LINE.coordinates
    moved = LineString(((first[0], first[1] + 3 * METRE_NORTH), *middle, (last[0], last[1] + 12 * METRE_NORTH)))
    assert moved_m(LINE, moved) == pytest.approx(12, abs=0.01)


def test_a_line_that_was_turned_round_moved_by_its_length() -> None:
    assert moved_m(LINE, LineString(LINE.coordinates[::-1])) == pytest.approx(length_m(LINE), rel=1e-6)


@given(lines, st.booleans())
def test_traffic_direction_only_turns_and_rounds(line: LineString, backward: bool) -> None:
    turned = in_traffic_direction(line, backward=backward)
    assert isinstance(turned, LineString)
    expected = line.coordinates[::-1] if backward else line.coordinates
    for (lon, lat), (want_lon, want_lat) in zip(turned.coordinates, expected, strict=True):
        assert lon == pytest.approx(want_lon, abs=1e-7)
        assert lat == pytest.approx(want_lat, abs=1e-7)


def test_the_spine_of_a_street_shaped_area_runs_along_its_middle() -> None:
    (west, east) = spine(AREA).coordinates
    assert list(west) == pytest.approx([8.26, 50.00015], abs=1e-6)
    assert list(east) == pytest.approx([8.263, 50.00015], abs=1e-6)


@settings(deadline=None)
@given(areas)
def test_every_area_has_a_spine_in_its_neighbourhood(area: Polygon) -> None:
    line = spine(area)
    assert len(line.coordinates) == 2
    assert all(7.5 < lon < 9.1 and 49.4 < lat < 50.6 for lon, lat in line.coordinates)


def test_an_area_without_extent_still_gives_a_line() -> None:
    for ring in (((8.26, 50.0),) * 4, ((8.26, 50.0), (8.27, 50.0), (8.28, 50.0), (8.26, 50.0))):
        assert length_m(spine(Polygon((ring,)))) > 0.9
