"""Depots: where lights rest. They belong to no site there, and to leave one is no alarm."""

from collections.abc import Sequence
from typing import NamedTuple

import shapely

from services.beacons.domain.cells import shape
from shared.contracts.base import Geometry
from shared.geo.crs import to_metric


class Depot(NamedTuple):
    """Where lights are stored: WGS 84 lon-lat, widened by ``radius_m``."""

    name: str
    geometry: Geometry
    radius_m: float = 0.0


def depot_at(spot: shapely.Point, depots: Sequence[Depot]) -> Depot | None:
    """The depot around a place in EPSG:25832."""
    return next((depot for depot in depots if shapely.distance(shape(depot.geometry), spot) <= depot.radius_m), None)


def depot_around(lon: float | None, lat: float | None, depots: Sequence[Depot]) -> Depot | None:
    """The depot around a place in WGS 84."""
    if lon is None or lat is None:
        return None
    return depot_at(shapely.Point(to_metric(lon, lat)), depots)
