"""What the network adds to an order: number and class of the road, and the direction of its traffic."""

from typing import Any

import pytest

from services.navfeed.domain.publisher import Publisher
from services.navfeed.domain.roads import Road, Roads
from shared.contracts.base import LineString, Point
from shared.contracts.permits import PermitApproved
from shared.contracts.sites import ExtentMeasured
from shared.geo.citymap import CityMap, Way
from shared.geo.network import RoadNetwork
from tests.unit.services.navfeed.builders import (
    AREA,
    LINE,
    NAMESPACE,
    POINT,
    Feed,
    extent,
    measure,
    permit,
    site,
)

BACK = LINE.coordinates[::-1]


def city(**members: Any) -> RoadNetwork:
    known: dict[str, Any] = {"name": "Rheinstraße", "highway": "secondary", "ref": "L 425"} | members
    way = Way(id=1, nodes=(1, 2, 3), coordinates=LINE.coordinates, **known)
    return RoadNetwork(CityMap(name="Probestadt", attribution="erfunden", ways=(way,)))


def told(network: RoadNetwork | None, **members: Any) -> Feed:
    feed = Feed()
    feed.publisher = Publisher(NAMESPACE, network)
    feed.tell("03-02 07:00", PermitApproved(permit(measure(**members))))
    return feed


def test_number_and_class_come_from_the_network() -> None:
    (feature,) = told(city()).features
    assert (feature.road_number, feature.road_class) == ("L 425", "secondary")


@pytest.mark.parametrize("place", [LINE, AREA, POINT])
def test_every_place_lies_on_a_road(place: Any) -> None:
    assert Roads(city()).of("Rheinstr.", place) == Road("L 425", "secondary")


def test_nothing_is_known_without_a_network_or_of_a_street_that_it_does_not_have() -> None:
    for feed in (told(None), told(city(), street="Rheinallee")):
        assert (feed.features[0].road_number, feed.features[0].road_class) == (None, None)


def test_a_street_of_the_same_name_elsewhere_is_not_meant() -> None:
    far = Point((8.2600, 50.0010))
    assert Roads(city()).of("Rheinstraße", far) == Road()


@pytest.mark.parametrize(
    ("oneway", "direction", "turned"),
    [(0, "both", False), (1, "both", False), (-1, "both", True), (-1, "forward", False), (1, "backward", True)],
)
def test_lines_run_with_the_traffic_of_a_one_way_street(oneway: Any, direction: Any, turned: bool) -> None:
    feed = told(city(oneway=oneway), direction=direction)
    (feature,) = feed.tell("03-02 08:30", site(ExtentMeasured, "03-02 08:30", extents=(extent(place_to="ordered"),)))
    for place in (feature.ordered.geometry, feature.geometry):
        assert isinstance(place, LineString)
        assert (place.coordinates[0] > place.coordinates[-1]) == turned
    ends = (feature.provenance.place_from, feature.provenance.place_to)
    assert ends == (("ordered", "measured") if turned else ("measured", "ordered"))


def test_a_ring_has_no_direction_to_be_against() -> None:
    ring = LineString(AREA.coordinates[0])
    assert not Roads(city(oneway=-1)).of("Rheinstraße", ring).against
