"""``leitbake simulate`` and ``leitbake backtest``: what would the feed have said on these recordings."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from services.beacons.bootstrap import patience
from services.beacons.domain.sites import SitesDecider
from services.navfeed.bootstrap import imprint
from services.suite import recordings
from services.suite.backtest import replay
from services.suite.roads import read_or_generate
from services.suite.simulate import day, write
from services.suite.simulate.stretches import TooFewStreetsError
from shared.clock import MINUTE_US, SECOND_US, to_micros
from shared.settings import read_settings

console = Console(highlight=False, stderr=True)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Instant(click.ParamType[int]):
    """RFC 3339 with offset, to µs."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return to_micros(datetime.fromisoformat(str(value)))
        except ValueError as error:
            self.fail(f"{value} is no RFC 3339 instant with offset ({error})", param, ctx)


class Span(click.ParamType[int]):
    """``30s``, ``10m``, ``2h``, to µs."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        units = {"s": SECOND_US, "m": MINUTE_US, "h": 60 * MINUTE_US}
        if text[-1:] not in units or not text[:-1].isdigit() or int(text[:-1]) == 0:
            self.fail(f"{value} is no span like 30s, 10m or 2h", param, ctx)
        return int(text[:-1]) * units[text[-1]]


@click.command()
@click.option("--permits", required=True, type=FILE, help="GeoJSON, as exported.")
@click.option("--devices", required=True, type=FILE, help="CSV of the registry.")
@click.option("--pings", required=True, type=FILE, help="NDJSON with received_time.")
@click.option("--depots", type=FILE, help="GeoJSON: where lights rest.")
@click.option("--roads", type=FILE, help="An .osm.pbf: places are measured along its streets, not the drawn lines.")
@click.option("--from", "start", type=Instant(), help="First instant; else that of the first ping.")
@click.option("--to", "end", type=Instant(), help="Last instant; else that of the last ping.")
@click.option("--every", type=Span(), default="10m", show_default=True, help="How often a feed is written.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Made if missing.")
def backtest(
    *,
    permits: Path,
    devices: Path,
    pings: Path,
    depots: Path | None,
    roads: Path | None,
    start: int | None,
    end: int | None,
    every: int,
    out: Path,
) -> None:
    """Run the services' own code over recordings, on a clock that follows received_time.

    Writes DIR/feed/<instant>.geojson at every step, DIR/events.ndjson, DIR/alarms.ndjson and DIR/summary.json, in place
    of those of an earlier run. The same input gives the same bytes.
    """
    settings = read_settings(make_key=False)
    files = recordings.Files(permits=permits, devices=devices, pings=pings)
    try:
        recording = recordings.load(files, settings, start, end)
        network, resting = recordings.network(roads), recordings.depots(depots)
        with console.status("Backtest …") as status:
            replayed = replay(
                recording,
                namespace=settings.namespace,
                imprint=imprint(settings),
                area=recordings.gate_area(settings),
                sites=SitesDecider(resting, patience(settings), network),
                network=network,
                progress=lambda stage: status.update(f"Backtest: {stage} …"),
            )
            status.update("Backtest: writing …")
            summary = recordings.write(replayed, recording, every, out, resting)
    except (recordings.UnreadableRecordingError, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name, figure in summary.items():
        console.print(f"{name}: {figure}")


@click.command()
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same files.")
@click.option("--sites", type=click.IntRange(1), default=12, show_default=True, help="Number of sites.")
@click.option("--lights", type=click.IntRange(1), default=120, show_default=True, help="Number of lights.")
@click.option("--hours", type=click.IntRange(1), default=24, show_default=True, help="Length of the recording.")
@click.option("--roads", type=FILE, help="An .osm.pbf; else the generated city.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Made if missing.")
def simulate(*, seed: int, sites: int, lights: int, hours: int, roads: Path | None, out: Path) -> None:
    """Write a recording of a fleet that behaves as fleets do, and the truth behind it.

    DIR/permits.geojson, devices.csv, depots.geojson, pings.ndjson are what backtest reads; truth.json is what it must
    find.
    """
    with console.status("Simulating …"):
        city = read_or_generate(roads, seed)
        try:
            write(day(city, seed, sites=sites, lights=lights, hours=hours), out)
        except (TooFewStreetsError, OSError) as error:
            raise click.ClickException(str(error)) from error
    console.print(f"written to {out}")
