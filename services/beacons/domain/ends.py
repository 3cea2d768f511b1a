"""Where a site begins and ends along a line, from the lights that stand there.

On layouts after RSA 21 lamps crowd in the two transverse rows, so the outermost crowds are the ends: 1.0 m median and
3-5 m p95, where the raw extremes err by 17-23 m at p95 (domain.md § 2). Offsets are metres along a reference line.
"""

from collections.abc import Sequence
from math import exp, sqrt
from typing import NamedTuple

HALF_ROAD_WIDTH_M = 6.0
LATERAL_SIGMAS = 3.0
WIDTH_SIGMAS = 1.2  # a row is looked for with a kernel this many sigmas wide,
WIDTH_MIN_M, WIDTH_MAX_M = 2.5, 12.0  # within these limits
SHIFTS = 12  # steps of the mean shift; it moves centimetres by then
CROWDED = 0.45  # of the densest crowd: below it is a light astray or one along the side
APART_WIDTHS = 2.0
ROW_FLOOR_M = 0.5
SHARED_ERROR = 0.15  # of a light's variance is common to its neighbours, however many they are
ORDERED_SIGMA_M = 10.0  # how well drawn ends are meant
DEVIATION_SIGMAS = 3.0
DEVIATION_M = 25.0
DEVIATION_LIGHTS = 3


class Mark(NamedTuple):
    """A light projected on the line: metres along, metres to the left, one standard deviation per axis."""

    along: float
    lateral: float
    sigma: float


class End(NamedTuple):
    """Metres along the line with a standard deviation, and how many lights carry it (0: ordered only)."""

    at: float
    sigma: float
    lights: int


class Fused(NamedTuple):
    """An end as it is believed: ``deviates`` where order and lights contradict each other and are kept apart."""

    at: float
    sigma: float
    measured: bool
    deviates: bool


class _Crowd(NamedTuple):
    at: float
    density: float
    members: tuple[tuple[float, float], ...]  # weight, sigma


def on_the_line(marks: Sequence[Mark], half_width_m: float = HALF_ROAD_WIDTH_M) -> list[Mark]:
    """Those that may stand on this road, in order along it."""
    return sorted(mark for mark in marks if abs(mark.lateral) <= LATERAL_SIGMAS * mark.sigma + half_width_m)


def measure(marks: Sequence[Mark]) -> tuple[End, ...]:
    """The first and the last crowd along the line: two ends, one where all stand in one row, none without lights."""
    if not marks:
        return ()
    sigmas = sorted(mark.sigma for mark in marks)
    width = min(max(WIDTH_SIGMAS * sigmas[len(sigmas) // 2], WIDTH_MIN_M), WIDTH_MAX_M)
    crowds = [_crowd(marks, mark.along, width) for mark in sorted(marks)]
    least = CROWDED * max(crowd.density for crowd in crowds)
    dense = sorted(crowd for crowd in crowds if crowd.density >= least)
    first, last = dense[0], dense[-1]
    if last.at - first.at < APART_WIDTHS * width:
        return (_end(max(dense, key=lambda crowd: (crowd.density, -crowd.at))),)
    return _end(first), _end(last)


def fuse(measured: End | None, ordered_m: float) -> Fused:
    """One end from lights and order, by variance; apart where they contradict each other.

    Fewer than three lights cannot contradict an order: it stands then.
    """
    if measured is None:
        return Fused(ordered_m, ORDERED_SIGMA_M, measured=False, deviates=False)
    variance, ordered = measured.sigma**2, ORDERED_SIGMA_M**2
    apart = abs(measured.at - ordered_m)
    if apart > DEVIATION_M and apart > DEVIATION_SIGMAS * sqrt(variance + ordered):
        if measured.lights < DEVIATION_LIGHTS:
            return Fused(ordered_m, ORDERED_SIGMA_M, measured=False, deviates=False)
        return Fused(measured.at, measured.sigma, measured=True, deviates=True)
    at = (measured.at / variance + ordered_m / ordered) / (1 / variance + 1 / ordered)
    return Fused(at, sqrt(1 / (1 / variance + 1 / ordered)), measured=True, deviates=False)


def _crowd(marks: Sequence[Mark], start: float, width: float) -> _Crowd:
    """Climb to the densest place near ``start`` (mean shift with a normal kernel)."""
    at = start
    for _ in range(SHIFTS):
        total = moment = 0.0
        for mark in marks:
            weight = exp(-0.5 * ((mark.along - at) / width) ** 2) / (mark.sigma * mark.sigma)
            total += weight
            moment += weight * mark.along
        at = moment / total
    near = ((exp(-0.5 * ((mark.along - at) / width) ** 2), mark.sigma) for mark in marks)
    members = tuple((weight, sigma) for weight, sigma in near if weight > exp(-2))  # within two widths
    return _Crowd(at, sum(weight for weight, _ in members), members)


def _end(crowd: _Crowd) -> End:
    effective = sum(weight for weight, _ in crowd.members)
    variance = sum(weight * sigma * sigma for weight, sigma in crowd.members) / effective
    averaged = variance * (SHARED_ERROR + (1 - SHARED_ERROR) / max(effective, 1.0))
    return End(crowd.at, sqrt(averaged + ROW_FLOOR_M**2), len(crowd.members))
