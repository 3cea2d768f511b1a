"""The database of this installation: a server by settings, or the embedded one in the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import services.beacons.bootstrap as beacons
import services.navfeed.bootstrap as navfeed
import services.permits.bootstrap as permits
import shared.privacy
import shared.web
from services.suite import logs
from shared.db.embedded import embedded_postgres
from shared.db.migrate import KERNEL, migrate, pending
from shared.settings import Settings

WEB = Path(next(iter(shared.web.__path__))) / "migrations"
PRIVACY = Path(next(iter(shared.privacy.__path__))) / "migrations"

# Every schema of the suite, and the folders of its migrations in their order.
SCHEMAS = {
    logs.SCHEMA: [logs.MIGRATIONS],
    "web": [WEB],
    permits.SCHEMA: [KERNEL, PRIVACY, permits.MIGRATIONS],
    beacons.SCHEMA: [KERNEL, beacons.MIGRATIONS],
    navfeed.SCHEMA: [KERNEL, navfeed.MIGRATIONS],
}


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The address to connect to; the embedded server runs at least as long as the block."""
    if settings.database_url:
        yield settings.database_url
    else:
        with embedded_postgres((settings.data_dir / "postgres").resolve()) as url:
            yield url


def migrate_all(url: str) -> list[str]:
    """Bring every schema up to date; returns what was applied."""
    return [f"{schema}: {name}" for schema, folders in SCHEMAS.items() for name in migrate(url, schema, folders)]


def pending_all(url: str) -> list[str]:
    return [f"{schema}: {name}" for schema, folders in SCHEMAS.items() for name in pending(url, schema, folders)]
