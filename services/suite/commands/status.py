"""``leitbake status``: the facts of ``/ops/`` at the terminal, the worst first."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
import msgspec
from rich.table import Table

from services.suite.commands.installed import city, console
from services.suite.ops.application import look
from services.suite.ops.application.facts import Built, Facts, ParkedStream
from services.suite.ops.application.verdict import Finding, findings
from services.suite.ops.application.watched import Watch, watch
from shared.clock import SECOND_US, Micros, WallClock, rfc3339


@contextmanager
def watching() -> Iterator[Watch]:
    with city() as (services, log, _):
        yield watch(services, log)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="All facts, for scripts; times in µs since 1970.")
def status(*, as_json: bool) -> None:
    """What is wrong, the worst first, then how far everybody is. Exit code 1 while something is red."""
    with watching() as watched:
        facts = look.look(watched, WallClock().now())
    found = findings(facts)
    if as_json:
        members = facts._asdict() | {"findings": [finding._asdict() for finding in found]}
        click.echo(msgspec.json.encode(members).decode())
    else:
        for finding in found:
            console.print(f"[bold]{finding.level}[/bold]  {_said(finding, facts.now)}")
        for table in _tables(facts):
            console.print(table)
    if any(finding.level == "red" for finding in found):
        sys.exit(1)


def _said(finding: Finding, now: Micros) -> str:
    about = " ".join(it for it in (finding.kind.replace("_", " "), finding.service, finding.subject) if it)
    return f"{about}: {finding.amount} waiting{_how_long(finding.since, now)}"


def _how_long(since: Micros | None, now: Micros) -> str:
    if since is None:
        return ""
    return f", for {_seconds(since, now)} s" if since <= now else f", until {rfc3339(since)}"


def _tables(facts: Facts) -> Iterator[Table | str]:
    """A table of each kind of fact that there is."""
    now = facts.now
    working = [
        *((it.service, it.group, it.members, it.behind, _seconds(it.oldest, now)) for it in facts.consumers),
        *(
            (it.service, "outbox", int(it.relaying), it.waiting, _seconds(it.oldest, facts.now))
            for it in facts.outboxes
        ),
    ]
    yield _table(("service", "consumer", "members", "waiting", "oldest (s)"), working)
    if not facts.consumers and not facts.log_away:
        yield "Nobody has begun to work."
    if facts.parked:
        yield parked_table(facts.parked)
    refused = [
        *((it.service, it.group, it.reason, it.amount, _seconds(it.newest, now)) for it in facts.refusals),
        *((it.service, "door", it.reason, it.amount, _seconds(it.newest, now)) for it in facts.turned_away),
    ]
    if refused:
        yield _table(("service", "refused by", "reason", "in 24 h", "newest (s)"), refused)
    if facts.views:
        views = [(it.service, it.view, it.number, _state(it), f"{it.done} of {it.total}") for it in facts.views]
        yield _table(("service", "view", "generation", "state", "records"), views)
    if facts.kept:
        kept = [
            (it.topic, it.partitions, it.records, "" if it.first is None else rfc3339(it.first)) for it in facts.kept
        ]
        yield _table(("topic", "partitions", "records", "oldest"), kept)


def _state(view: Built) -> str:
    if view.live:
        return "live"
    return "being built" if view.working else "stopped"


def _seconds(since: Micros | None, now: Micros) -> str:
    return "" if since is None else f"{(now - since) / SECOND_US:.0f}"


def parked_table(streams: Sequence[ParkedStream]) -> Table:
    rows = [(it.group, it.stream, it.records, it.type, it.reason) for it in streams]
    return _table(("group", "parked stream", "records", "type", "reason"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(*heads, box=None)
    for row in rows:
        table.add_row(*map(str, row))
    return table
