"""Where a measure is: GML lines, points and areas in latitude-longitude order (EPSG:4326), fixed decimals, one blank.

Every area is given with a line along its middle, in a group with the area: most consumers read lines only.
"""

from math import ceil

from services.navfeed.adapters.datex2_xml import Element, add, clean
from services.navfeed.domain.feature import Feature
from services.navfeed.domain.lines import length_m, spine
from shared.contracts.base import Geometry, LineString, LonLat, Point, Polygon

CRS = "EPSG:4326"
CARRIAGEWAYS = {"footway_closed": "footpath", "cycleway_closed": "cycleTrack"}
LANES_AT_MOST = 20  # a wrong number of lanes must not fill the document


def add_location(parent: Element, name: str, feature: Feature) -> None:
    """Append the feature's place under ``name`` (``sit:locationReference`` or ``loc:location``)."""
    place = feature.geometry
    if isinstance(place, Polygon):
        group = add(parent, name, kind="loc:LocationGroupByList")
        _add_simple(group, "loc:locationContainedInGroup", feature, spine(place))
        _add_area(add(group, "loc:locationContainedInGroup", kind="loc:AreaLocation"), place)
    else:
        _add_simple(parent, name, feature, place)


def add_itinerary(parent: Element, name: str, feature: Feature) -> None:
    """Append the feature's place as a route to follow."""
    route = add(parent, name, kind="loc:ItineraryByIndexedLocations")
    place = feature.geometry
    line = spine(place) if isinstance(place, Polygon) else place
    _add_simple(add(route, "loc:locationContainedInItinerary", index="0"), "loc:location", feature, line)


def _add_simple(parent: Element, name: str, feature: Feature, place: Geometry) -> None:
    if isinstance(place, Point):
        location = add(parent, name, kind="loc:PointLocation")
        _add_description(location, feature, None)
        point = add(add(location, "loc:pointByCoordinates"), "loc:pointCoordinates")
        _add_position(point, place.coordinates)
    elif isinstance(place, LineString):
        location = add(parent, name, kind="loc:SingleRoadLinearLocation")
        _add_position(add(location, "loc:coordinatesForDisplay"), place.coordinates[len(place.coordinates) // 2])
        _add_description(location, feature, place)
        _add_positions(add(location, "loc:gmlLineString", srsName=CRS), place.coordinates)


def _add_area(location: Element, area: Polygon) -> None:
    polygon = add(add(location, "loc:gmlMultiPolygon"), "loc:gmlPolygon")
    for index, ring in enumerate(area.coordinates):
        _add_positions(add(polygon, "loc:interior" if index else "loc:exterior", srsName=CRS), ring)


def _add_description(location: Element, feature: Feature, line: LineString | None) -> None:
    description = add(location, "loc:supplementaryPositionalDescription")
    if feature.provenance.place == "measured" and feature.place_accuracy_m is not None:
        description.set("locationPrecision", str(max(1, ceil(feature.place_accuracy_m))))
    if line is not None:
        add(description, "loc:lengthAffected", f"{length_m(line):.1f}")
    _add_carriageway(description, feature)
    if feature.street.strip() or feature.road_number:
        road = add(description, "loc:roadInformation")
        if clean(feature.street.strip()):
            add(road, "loc:roadName", feature.street.strip())
        if feature.road_number:
            add(road, "loc:roadNumber", feature.road_number)


def _add_carriageway(description: Element, feature: Feature) -> None:
    carriageway = add(description, "loc:carriageway")
    add(carriageway, "loc:carriageway", CARRIAGEWAYS.get(feature.measure, "mainCarriageway"))
    if feature.lanes_total is not None:
        add(carriageway, "loc:originalNumberOfLanes", str(max(0, feature.lanes_total)))
    for number in _closed_lanes(feature):
        add(add(carriageway, "loc:lane"), "loc:laneNumber", str(number))


def _closed_lanes(feature: Feature) -> range:
    """Numbers of the closed lanes, 1 nearest to the verge; none where the order does not tell the side."""
    closed, total = feature.lanes_closed or 0, feature.lanes_total or 0
    if feature.measure != "lanes_closed" or not 0 < closed <= total <= LANES_AT_MOST:
        return range(0)
    if feature.side == "right":
        return range(1, closed + 1)
    return range(total - closed + 1, total + 1) if feature.side == "left" else range(0)


def _add_position(parent: Element, position: LonLat) -> None:
    add(parent, "loc:latitude", f"{position[1]:.7f}")
    add(parent, "loc:longitude", f"{position[0]:.7f}")


def _add_positions(parent: Element, positions: tuple[LonLat, ...]) -> None:
    add(parent, "loc:posList", pos_list(positions))


def pos_list(positions: tuple[LonLat, ...]) -> str:
    """Latitude and longitude in turn, seven decimals (1 cm), one blank between numbers."""
    return " ".join(f"{lat:.7f} {lon:.7f}" for lon, lat in positions)
