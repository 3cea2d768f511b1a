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


class _Crowds(NamedTuple):
    """Where each light comes to climbing, how dense it is there, and what each light (columns) weighs there (rows)."""

    at: list[float]
    densities: list[float]
    kernel: Array
    variances: Array


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
    least = CROWDED * max(crowds.densities)
    dense = sorted((at, row) for row, (at, density) in enumerate(zip(*crowds[:2], strict=True)) if density >= least)
    (first, first_row), (last, last_row) = dense[0], dense[-1]
    if last - first < APART_WIDTHS * width:
        return (_end(crowds, max(dense, key=lambda place: (crowds.densities[place[1]], -place[0]))[1]),)
    return _end(crowds, first_row), _end(crowds, last_row)


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


def _crowds(marks: Sequence[Mark], width: float) -> _Crowds:
    """From every light climb to the densest place near it (mean shift with a normal kernel), all at once."""
    ordered = sorted(marks)
    # In widths of the kernel; what a light weighs, and that times where it stands.
    along, variances = np.array([mark.along for mark in ordered]) / width, np.array([m.sigma for m in ordered]) ** 2
    masses = np.column_stack((1 / variances, along / variances))
    at = along
    for _ in range(SHIFTS):
        mass, moment = (_kernel(along, at) @ masses).T
        at = moment / mass
    kernel = _kernel(along, at)
    densities = np.where(kernel > NEAR, kernel, 0.0).sum(axis=1)
    return _Crowds((at * width).tolist(), densities.tolist(), kernel, variances)


def _kernel(along: Array, at: Array) -> Array:
    """Weight of each light (columns) at each place (rows), both in widths."""
    kernel: Array = along - at[:, np.newaxis]
    np.square(kernel, out=kernel)
    kernel *= -0.5
    return np.exp(kernel, out=kernel)


def _end(crowds: _Crowds, row: int) -> End:
    near = crowds.kernel[row] > NEAR
    weights, variances, density = crowds.kernel[row][near], crowds.variances[near], crowds.densities[row]
    variance = float(weights @ variances) / density
    averaged = variance * (SHARED_ERROR + (1 - SHARED_ERROR) / max(density, 1.0))
    return End(crowds.at[row], sqrt(averaged + ROW_FLOOR_M**2), len(weights))
