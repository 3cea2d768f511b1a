"""Simulated sites after RSA 21: transverse rows at both ends, few lights along the side."""

import csv
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.beacons.domain.ends import Mark, measure, on_the_line
from services.beacons.domain.estimate import centre

Error = Callable[[], tuple[float, float]]


def real_errors() -> list[tuple[float, float]]:
    """Metres east and north of 1,372 fixes in a street canyon, in their order."""
    root = Path(os.environ.get("LEITBAKE_TESTDATA", Path(__file__).parents[6] / "shared" / "data"))
    file = root / "gnss" / "spp_errors.csv"
    if not file.exists():
        pytest.skip(f"no test data at {file}: set LEITBAKE_TESTDATA")
    with file.open() as lines:
        return [(float(row["err_east_m"]), float(row["err_north_m"])) for row in csv.DictReader(lines)]


def places(rng: random.Random) -> tuple[float, list[tuple[float, float]]]:
    """Length of a site and where its lights stand, metres along and to the left."""
    length = rng.uniform(30, 180)
    width = rng.uniform(2.5, 5.0)
    rows = [[(end, width * place / 4) for place in range(rng.randint(4, 6))] for end in (0.0, length)]
    step = rng.uniform(18, 36)
    side = [(step * (place + 1), width) for place in range(int(length / step)) if step * (place + 1) < length - 5]
    return length, [*rows[0], *side, *rows[1]]


def normal(rng: random.Random, sigma: float) -> Error:
    return lambda: (rng.gauss(0, sigma), rng.gauss(0, sigma))


def canyon(rng: random.Random, errors: list[tuple[float, float]], stride: int = 20, fixes: int = 24) -> Error:
    """The error of a light's centre over so many correlated fixes."""

    def one() -> tuple[float, float]:
        start = rng.randrange(len(errors))
        some = [errors[(start + stride * step) % len(errors)] for step in range(fixes)]
        found = centre([complex(x, y) for x, y in some], [10.0] * fixes)
        return found.x, found.y

    return one


def end_errors(rng: random.Random, error: Error, sigma: float, sites: int) -> tuple[list[float], list[float]]:
    """How far measured and raw ends are off, in metres, sorted."""
    found, raw = [], []
    for _ in range(sites):
        length, lights = places(rng)
        marks = []
        for along, left in lights:
            east, north = error()
            marks.append(Mark(along + east, left + north, sigma))
        ends = measure(on_the_line(marks))
        if len(ends) == 2:
            found += [abs(ends[0].at), abs(ends[1].at - length)]
        raw += [abs(min(mark.along for mark in marks)), abs(max(mark.along for mark in marks) - length)]
    return sorted(found), sorted(raw)


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def main() -> None:
    """Print the errors of ends: ``python -m tests.unit.services.beacons.domain.layouts``."""
    rng = random.Random(5)
    kinds = {"4 m noise": (normal(rng, 4.0), 4.0), "street canyon": (canyon(rng, real_errors()), 8.0)}
    for name, (error, sigma) in kinds.items():
        for what, off in zip(("rows", "raw extremes"), end_errors(rng, error, sigma, 300), strict=True):
            sys.stdout.write(f"{name}, {what}: p50 {percentile(off, 0.5):.1f} m, p95 {percentile(off, 0.95):.1f} m\n")


if __name__ == "__main__":
    main()
