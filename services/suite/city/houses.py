"""House numbers of the demo city: odd ones on one side of a street, even ones on the other, as houses stand."""

from collections import defaultdict

import numpy as np
import shapely

from shared.geo import linear
from shared.geo.citymap import Address, CityMap
from shared.geo.crs import Floats, lonlat_positions, to_metric_array
from shared.geo.network import RoadNetwork

FRONT_M = 35.0  # the middle of a house is at most this far from its street


def number_houses(city: CityMap) -> tuple[Address, ...]:
    """Every building near a named street, numbered along it; sorted by street, number and place."""
    network = RoadNetwork(city)
    houses: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for area in city.areas:
        if area.kind == "building":
            middle = shapely.centroid(shapely.Polygon(to_metric_array(np.array(area.rings[0]))))
            streets = network.streets_near(middle, FRONT_M)
            if streets:
                houses[streets[0]].append((middle.x, middle.y))
    found = [house for street, spots in houses.items() for house in _numbered(network, street, np.array(spots))]
    return tuple(sorted(found, key=lambda house: (house.street, int(house.number), house.lonlat)))


def _numbered(network: RoadNetwork, street: str, spots: Floats) -> list[Address]:
    path = network.street_path(street, shapely.MultiPoint(spots).centroid)
    if path is None:
        return []
    offset, lateral = linear.project(path, spots)
    found = []
    for first, side in ((1, lateral > 0), (2, lateral <= 0)):
        order = np.argsort(offset[side], kind="stable")
        places = lonlat_positions(shapely.MultiPoint(spots[side][order])) if len(order) else ()
        found += [Address(street, str(first + 2 * index), place) for index, place in enumerate(places)]
    return found
