"""The database of this installation: a server by settings, or the embedded one in the data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import services.beacons.bootstrap as beacons
import services.navfeed.bootstrap as navfeed
import services.permits.bootstrap as permits
import shared.privacy
import shared.web
from shared.db.embedded import embedded_postgres
from shared.db.migrate import KERNEL, migrate, pending
from shared.eventlog import opening
from shared.settings import Settings

WEB = Path(next(iter(shared.web.__path__))) / "migrations"
PRIVACY = Path(next(iter(shared.privacy.__path__))) / "migrations"

# Every schema of the suite, and the folders of its migrations in their order.
SCHEMAS = {
    opening.SCHEMA: [opening.MIGRATIONS],
    "web": [WEB],
    permits.SCHEMA: [KERNEL, PRIVACY, permits.MIGRATIONS],
    beacons.SCHEMA: [KERNEL, beacons.MIGRATIONS],
    navfeed.SCHEMA: [KERNEL, navfeed.MIGRATIONS],
}


class NoCityError(Exception):
    """Where the settings point there is no database of ours, or an older one; the message says what to do."""


def require_city() -> None:
    """Raise ``NoCityError`` where no database was ever made, before anything else makes one or its key.

    Reads the environment by itself: ``read_settings`` makes the key of an embedded database.
    """
    folder = Path(os.environ.get("LEITBAKE_DATA_DIR", "").strip() or Settings.data_dir)
    server = ("LEITBAKE_DATABASE_URL", "LEITBAKE_DATABASE_URL_FILE")
    embedded = not any(os.environ.get(variable, "").strip() for variable in server)
    if embedded and not (folder / "postgres" / "PG_VERSION").exists():
        raise NoCityError(f"there is no city in {folder}; set LEITBAKE_DATA_DIR, or make one with: leitbake up")


def require_schema(url: str) -> None:
    """Raise ``NoCityError`` where migrations have still to run."""
    missing = pending_all(url)
    if missing:
        raise NoCityError(f"{len(missing)} migrations have not run on this database; run: leitbake migrate")


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
