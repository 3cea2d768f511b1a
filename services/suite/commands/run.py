"""Commands that start things: up, serve, work, migrate, doctor."""

import os
import sys
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from services.suite import database, local
from services.suite.commands.topics import missing_topics
from services.suite.demo import keep_settings, use_kept_settings
from services.suite.server import GUNICORN
from services.suite.work import run_worker
from shared.clock import WallClock
from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.opening import kafka_log
from shared.eventlog.port import LogUnavailableError
from shared.settings import Settings, read_settings
from shared.web.logs import configure_logging

console = Console(highlight=False)
ALONE = {
    "permits": "services.permits.wsgi:create()",
    "beacons": "services.beacons.wsgi:create()",
    "navfeed": "services.navfeed.wsgi:create()",
    "ops": "services.suite.ops.wsgi:create()",
}


@click.command()
@click.option("--port", default=8080, show_default=True, help="Where the city is to be seen.")
@click.option("--demo/--no-demo", default=True, show_default=True, help="With a demo city, its works and its lights.")
@click.option("--seed", default=7, show_default=True, help="Draws another demo city.")
@click.option("--roads", type=click.Path(exists=True, path_type=Path), help="A real city instead: an .osm.pbf file.")
@click.option("--kafka", is_flag=True, help="On Apache Kafka, fetched by Maven, instead of the log in PostgreSQL.")
def up(port: int, *, demo: bool, seed: int, roads: Path | None, kafka: bool) -> None:
    """Start the whole suite on this machine: database, doors, workers, and a living city.

    Ends with Ctrl-C; a second start goes on with the data in LEITBAKE_DATA_DIR.
    """
    os.environ["LEITBAKE_PORT"] = str(port)
    if demo:
        keep_settings(read_settings().data_dir, invented=roads is None)
    elif roads is None:
        use_kept_settings(read_settings().data_dir)
    try:
        local.up(read_settings(), console, with_demo=demo, seed=seed, roads=roads, kafka=kafka)
    except local.EndedError as error:
        console.print(f"[bold]Ended:[/bold] {error}")
        sys.exit(1)
    except local.NotStartedError as error:
        console.print(f"[bold]Not started:[/bold] {error}")
        sys.exit(1)


@click.command()
@click.argument("part", required=False, type=click.Choice(sorted(ALONE)))
def serve(part: str | None) -> None:
    """Run all doors in this process (gunicorn), or those of PART, on LEITBAKE_HOST and LEITBAKE_PORT."""
    settings = read_settings()
    entry = [ALONE[part], *GUNICORN[1:]] if part else GUNICORN
    bind = f"{settings.host}:{settings.port}"
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *entry, "--bind", bind])  # noqa: S606  # ourselves


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(["permits", "beacons", "navfeed"]))
def work(services: tuple[str, ...]) -> None:
    """Run relays, stages and views of SERVICES (all three if none is named) until SIGTERM."""
    database.require_city()
    settings = read_settings()
    configure_logging(settings.log_level)
    run_worker(settings, services or ("permits", "beacons", "navfeed"))


@click.command()
def migrate() -> None:
    """Bring the database up to date; safe while the running release works."""
    with database.database_url(read_settings()) as url:
        for name in database.migrate_all(url):
            console.print(name)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def doctor(*, as_json: bool) -> None:
    """List the settings, and check what the suite needs."""
    settings = read_settings(make_key=False)
    checks = _checks(settings)
    if as_json:
        console.print_json(data={"settings": [line._asdict() for line in settings.lines()], "checks": checks})
    else:
        table = Table(box=None)
        table.add_column("variable", no_wrap=True)
        for name in ("value", "unit", "meaning"):
            table.add_column(name, overflow="fold")
        for line in settings.lines():
            table.add_row(line.variable, line.value, line.unit, line.meaning)
        console.print(table)
        for name, said in checks.items():
            console.print(f"{name}: {said}")
    if any(said != "ok" for said in checks.values()):
        sys.exit(1)


def _checks(settings: Settings) -> dict[str, str]:
    checks = _database_checks(settings)
    return checks | {"log": _log_check(settings)} if settings.kafka else checks


def _database_checks(settings: Settings) -> dict[str, str]:
    try:
        database.require_city()
        with database.database_url(settings) as url:
            missing = database.pending_all(url)
    except (database.NoCityError, DatabaseUnavailableError) as error:
        return {"database": str(error)}
    return {"database": "ok", "schema": f"{len(missing)} migrations to run" if missing else "ok"}


def _log_check(settings: Settings) -> str:
    with closing(kafka_log(WallClock(), settings)) as log:
        try:
            missing = missing_topics(log)
        except LogUnavailableError as error:
            return str(error)
    return f"{len(missing)} topics to make; run: leitbake topics ensure" if missing else "ok"
