"""``leitbake``: everything that is run, imported, replayed or looked into from a terminal."""

import click

from services.suite.commands import access, backtest, imports, ops, published, run, status, topics
from services.suite.database import NoCityError
from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.opening import OtherLogError
from shared.eventlog.port import LogUnavailableError
from shared.geo.citymap import UnreadableCityError
from shared.settings import SettingsError

KNOWN = (
    SettingsError,
    NoCityError,
    DatabaseUnavailableError,
    LogUnavailableError,
    OtherLogError,
    UnreadableCityError,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="leitbake")
def leitbake() -> None:
    """Leitbake: what was ordered, what stands on the street, what the feed says.

    Settings are environment variables LEITBAKE_*; `leitbake doctor` lists them. Exit codes: 0 done, 1 failed, 2 wrong
    usage, 3 some of it was refused (the report says what).
    """


for command in (
    run.up,
    run.serve,
    run.work,
    run.migrate,
    run.doctor,
    status.status,
    backtest.simulate,
    backtest.backtest,
):
    leitbake.add_command(command)
for group in (imports.permits, imports.devices, imports.depots, imports.roads):
    leitbake.add_command(group)
for group in (ops.events, ops.projection, ops.parked, published.feed, access.accounts, access.keys, topics.topics):
    leitbake.add_command(group)


def main() -> None:
    """Entry of the console script; known faults end in one sentence, not in a traceback."""
    try:
        leitbake()
    except KNOWN as error:
        raise SystemExit(f"leitbake: {error}") from error
