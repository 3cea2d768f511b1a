import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.base import LineString, Point, Polygon
from shared.geo import crs

LONS, LATS = st.floats(6.0, 15.0), st.floats(47.0, 55.0)
ANGLES = st.floats(0, 360, exclude_max=True)


def test_the_central_meridian_lies_at_half_a_million_metres() -> None:
    x, y = crs.to_metric(9.0, 50.0)
    assert x == pytest.approx(500_000.0, abs=1e-6)
    assert y == pytest.approx(5_538_630.7, abs=0.1)  # 0.9996 times the meridian arc of 50 degrees


@given(LONS, LATS)
def test_there_and_back_is_the_same_place(lon: float, lat: float) -> None:
    assert crs.to_lonlat(*crs.to_metric(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


@given(st.lists(st.tuples(LONS, LATS), min_size=1, max_size=20))
def test_a_batch_gives_the_same_bits_as_its_points_alone(points: list[tuple[float, float]]) -> None:
    batch = crs.to_metric_array(np.array(points))
    assert batch.tolist() == [list(crs.to_metric(*point)) for point in points]
    assert crs.to_lonlat_array(batch).tolist() == [list(crs.to_lonlat(*place)) for place in batch.tolist()]


@pytest.mark.parametrize(
    "geometry",
    [
        Point((8.27, 50.0)),
        LineString(((8.27, 50.0), (8.2712345, 50.0012345))),
        Polygon((((8.0, 50.0), (8.1, 50.0), (8.1, 50.1), (8.0, 50.0)),)),
    ],
)
def test_contract_geometries_survive_the_way_through_metres(geometry: Point | LineString | Polygon) -> None:
    assert crs.contract_shape(crs.metric_shape(geometry)) == geometry


def test_a_hole_stays_a_hole_and_rings_turn_as_rfc_7946_wants() -> None:
    ground = shapely.Polygon(
        [(5e5, 5.5e6), (5e5, 5.5e6 + 90), (5e5 + 90, 5.5e6 + 90), (5e5 + 90, 5.5e6)],
        [[(5e5 + 30, 5.5e6 + 30), (5e5 + 60, 5.5e6 + 30), (5e5 + 60, 5.5e6 + 60)]],
    )
    polygon = crs.contract_shape(ground)
    assert isinstance(polygon, Polygon)
    shell, hole = (shapely.LinearRing(ring) for ring in polygon.coordinates)
    assert shell.is_ccw
    assert not hole.is_ccw


def test_a_collection_has_no_contract_geometry() -> None:
    with pytest.raises(ValueError, match="MultiPoint"):
        crs.contract_shape(shapely.MultiPoint([(0, 0), (1, 1)]))


@pytest.mark.parametrize(("end", "degrees"), [((0, 1), 0), ((1, 0), 90), ((0, -1), 180), ((-1, 0), 270)])
def test_bearings_run_clockwise_from_north(end: tuple[float, float], degrees: float) -> None:
    assert crs.bearing((0, 0), end) == pytest.approx(degrees)


@given(st.tuples(st.floats(-9, 9), st.floats(-9, 9)))
def test_a_bearing_is_never_a_full_circle(end: tuple[float, float]) -> None:
    assert 0 <= crs.bearing((0, 0), end) < 360


@given(ANGLES, ANGLES)
def test_turning_leads_from_one_bearing_to_the_other_the_short_way(before: float, after: float) -> None:
    change = crs.turn(before, after)
    assert -180 <= change <= 180
    assert abs((before + change - after + 180) % 360 - 180) < 1e-9
    assert crs.opening(before, after) == pytest.approx(crs.opening(after, before), abs=1e-9)
