"""``leitbake feed``: what is and was published, and whether deciding it again comes to the same."""

import sys

import click

from services.navfeed.adapters.rendering import PRODUCTS
from services.suite.commands.backtest import Instant
from services.suite.commands.installed import city, console
from services.suite.verify import verify
from shared.clock import WallClock, from_micros


@click.group()
def feed() -> None:
    """Feed: what is and was published."""


@feed.command("at")
@click.argument("product", type=click.Choice(sorted(PRODUCTS)))
@click.argument("instant", type=Instant(), required=False)
def feed_at(product: str, instant: int | None) -> None:
    """Print PRODUCT as it is served, or was at INSTANT (RFC 3339 with offset), byte for byte."""
    if instant is not None and instant > WallClock().now():
        raise click.BadParameter("that instant is still to come: nobody was served anything then")
    at = None if instant is None else from_micros(instant)
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
