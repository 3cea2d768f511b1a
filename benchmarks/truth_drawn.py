"""Orders as people draw them: a few corners with the mouse, not the street's middle line to the centimetre."""

from random import Random
from typing import Any

import msgspec
import numpy as np
from shapely import LineString

from services.suite.simulate import Scenario
from shared.geo.crs import lonlat_positions, metric_line
from shared.geo.linear import point_at

CORNER_M = 60.0  # a corner this often


def by_hand(scenario: Scenario, sigma_m: float) -> Scenario:
    """The same day, its orders drawn with an error of ``sigma_m`` per axis at each corner; the same for every call."""
    rng = Random(scenario.seed)  # draws a day, guards nothing
    sites = tuple(
        msgspec.structs.replace(site, features=tuple(_drawn(feature, sigma_m, rng) for feature in site.features))
        for site in scenario.sites
    )
    return msgspec.structs.replace(scenario, sites=sites)


def _drawn(feature: dict[str, Any], sigma_m: float, rng: Random) -> dict[str, Any]:
    line = metric_line(feature["geometry"]["coordinates"])
    corners = [point_at(line, at) for at in np.linspace(0.0, line.length, 2 + int(line.length // CORNER_M))]
    drawn = LineString([(x + rng.gauss(0, sigma_m), y + rng.gauss(0, sigma_m)) for x, y in corners])
    return feature | {"geometry": {"type": "LineString", "coordinates": [list(p) for p in lonlat_positions(drawn)]}}
