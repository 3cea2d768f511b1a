"""``leitbake events|projection|parked``: what ops look into and set right; ``/ops/`` does the same."""

import json
import sys
from collections.abc import Iterator

import click
from rich.progress import Progress

from services.suite.commands.installed import city, console
from services.suite.commands.status import parked_table, watching
from services.suite.ops.application import look, rebuilding
from services.suite.ops.application import parked as parking
from services.suite.ops.application.watched import VIEWS
from shared.clock import WallClock, rfc3339
from shared.contracts.topics import TOPICS
from shared.eventlog.port import EventLog, Mark, Record
from shared.eventlog.reading import to_end

TOPIC = click.Choice([topic.name for topic in TOPICS])


@click.group()
def events() -> None:
    """Events: read the log."""


@events.command("list")
@click.argument("topic", type=TOPIC)
@click.option("--key", help="Only this key.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON object per line, with the data.")
def list_events(topic: str, key: str | None, limit: int, *, as_json: bool) -> None:
    """Print records of TOPIC from the beginning; whether there are more is said on stderr."""
    with city() as (_, log, _url):
        for number, record in enumerate(_records(log, topic, key)):
            if number >= limit:
                click.echo(f"There are more than these {limit}: --limit {10 * limit} prints more of them.", err=True)
                break
            click.echo(_line(record, as_json=as_json))


def _records(log: EventLog, topic: str, key: str | None) -> Iterator[Record]:
    for chunk in to_end(log, {partition: Mark() for partition in log.partitions(topic)}, 1_000):
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


@projection.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_projections(*, as_json: bool) -> None:
    """Each view with its live generation."""
    with watching() as watched:
        groups = [it for service in watched.services.values() for it in look.built(service, [])]
    found = {it.view: it.number for it in groups if it.live}
    if as_json:
        click.echo(json.dumps(found))
    else:
        for name, number in found.items():
            console.print(f"{name}: generation {number}")


@projection.command("rebuild")
@click.argument("name", type=click.Choice(VIEWS))
def rebuild(name: str) -> None:
    """Build NAME anew beside the live one from the first record on, then switch to it."""
    with watching() as watched, Progress(console=console) as progress:
        task = progress.add_task(f"Rebuilding {name}", total=None)
        most = 0

        def show(left: int) -> None:
            nonlocal most
            most = max(most, left)
            progress.update(task, total=most or 1, completed=(most or 1) - left)

        number = rebuilding.rebuild(watched, name, show)
    console.print(f"{name} now shows generation {number}")


@click.group()
def parked() -> None:
    """Parked: records that could not be applied, with the later ones of their stream."""


@parked.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_parked(*, as_json: bool) -> None:
    """Every parked stream, how many records it has, and the first one's reason. Exit code 1 if there are any."""
    with watching() as watched:
        rows = [row for service in watched.services.values() for row in look.parked_streams(service)]
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False))
    else:
        console.print(parked_table(rows) if rows else "Nothing is parked.")
    if rows:
        sys.exit(1)


@parked.command()
@click.argument("group")
@click.argument("stream")
def retry(group: str, stream: str) -> None:
    """Have GROUP look at the parked records of STREAM again, by a record on the log."""
    _ask("retry", group, stream, "")


@parked.command()
@click.argument("group")
@click.argument("stream")
@click.option("--reason", required=True, help="Why; it stays on the log, so it names no person.")
@click.confirmation_option(prompt="The first parked record is given up for this group. Sure?")
def drop(group: str, stream: str, reason: str) -> None:
    """Give up the first parked record of STREAM in GROUP and go on with the later ones."""
    _ask("drop", group, stream, reason)


def _ask(wish: parking.Wish, group: str, stream: str, reason: str) -> None:
    with watching() as watched:
        try:
            where = parking.find(watched, group, stream)
            parking.ask(watched, where, wish, WallClock().now(), reason)
        except parking.NothingParkedError as error:
            raise click.ClickException(str(error)) from error
        except parking.NotOnTheLogError as error:
            raise click.ClickException(f"{group} reads its service's own store; rebuild the view instead") from error
    console.print(f"asked {group} about {stream}")
