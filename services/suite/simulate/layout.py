"""Where the lights of a site stand, after RSA 21: a transverse row at each end, few along the side."""

from math import cos, radians
from random import Random

from services.suite.simulate.stretches import Stretch, beside, lonlats
from shared.contracts.base import LonLat
from shared.geo.crs import XY

SHARE_IN_ROW = 0.36
LEAST_IN_ROW = 2
WIDTHS_M = (3.0, 5.5)
BY_HAND_M = 0.4  # nobody sets up to the centimetre
DEPOT_GAP_M = 2.0
METRES_PER_DEGREE = 111_229.0  # of latitude, at 50° north
DEPOT_ROW = 24


def around_site(stretch: Stretch, start: float, end: float, count: int, rng: Random) -> list[LonLat]:
    """``count`` lights of a site that stands from ``start`` to ``end`` metres along the stretch's path."""
    if not count:
        return []
    width = rng.uniform(*WIDTHS_M) * rng.choice((-1, 1))
    in_row = min(max(LEAST_IN_ROW, round(SHARE_IN_ROW * count)), count // 2)
    side = count - 2 * in_row
    across = [width * (place + 0.5) / in_row for place in range(in_row)]
    along = [start] * in_row + [start + (end - start) * (n + 1) / (side + 1) for n in range(side)] + [end] * in_row
    lateral = [*across, *([width] * side), *across]
    loose = [metres + rng.gauss(0, BY_HAND_M) for metres in along]
    return lonlats(beside(stretch.path, loose, lateral))


def in_depot(centre: XY, count: int, first: int) -> list[LonLat]:
    """Places in rows around a depot's centre, the first of them numbered ``first``."""
    numbers = range(first, first + count)
    return lonlats(
        [XY(centre.x + n % DEPOT_ROW * DEPOT_GAP_M, centre.y + n // DEPOT_ROW * DEPOT_GAP_M) for n in numbers]
    )


def off(place: LonLat, metres: float) -> LonLat:
    """A place so far east of ``place``."""
    lon, lat = place
    return round(lon + metres / (METRES_PER_DEGREE * cos(radians(lat))), 7), lat
