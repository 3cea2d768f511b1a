"""Where a site begins and ends along a line, from the lights that stand there.

On layouts after RSA 21 lamps crowd in the two transverse rows, so the outermost crowds are the ends: 1.0 m median and
3-5 m p95, where the raw extremes err by 17-23 m at p95 (domain.md § 2). Offsets are metres along a reference line.
"""

from collections.abc import Sequence
from math import exp, sqrt
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

HALF_ROAD_WIDTH_M = 6.0
LATERAL_SIGMAS = 3.0
WIDTH_SIGMAS = 1.2  # a row is looked for with a kernel this many sigmas wide,
WIDTH_MIN_M, WIDTH_MAX_M = 2.5, 12.0  # within these limits
SHIFTS = 12  # steps of the mean shift; it moves centimetres by then
CROWDED = 0.45  # of the densest crowd: below it is a light astray or one along the side
APART_WIDTHS = 2.0
NEAR = exp(-2)  # weight of a light two widths away
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


def reach_across(sigma: float) -> float:
    """Metres from a road's middle line within which a light may stand on that road."""
    return LATERAL_SIGMAS * sigma + HALF_ROAD_WIDTH_M


def on_the_line(marks: Sequence[Mark]) -> list[Mark]:
    """Those that may stand on this road, in order along it."""
    return sorted(mark for mark in marks if abs(mark.lateral) <= reach_across(mark.sigma))


def measure(marks: Sequence[Mark]) -> tuple[End, ...]:
    """The first and the last crowd along the line: two ends, one where all stand in one row, none without lights."""
    if not marks:
        return ()
    sigmas = sorted(mark.sigma for mark in marks)
    width = min(max(WIDTH_SIGMAS * sigmas[len(sigmas) // 2], WIDTH_MIN_M), WIDTH_MAX_M)
    crowds = _crowds(marks, width)
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


def _crowds(marks: Sequence[Mark], width: float) -> list[_Crowd]:
    """From every light climb to the densest place near it (mean shift with a normal kernel), all at once."""
    ordered = sorted(marks)
    along, sigmas = np.array([mark.along for mark in ordered]), [mark.sigma for mark in ordered]
    precision = 1 / np.square(sigmas)
    at = along.copy()
    for _ in range(SHIFTS):
        weights = _kernel(along, at, width) * precision
        at = weights @ along / weights.sum(axis=1)
    crowds = []
    for place, weights in zip(at.tolist(), _kernel(along, at, width).tolist(), strict=True):
        members = tuple((w, sigma) for w, sigma in zip(weights, sigmas, strict=True) if w > NEAR)
        crowds.append(_Crowd(place, sum(weight for weight, _ in members), members))
    return crowds


def _kernel(along: Array, at: Array, width: float) -> Array:
    """Weight of each light (columns) at each place (rows)."""
    kernel: Array = np.exp(-0.5 * np.square((along - at[:, np.newaxis]) / width))
    return kernel


def _end(crowd: _Crowd) -> End:
    effective = sum(weight for weight, _ in crowd.members)
    variance = sum(weight * sigma * sigma for weight, sigma in crowd.members) / effective
    averaged = variance * (SHARED_ERROR + (1 - SHARED_ERROR) / max(effective, 1.0))
    return End(crowd.at, sqrt(averaged + ROW_FLOOR_M**2), len(crowd.members))
