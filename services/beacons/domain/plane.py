"""Integer degrees to local metres: what the hot path needs of geodesy, for distances below a few kilometres.

Positions of lights are WGS 84 in units of 1e-7 degree (about a centimetre), so that they pack into four bytes and
compare exactly. Geometry of sites uses EPSG:25832 (``shared.geo.crs``).
"""

import math
from functools import lru_cache

UNITS_PER_DEGREE = 10_000_000


def units(degrees: float) -> int:
    return round(degrees * UNITS_PER_DEGREE)


def degrees(unit: int) -> float:
    return unit / UNITS_PER_DEGREE


def scale(lat_units: int) -> tuple[float, float]:
    """Metres east and north of one unit of longitude and latitude, the same within a hundredth of a degree."""
    return _scale(lat_units // 100_000)


@lru_cache(maxsize=4096)
def _scale(hundredths: int) -> tuple[float, float]:
    """Series of the WGS 84 ellipsoid's arc lengths (NGA, Length of a Degree), in the middle of the hundredth."""
    phi = math.radians((hundredths + 0.5) / 100)
    north = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    return east / UNITS_PER_DEGREE, north / UNITS_PER_DEGREE


def distance_m(lon_a: int, lat_a: int, lon_b: int, lat_b: int) -> float:
    east, north = scale(lat_a)
    return math.hypot((lon_b - lon_a) * east, (lat_b - lat_a) * north)
