"""``leitbake permits|devices|depots|roads import FILE``: files in, a report per line or feature out."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from services.beacons.adapters.depots import DEPOTS, UnreadableDepotsError, read_depots
from services.suite.client import Doors, RefusedError, UnreachableError
from services.suite.roads import import_roads, read_or_generate
from shared.settings import read_settings

console = Console(highlight=False)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOME_REFUSED = 3

as_json = click.option("--json", "as_json", is_flag=True, help="The whole report as JSON, for scripts.")
key_option = click.option("--key", envvar="LEITBAKE_KEY", required=True, help="API key; or in LEITBAKE_KEY.")


@click.group()
def permits() -> None:
    """Permits: bring them in from files."""


@permits.command("import")
@click.argument("file", type=FILE)
@click.option("--format", "form", default="geojson", show_default=True, help="geojson, or a mapping: berlin_viz …")
@key_option
@as_json
def import_permits(file: Path, form: str, key: str, *, as_json: bool) -> None:
    """Import permits of FILE through the door of the running service; again changes nothing.

    Exit code 3: some features were refused, the report says why.
    """
    report = _post(key, f"/permits/api/v1/imports?format={form}", file.read_bytes(), "application/geo+json")
    _tell(report, as_json=as_json)


@click.group()
def devices() -> None:
    """Devices: the registry of lights."""


@devices.command("import")
@click.argument("file", type=FILE)
@key_option
@as_json
def import_devices(file: Path, key: str, *, as_json: bool) -> None:
    """Enter or replace the devices of a CSV FILE through the door of the running service."""
    _tell(_post(key, "/beacons/api/v1/devices", file.read_bytes(), "text/csv"), as_json=as_json)


@click.group()
def depots() -> None:
    """Depots: where lights rest and belong to no site."""


@depots.command("import")
@click.argument("file", type=FILE)
def import_depots(file: Path) -> None:
    """Keep the depots of a GeoJSON FILE; workers read them when they start."""
    try:
        found = read_depots(file.read_bytes())
    except UnreadableDepotsError as error:
        raise click.ClickException(str(error)) from error
    folder = read_settings(make_key=False).data_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEPOTS).write_bytes(file.read_bytes())
    console.print(f"{len(found)} depots; restart the workers to use them")


@click.group()
def roads() -> None:
    """Roads: the street network and the base map."""


@roads.command("import")
@click.argument("file", type=FILE, required=False)
@click.option("--seed", default=7, show_default=True, help="Without FILE: the generated city of this seed.")
def import_roads_command(file: Path | None, seed: int) -> None:
    """Read the streets of FILE (.osm.pbf) and make the base map."""
    with console.status("Reading streets and drawing the base map …"):
        made = import_roads(read_or_generate(file, seed), read_settings(make_key=False).data_dir)
    console.print(f"{made.ways} ways, {made.areas} areas, base map of {made.tiles_bytes / 1e6:.1f} MB")
    console.print("Restart doors and workers to use them.")


def _post(key: str, path: str, body: bytes, media_type: str) -> Any:
    try:
        with console.status("Importing …"):
            return Doors(read_settings(make_key=False).origin, key).post(path, body, media_type)
    except (UnreachableError, RefusedError) as error:
        raise click.ClickException(str(error)) from error


def _tell(report: Any, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for line in _lines(report):
            console.print(_said(line), soft_wrap=True, markup=False)
        counts = {name: count for name, count in report.items() if isinstance(count, int)}
        console.print(", ".join(f"{name} {count}" for name, count in counts.items()))
    if report["refused"]:
        sys.exit(SOME_REFUSED)


def _lines(report: Any) -> list[dict[str, Any]]:
    """A report of devices tells lines of the file, one of permits its features."""
    found: list[dict[str, Any]] = report["features"] if "features" in report else report["report"]
    return found


def _said(line: dict[str, Any]) -> str:
    """What became of it first, then which it is, then why."""
    outcome = line.get("effect", line["outcome"])
    aside = {"outcome", "effect", "sentences"}
    which = [str(value) for name, value in line.items() if name not in aside and value != ""]
    return f"{outcome}: {' '.join([*which, *line.get('sentences', ())])}"
