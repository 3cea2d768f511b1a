"""The suite's processes as ``leitbake up`` starts them, on a given database, with doors that can be killed."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.suite.client import Doors, UnreachableError
from shared.clock import WallClock
from shared.db.pool import Database
from shared.web.doors import Role
from shared.web.keys import ApiKeys

ROOT = Path(__file__).parents[2]
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})
GUNICORN = (sys.executable, "-m", "gunicorn")


class Front:
    """The doors (gunicorn) and a worker, their logs in ``folder``. ``again``: how many questions were not answered.

    ``more``: their environment, beside what is said here; ``application``: other doors than the suite's own.
    """

    def __init__(
        self, url: str, folder: Path, more: Mapping[str, str] = NOTHING_MORE, application: Sequence[str] = ()
    ) -> None:
        self.url, self.folder, self.again = url, folder, 0
        self._more, self._application = more, application
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.worker = self._run("work")
        self.doors = self._serve()

    def _serve(self) -> "subprocess.Popen[bytes]":
        if self._application:
            return self._run("serve", [*GUNICORN, *self._application, "--bind", f"127.0.0.1:{self.port}"])
        return self._run("serve")

    def _run(self, command: str, instead: Sequence[str] = ()) -> "subprocess.Popen[bytes]":
        environment = os.environ | {
            "LEITBAKE_DATABASE_URL": self.url,
            "LEITBAKE_MASTER_KEY": base64.b64encode(b"x" * 32).decode(),
            "LEITBAKE_DATA_DIR": str(self.folder),
            "LEITBAKE_PORT": str(self.port),
            "LEITBAKE_REQUESTS_PER_S": "100000",
            **self._more,
        }
        with (self.folder / f"{command}.log").open("ab") as log:
            return subprocess.Popen(
                instead or [sys.executable, "-m", "services.suite", command],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def key(self, role: Role) -> Doors:
        """A client with a key of its own."""
        with closing(Database(self.url, "web")) as web:
            return Doors(f"http://127.0.0.1:{self.port}", ApiKeys(web, WallClock()).create(role, "Test").token)

    def ready(self) -> bool:
        try:
            Doors(f"http://127.0.0.1:{self.port}").get("/beacons/healthz")
        except UnreachableError:
            return False
        return True

    def until_answered(self, ask: Callable[[], Any]) -> Any:
        """As every client should: what was not answered is asked again."""
        while True:
            try:
                return ask()
            except UnreachableError:
                self.again += 1
                time.sleep(0.05)

    def kill_doors(self) -> None:
        """``kill -9`` of all that serves, and a new start."""
        _kill(self.doors)
        self.doors = self._serve()

    def stop_working(self) -> None:
        self.worker.terminate()
        self.worker.wait(30)

    def close(self) -> None:
        for process in (self.doors, self.worker):
            if process.poll() is None:
                _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def opened(
    url: str, folder: Path, more: Mapping[str, str] = NOTHING_MORE, application: Sequence[str] = ()
) -> Iterator[Front]:
    """Started and answering; ended without ceremony. Arguments as ``Front`` takes them."""
    front = Front(url, folder, more, application)
    try:
        wait_for(front.ready, 60)
        yield front
    finally:
        front.close()


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not reached in time"
        time.sleep(0.05)
