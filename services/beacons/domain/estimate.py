"""The robust centre of a stay's fixes, and an honest standard deviation of it.

Huber's M-estimator in the plane by iterated weights, a fixed number of steps, so that the result depends on the fixes
alone. Errors of GNSS in streets persist: scatter / sqrt(n) would claim a metre where the truth is ten metres away. So
a share of the scatter never averages out, and the share grows with the correlation of neighbouring fixes.
"""

from collections.abc import Sequence
from math import sqrt
from operator import mul
from typing import NamedTuple

FLOOR_M = 1.0
AXIS_OF_RADIUS = 0.66  # a 68 % radius of a round normal error is 1.51 standard deviations per axis
ROUNDING_M2 = 1e-6  # residuals below are arithmetic, not errors
MEDIAN_OF_RADIUS = 1.1774  # the median distance of the same error
HUBER = 1.5
STEPS = 4
ENOUGH_M = 0.02  # a smaller step teaches nothing: positions are told in centimetres
PRIOR_FIXES = 4  # what is known before any fix counts like this many
SHARE_KEPT = 0.3  # of the scatter does not average out even where neighbours look independent
SHARE_OF_CORRELATION = 1.5
PRIOR_CORRELATION = 0.5  # of neighbouring fixes, until they are many enough to tell


class Centre(NamedTuple):
    """Metres in the plane of the input; ``sigma`` of the centre and ``scatter`` of a fix, per axis."""

    x: float
    y: float
    sigma: float
    scatter: float


def centre(fixes: Sequence[complex], errors: Sequence[float]) -> Centre:
    """Centre of the fixes (east + north·i, m), in order of event time, with 68 % radii ``errors`` (m, above 0)."""
    count = len(fixes)
    weights = [1.0 / (error * error) for error in errors]
    middle = complex(_middle(sorted([fix.real for fix in fixes])), _middle(sorted([fix.imag for fix in fixes])))
    distances = [abs(fix - middle) for fix in fixes]
    scatter = _pooled(sorted(distances), AXIS_OF_RADIUS * _middle(sorted(errors)))
    limit = HUBER * scatter
    for _ in range(STEPS):
        shares = [
            weight if distance <= limit else weight * limit / distance
            for weight, distance in zip(weights, distances, strict=True)
        ]
        before, middle = middle, sum(map(mul, shares, fixes)) / sum(shares)
        if abs(middle - before) < ENOUGH_M:
            break
        distances = [abs(fix - middle) for fix in fixes]
    kept = SHARE_KEPT + SHARE_OF_CORRELATION * _correlation([fix - middle for fix in fixes], 3 * scatter)
    sigma = sqrt(FLOOR_M * FLOOR_M + scatter * scatter * (1.0 / count + kept * kept * (1.0 - 1.0 / count)))
    return Centre(middle.real, middle.imag, sigma, scatter)


def _middle(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _pooled(distances: Sequence[float], prior: float) -> float:
    """Scatter per axis: the median distance, drawn to what the receiver claims while fixes are few."""
    seen = _middle(distances) / MEDIAN_OF_RADIUS
    count = len(distances)
    return sqrt((count * seen * seen + PRIOR_FIXES * prior * prior) / (count + PRIOR_FIXES))


def _correlation(residuals: Sequence[complex], limit: float) -> float:
    """Correlation of neighbouring fixes, 0 to 1; beyond ``limit`` nothing more counts, few fixes count as usual."""
    if max(map(abs, residuals)) > limit:
        residuals = [_within(residual, limit) for residual in residuals]
    mirrored = [residual.conjugate() for residual in residuals]
    squares = sum(map(mul, residuals, mirrored)).real
    products = sum(map(mul, residuals[1:], mirrored)).real
    seen = max(0.0, products / squares) if squares > ROUNDING_M2 else 0.0
    return (len(residuals) * seen + PRIOR_FIXES * PRIOR_CORRELATION) / (len(residuals) + PRIOR_FIXES)


def _within(residual: complex, limit: float) -> complex:
    return complex(min(max(residual.real, -limit), limit), min(max(residual.imag, -limit), limit))
