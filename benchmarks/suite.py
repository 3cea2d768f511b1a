"""The suite's processes for a benchmark: doors under gunicorn and a worker, on a fresh database, on either log."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from deploy.kafka.broker import free_port, running_broker
from services.suite.client import Doors, RefusedError, UnreachableError
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

    def doors(self, key: str) -> Doors:
        return Doors(self.origin, key)


class Client:
    """One connection to the doors that is kept open; a refusal raises."""

    def __init__(self, suite: Suite, key: str) -> None:
        self._connection, self._key = HTTPConnection(suite.origin.removeprefix("http://"), timeout=60), key

    def send(self, items: list[bytes]) -> None:
        """Pings, all of them to be taken."""
        body = self.raw("POST", "/beacons/api/v1/pings", b"\n".join(items), "application/x-ndjson")
        if b'"rejected":[{' in body:
            raise RuntimeError(body[:300].decode())

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """JSON both ways."""
        return msgspec.json.decode(self.raw(method, path, None if body is None else msgspec.json.encode(body)))

    def raw(self, method: str, path: str, body: bytes | None = None, media_type: str = "application/json") -> bytes:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": media_type}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RefusedError(answer.status, data[:300].decode())
        return data


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
    end, doors = time.monotonic() + START_S, suite.doors(suite.key("fleet"))
    while True:
        try:
            doors.get("/permits/readyz")
            doors.get("/beacons/api/v1/devices?limit=1")
        except UnreachableError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def register(suite: Suite, key: str, device_ids: list[str], permit_number: str | None = None) -> None:
    """By CSV, through the door."""
    head = "device_id,kind,vendor,profile,expected_interval_s,permit_number\n"
    lines = "".join(f"{device},warning_light,,,600,{permit_number or ''}\n" for device in device_ids)
    suite.doors(key).post("/beacons/api/v1/devices", (head + lines).encode(), "text/csv")
