"""The suite's processes for a benchmark: doors under gunicorn and a worker, on a fresh database, on either log."""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from deploy.kafka.broker import free_port, running_broker
from services.suite.database import migrate_all
from shared.clock import WallClock
from shared.db.embedded import embedded_postgres
from shared.db.pool import Database
from shared.web.doors import Role
from shared.web.keys import ApiKeys

START_S = 60


class Suite(NamedTuple):
    """``origin`` of the doors, ``url`` of the database, ``kafka`` bootstrap (empty: the log in PostgreSQL)."""

    origin: str
    url: str
    kafka: str

    def key(self, role: Role) -> str:
        with closing(Database(self.url, "web")) as web:
            return ApiKeys(web, WallClock()).create(role, "bench").token

    def ask(self, path: str, key: str = "", body: Any = None, media_type: str = "application/json") -> Any:
        """The JSON behind ``path``; a body is posted, bytes as they are."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": media_type} | ({"Authorization": f"Bearer {key}"} if key else {})
        request = urllib.request.Request(self.origin + path, data, headers)  # noqa: S310  # our own origin
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
            return json.loads(answer.read() or b"null")


@contextmanager
def running(*, kafka: bool = False, commands: tuple[str, ...] = ("serve", "work")) -> Iterator[Suite]:
    """Started and answering; all of it ends with the block."""
    with TemporaryDirectory(prefix="leitbake-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        url = stack.enter_context(embedded_postgres(folder / "postgres"))
        bootstrap = stack.enter_context(running_broker(folder / "kafka")).bootstrap if kafka else ""
        migrate_all(url)
        suite = Suite(f"http://127.0.0.1:{free_port()}", url, bootstrap)
        for command in commands:
            stack.enter_context(_process(suite, command, folder))
        if "serve" in commands:
            _until_answered(suite)
        yield suite


@contextmanager
def _process(suite: Suite, command: str, folder: Path) -> Iterator[None]:
    environment = os.environ | {
        "LEITBAKE_DATABASE_URL": suite.url,
        "LEITBAKE_KAFKA_BOOTSTRAP": suite.kafka,
        "LEITBAKE_MASTER_KEY": base64.b64encode(b"x" * 32).decode(),
        "LEITBAKE_DATA_DIR": str(folder),
        "LEITBAKE_PORT": suite.origin.rpartition(":")[2],
        "LEITBAKE_REQUESTS_PER_S": "1000000",
        "LEITBAKE_LOG_LEVEL": "WARNING",
    }
    with (folder / f"{command}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.suite", command], env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _until_answered(suite: Suite) -> None:
    """The doors and what the worker builds for them."""
    end, key = time.monotonic() + START_S, suite.key("fleet")
    while True:
        try:
            suite.ask("/permits/readyz")
            suite.ask("/beacons/api/v1/devices?limit=1", key)
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def register(suite: Suite, key: str, device_ids: list[str], permit_number: str | None = None) -> None:
    """By CSV, through the door."""
    head = "device_id,kind,vendor,profile,expected_interval_s,permit_number\n"
    lines = "".join(f"{device},warning_light,,,600,{permit_number or ''}\n" for device in device_ids)
    suite.ask("/beacons/api/v1/devices", key, (head + lines).encode(), "text/csv")
