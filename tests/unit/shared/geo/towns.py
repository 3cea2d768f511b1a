"""Small towns drawn in metres for the tests of the network."""

from collections.abc import Sequence

from shared.contracts.base import LonLat
from shared.geo.citymap import CityMap, Way
from shared.geo.crs import to_lonlat

ORIGIN = (450_000.0, 5_540_000.0)
Spot = tuple[float, float]


def lonlat(x: float, y: float) -> LonLat:
    return to_lonlat(ORIGIN[0] + x, ORIGIN[1] + y)


def at(x: float, y: float) -> Spot:
    return ORIGIN[0] + x, ORIGIN[1] + y


def way(number: int, name: str | None, spots: Sequence[Spot], *, oneway: int = 0, highway: str = "residential") -> Way:
    """A way through ``spots``; equal spots are equal nodes."""
    return Way(
        id=number,
        name=name,
        highway=highway,
        oneway=1 if oneway > 0 else -1 if oneway < 0 else 0,
        nodes=tuple(round(x) * 100_000 + round(y) for x, y in spots),
        coordinates=tuple(lonlat(x, y) for x, y in spots),
    )


def town(*ways: Way) -> CityMap:
    return CityMap(name="Probestadt", attribution="erfunden", ways=ways)
