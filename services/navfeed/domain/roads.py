"""What the network knows of the road on which something is ordered."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from shapely import LineString

from shared.contracts.base import Geometry
from shared.geo.crs import metric_shape, to_lonlat
from shared.geo.linear import project
from shared.geo.network import RoadNetwork

NEAR_M = 50.0  # a street of that name farther away is another part of it, or another street


class Road(NamedTuple):
    """``number`` as on the signs (B 9, L 425); ``road_class`` in OpenStreetMap's words.

    ``against``: a one-way street or carriageway whose traffic runs against the drawn line.
    """

    number: str | None = None
    road_class: str | None = None
    against: bool = False


class Roads:
    """The road of a measure, by its street's name and its ordered place; nothing is known without a network."""

    def __init__(self, network: RoadNetwork | None = None) -> None:
        self.of = lru_cache(maxsize=8192)(lambda street, place: _road(network, street, place))


NO_ROADS = Roads()


def _road(network: RoadNetwork | None, street: str, place: Geometry) -> Road:
    name = network.spelt(street) if network else None
    if network is None or name is None:
        return Road()
    shape = metric_shape(place)
    middle = shape.interpolate(0.5, normalized=True) if isinstance(shape, LineString) else shape.centroid
    hit = network.nearest(*to_lonlat(middle.x, middle.y), street=name)
    if hit is None or hit.distance > NEAR_M:
        return Road()
    against = isinstance(shape, LineString) and _against(network.street_path(name, shape), shape)
    return Road(hit.way.ref, hit.way.highway, against)


def _against(path: LineString | None, line: LineString) -> bool:
    """A path through a two-way street runs as the line does, through a one-way street as its traffic."""
    if path is None or line.is_closed or path.is_closed:
        return False
    start, end = project(path, np.array([line.coords[0], line.coords[-1]])).offset.tolist()
    return bool(start > end)
