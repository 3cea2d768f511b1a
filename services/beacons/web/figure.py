"""Drawings to scale, made by the server: where a light's fixes lie, and its battery over time. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.beacons.application.fleet_light import SeenFix, Standing

SIDE = 400  # of the square drawing, in its own units
MARGIN = 16
LEAST_M = 8.0
MOST_GATES = 2.5  # fixes farther away are drawn at the edge, so that one jump does not shrink the rest
BARS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
BATTERY_WIDTH, BATTERY_HEIGHT = 640, 120


class Dot(NamedTuple):
    x: float
    y: float
    r: float
    verdict: str
    edge: bool


class Plan(NamedTuple):
    """North is up. ``bar``: a bar of ``bar_m`` metres; circles around ``centre`` in drawing units."""

    side: int
    centre: float
    dots: Sequence[Dot]
    sigma: float
    certain: float
    gate: float
    bar: float
    bar_m: int


def plan(stay: Standing, fixes: Sequence[SeenFix]) -> Plan:
    """``sigma``: one standard deviation of the centre; ``certain``: the circle that holds it with 95 %."""
    most = max([LEAST_M, stay.allowed_m, *(fix.distance_m for fix in fixes)])
    reach = min(most, max(LEAST_M, stay.allowed_m * MOST_GATES))
    scale = (SIDE / 2 - MARGIN) / reach
    bar_m = max([bar for bar in BARS_M if bar * scale <= SIDE / 3], default=BARS_M[0])
    return Plan(
        SIDE,
        SIDE / 2,
        [_dot(fix, scale, reach) for fix in fixes],
        stay.sigma_m * scale,
        stay.sigma_m * 2.45 * scale,
        stay.allowed_m * scale,
        bar_m * scale,
        bar_m,
    )


def _dot(fix: SeenFix, scale: float, reach: float) -> Dot:
    shrink = min(1.0, reach / fix.distance_m) if fix.distance_m else 1.0
    x, y = SIDE / 2 + fix.east_m * shrink * scale, SIDE / 2 - fix.north_m * shrink * scale
    return Dot(round(x, 1), round(y, 1), 4.0, fix.verdict, shrink < 1.0)


class Curve(NamedTuple):
    """``points`` of a polyline, oldest first; 100 % is at the top."""

    width: int
    height: int
    points: str
    first: datetime
    last: datetime
    low: float
    high: float


def battery(measured: Sequence[tuple[datetime, float]]) -> Curve | None:
    """At least two measurements (instant, per cent), else None."""
    if len(measured) < 2 or measured[0][0] == measured[-1][0]:
        return None
    first, last = measured[0][0], measured[-1][0]
    span = (last - first).total_seconds()
    points = [
        f"{(at - first).total_seconds() / span * BATTERY_WIDTH:.0f},{BATTERY_HEIGHT * (1 - pct / 100):.0f}"
        for at, pct in measured
    ]
    values = [pct for _, pct in measured]
    return Curve(BATTERY_WIDTH, BATTERY_HEIGHT, " ".join(points), first, last, min(values), max(values))
