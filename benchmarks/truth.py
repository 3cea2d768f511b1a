"""How near the lights come to the truth: simulate a day, replay it in memory, compare.

``python -m benchmarks.truth [--seed N] [--sites N] [--lights N] [--hours H] [--interval S] [--drift M] [--drawn M]``,
``--drawn``: by how much the orders' corners are off the street. Sites are measured once along the orders' own lines
and once along the streets; all but the ends is told of the latter.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.truth_compare import Outcome, Report, run
from benchmarks.truth_drawn import by_hand
from services.suite.city import generate
from services.suite.simulate import Signal, day
from shared.contracts import sites as s
from shared.geo.network import RoadNetwork


def share(ordered: Sequence[float], percent: float) -> float:
    return ordered[min(int(percent / 100 * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def tables(report: Report, without: Report) -> Iterator[Table]:
    """``without``: the same day without a network."""
    sites = Table("site", "behaviour", "street", "ends off m", "order off m", "set up after min", "cleared after min")
    for o in report.outcomes:
        figures = (" / ".join(f"{error:.1f}" for error in errors) for errors in (o.end_errors(), o.order_errors()))
        delays = ("-" if delay is None else f"{delay:.0f}" for delay in (o.set_up_delay(), o.cleared_delay()))
        sites.add_row(o.site.key, o.site.behaviour, o.site.street, *figures, *delays)
    yield sites
    rates = Table("figure", "median", "p95", "count")
    for name, values in (
        ("end error along the street, m", report.errors()),
        ("end error without network, m", without.errors()),
        ("order's end error, m", report.errors(Outcome.order_errors)),
        ("line off the true one, m", report.errors(Outcome.line_errors)),
        ("line without network, m", without.errors(Outcome.line_errors)),
        ("set-up known after, min", report.delays(Outcome.set_up_delay)),
        ("clearing known after, min", report.delays(Outcome.cleared_delay)),
    ):
        middle = f"{median(values):.1f}" if values else "-"
        rates.add_row(name, middle, f"{share(values, 95):.1f}", str(len(values)))
    yield rates
    yield _counts(report)


def _counts(report: Report) -> Table:
    counts = Table("question", "answer")
    unmeasured = [outcome.site.key for outcome in report.outcomes if outcome.extent is None]
    found = sum(bool(ghost.all(s.NotSetUp)) for ghost in report.ghosts)
    answers: dict[str, object] = {
        "sites": len(report.outcomes),
        "set-up missed": report.missed(),
        "set-up invented": report.invented(),
        "never measured": unmeasured,
        "clearing missed": report.not_cleared(),
        "cleared falsely": report.cleared_falsely(),
        "ghosts found": f"{found} of {len(report.ghosts)}",
        "unpermitted found": f"{report.suspects.found} of {report.suspects.true}",
        "suspected falsely, in depots": report.suspects.in_depots,
        "suspected falsely, elsewhere": report.suspects.elsewhere,
        "lights bound wrongly": f"{report.foreign} of {report.bound}",
        "lights left out": f"{report.left_out} of {report.bound}",
        "false moves of lights": report.false_moves,
        "other false alarms": report.false_alarms,
        **{f"{kind} told": "{} of {}".format(*pair) for kind, pair in report.incidents.items()},
    }
    for question, answer in answers.items():
        counts.add_row(question, ", ".join(answer) or "none" if isinstance(answer, list) else str(answer))
    return counts


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seed", 1), ("sites", 24), ("lights", 300)):
        asked.add_argument(f"--{name}", type=int, default=default)
    for name, given in (("hours", 24.0), ("interval", 300.0), ("drift", Signal().drift_m), ("drawn", 0.0)):
        asked.add_argument(f"--{name}", type=float, default=given)
    args = asked.parse_args()
    console = Console()
    signal = Signal(interval_s=args.interval, drift_m=args.drift)
    city = generate(args.seed)
    scenario = day(city, args.seed, sites=args.sites, lights=args.lights, hours=args.hours, signal=signal)
    scenario = by_hand(scenario, args.drawn) if args.drawn else scenario
    began = time.perf_counter()

    def progress(stage: str) -> None:
        console.print(f"{time.perf_counter() - began:6.1f} s  {stage}")

    without, report = run(scenario, progress), run(scenario, progress, RoadNetwork(city))
    progress("done")
    for table in tables(report, without):
        console.print(table)


if __name__ == "__main__":
    main()
