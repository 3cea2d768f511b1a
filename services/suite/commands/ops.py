"""``leitbake events|projection|parked|feed|keys``: what ops teams look into and set right."""

import json
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast, get_args

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.beacons.bootstrap import SCHEMA as BEACONS
from services.navfeed.adapters.rendering import PRODUCTS
from services.suite import demo
from services.suite.city_services import Services, build_all
from services.suite.database import database_url
from services.suite.logs import open_log
from services.suite.verify import verify
from shared.clock import WallClock, rfc3339
from shared.contracts.topics import TOPICS
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Mark, Message, Record
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.projection import generations, live
from shared.projection.books import DROP, RETRY
from shared.projection.books_postgres import PostgresBooks
from shared.projection.protocols import View
from shared.projection.streams import OpsRequest
from shared.settings import read_settings
from shared.web.accounts import Accounts, LoginTakenError, WeakPasswordError
from shared.web.doors import Role
from shared.web.keys import ApiKeys

console = Console(highlight=False)
KEEP_OLD = timedelta(seconds=10)
TOPIC = click.Choice([topic.name for topic in TOPICS])


@contextmanager
def city() -> Iterator[tuple[Services, EventLog, str]]:
    """The services of this installation, their log, and the database's address."""
    demo.use_kept_settings(read_settings().data_dir)
    settings = read_settings()
    with database_url(settings) as url:
        yield build_all(settings, url), open_log(url, WallClock()), url


@click.group()
def events() -> None:
    """Events: read the log."""


@events.command("list")
@click.argument("topic", type=TOPIC)
@click.option("--key", help="Only this key.")
@click.option("--limit", default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON object per line, with the data.")
def list_events(topic: str, key: str | None, limit: int, *, as_json: bool) -> None:
    """Print records of TOPIC from the beginning."""
    with city() as (_, log, _url):
        for number, record in enumerate(_records(log, topic, key)):
            if number >= limit:
                break
            click.echo(_line(record, as_json=as_json))


def _records(log: EventLog, topic: str, key: str | None) -> Iterator[Record]:
    marks = {partition: Mark() for partition in log.partitions(topic)}
    while chunks := [chunk for chunk in log.read(marks, 1_000) if chunk.records]:
        for chunk in chunks:
            marks[chunk.partition] = chunk.mark
            yield from (record for record in chunk.records if key is None or record.event.key == key)


def _line(record: Record, *, as_json: bool) -> str:
    event = record.event
    if not as_json:
        return f"{rfc3339(record.time)}  {event.type}  {event.stream}  v{event.version}"
    members = {
        "partition": record.partition.number,
        "offset": record.offset,
        "log_time": rfc3339(record.time),
        "id": event.id,
        "type": event.type,
        "stream": event.stream,
        "version": event.version,
        "time": rfc3339(event.time),
        "data": json.loads(event.data),
    }
    return json.dumps(members, ensure_ascii=False)


@click.group()
def projection() -> None:
    """Projections: views, their generations, their rebuild."""


def _views(services: Services, log: EventLog) -> dict[str, tuple[View, object, Database]]:
    return {
        "cases": (services.permits.cases, services.permits.own_log, services.permits.database),
        "fleet": (services.beacons.fleet, log, services.beacons.database),
    }


@projection.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_projections(*, as_json: bool) -> None:
    """Each view with its live generation."""
    with city() as (services, log, _):
        found = {
            name: generations.live(database, name).number
            for name, (_view, _log, database) in _views(services, log).items()
        }
    if as_json:
        click.echo(json.dumps(found))
    else:
        for name, number in found.items():
            console.print(f"{name}: generation {number}")


@projection.command("rebuild")
@click.argument("name", type=click.Choice(["cases", "fleet"]))
def rebuild(name: str) -> None:
    """Build NAME anew beside the live one from the first record on, then switch to it."""
    with city() as (services, log, _), Progress(console=console) as progress:
        view, source, database = _views(services, log)[name]
        task = progress.add_task(f"Rebuilding {name}", total=None)
        most = 0

        def show(left: int) -> None:
            nonlocal most
            most = max(most, left)
            progress.update(task, total=most or 1, completed=(most or 1) - left)

        generation = live.rebuild(view, source, database, show)  # type: ignore[arg-type]  # a log or a store
        time.sleep(KEEP_OLD.total_seconds())  # readers that looked at the pointer before the switch
        generations.drop_older(database, generation)
    console.print(f"{name} now shows generation {generation.number}")


@click.group()
def parked() -> None:
    """Parked: records that could not be applied, with the later ones of their stream."""


def _groups(services: Services) -> dict[str, Database]:
    databases = {BEACONS: services.beacons.database, "navfeed": services.navfeed.database}
    found = {"sites": databases[BEACONS], "publisher": databases["navfeed"]}
    for view, database in (("cases", services.permits.database), ("fleet", services.beacons.database)):
        try:
            found[generations.live(database, view).group] = database
        except generations.NoGenerationError:
            continue
    return found


@parked.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_parked(*, as_json: bool) -> None:
    """Every parked stream, how many records it has, and the first one's reason. Exit code 1 if there are any."""
    rows = []
    with city() as (services, _, _url):
        for group, database in _groups(services).items():
            books = PostgresBooks(database)
            for stream, refused in books.parked(group).items():
                first = refused[0]
                rows.append(
                    {
                        "group": group,
                        "stream": stream,
                        "records": len(refused),
                        "topic": first.record.partition.topic,
                        "type": first.record.event.type,
                        "reason": first.reason,
                    }
                )
            books.release()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        table = Table("group", "stream", "records", "type", "reason", box=None)
        for row in rows:
            table.add_row(*(str(row[name]) for name in ("group", "stream", "records", "type", "reason")))
        console.print(table if rows else "Nothing is parked.")
    if rows:
        sys.exit(1)


@parked.command()
@click.argument("group")
@click.argument("stream")
def retry(group: str, stream: str) -> None:
    """Have GROUP look at the parked records of STREAM again, by a record on the log."""
    _ask(RETRY, group, stream)


@parked.command()
@click.argument("group")
@click.argument("stream")
@click.confirmation_option(prompt="The first parked record is given up for this group. Sure?")
def drop(group: str, stream: str) -> None:
    """Give up the first parked record of STREAM in GROUP and go on with the later ones."""
    _ask(DROP, group, stream)


def _ask(kind: str, group: str, stream: str) -> None:
    with city() as (services, log, _):
        database = _groups(services).get(group)
        refused = PostgresBooks(database).parked(group).get(stream) if database else None
        if not refused:
            raise click.ClickException(f"nothing of {stream} is parked in {group}")
        now = WallClock().now()
        event = Event(
            id=str(uuid.uuid4()),
            type=kind,
            stream=stream,
            version=0,
            time=now,
            recorded=now,
            data=encode(OpsRequest(group, stream)),
        )
        where = refused[0].record.partition
        log.send([Message(where.topic, event, where.number)])
    console.print(f"asked {group} about {stream}")


@click.group()
def feed() -> None:
    """Feed: what is and was published."""


@feed.command("at")
@click.argument("product", type=click.Choice(sorted(PRODUCTS)))
@click.argument("instant", required=False)
def feed_at(product: str, instant: str | None) -> None:
    """Print PRODUCT as it is served, or was at INSTANT (RFC 3339 with offset), byte for byte."""
    at = datetime.fromisoformat(instant) if instant else None
    if at is not None and at.utcoffset() is None:
        raise click.BadParameter("an instant needs an offset, like 2026-03-02T06:10:00Z")
    with city() as (services, _, _url):
        document = services.navfeed.ledger.document(product, at)
    if document is None:
        raise click.ClickException("nothing had been published then")
    sys.stdout.buffer.write(document.data)


@feed.command("verify")
def verify_feed() -> None:
    """Decide sites and feed again from the first event, in memory, and compare with what stands and is served.

    Exit code 1 where they differ. Compares one instant each: run it while no worker writes, or on a copy.
    """
    with city() as (services, log, _url), console.status("Deciding again …"):
        verdict = verify(services, log)
    for difference in verdict.differences:
        console.print(difference)
    console.print(f"{verdict.rows} rows and {verdict.features} features compared, {len(verdict.differences)} differ")
    if verdict.differences:
        sys.exit(1)


@click.group()
def accounts() -> None:
    """Accounts: who may log in to the pages."""


@accounts.command("create")
@click.argument("login")
@click.argument("role", type=click.Choice(get_args(Role)))
@click.option("--name", required=True, help="Shown in the page head.")
@click.password_option(help="At least 12 characters; asked for when not given.")
def create_account(login: str, role: str, name: str, password: str) -> None:
    """Let LOGIN in with ROLE."""
    with city() as (_, _log, url):
        known = Accounts(Database(url, "web"), WallClock(), session_hours=1)
        try:
            known.create(login, password, cast("Role", role), name)
        except LoginTakenError as error:
            raise click.ClickException(f"there is an account {login} already") from error
        except WeakPasswordError as error:
            raise click.ClickException("the password is too short") from error
    console.print(f"{login} may log in as {role}")


@click.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@click.argument("role", type=click.Choice(get_args(Role)))
@click.option("--scope", "scopes", multiple=True, help="E.g. devices:LT-* for a key of lights.")
@click.option("--note", default="", help="What it is for.", required=True)
def create_key(role: str, scopes: tuple[str, ...], note: str) -> None:
    """Make a key with ROLE and print it, this once."""
    with city() as (_, _log, url):
        click.echo(ApiKeys(Database(url, "web"), WallClock()).create(cast("Role", role), note, scopes).token)


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret."""
    with city() as (_, _log, url):
        for key in ApiKeys(Database(url, "web"), WallClock()).all():
            state = "revoked" if key.revoked_at else "in force"
            console.print(f"{key.id}  {key.role:<10}  {state:<8}  {' '.join(key.scopes)}  {key.label}")


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """End a key at once (within 30 s in running processes)."""
    with city() as (_, _log, url):
        if not ApiKeys(Database(url, "web"), WallClock()).revoke(key_id):
            raise click.ClickException(f"no key {key_id} that is in force")
