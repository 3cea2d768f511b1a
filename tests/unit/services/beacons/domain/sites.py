"""Sites to begin with: ordered ones, and one that works."""

from typing import Any

from services.beacons.domain.areas import site_id
from shared.contracts.sites import (
    MeasuredExtent,
)
from shared.geo.crs import metric_line, to_metric
from tests.unit.services.beacons.domain.city import (
    STREET,
    City,
    approved,
    leave,
    measure,
    rows_of_lights,
    set_up,
)
from tests.unit.services.beacons.domain.lights import shifted

SITE = site_id("p-1", "mz-a")


def ordered(*measures: Any, **members: Any) -> City:
    city = City()
    city.tell("permit:p-1", approved(*measures, **members))
    return city


def working(**members: Any) -> City:
    """A site that is set up and measured, at minute 20."""
    city = ordered(measure("a", STREET, **members))
    set_up(city)
    city.wait_until(20)
    assert city.kinds() == ["SetUpDetected", "ExtentMeasured"]
    return city


def collect(city: City, minute: float) -> None:
    for number, (name, _, _) in enumerate(rows_of_lights()):
        leave(city, name, minute + number * 0.25)


def piece(extent: MeasuredExtent) -> tuple[float, float]:
    """Where the measured line begins and ends, metres east of the origin."""
    x, y = to_metric(*shifted(0, 0))
    path = metric_line(extent.line.coordinates)
    first, last = path.coords[0], path.coords[-1]
    assert abs(first[1] - y) < 4
    return first[0] - x, last[0] - x
