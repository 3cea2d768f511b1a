"""The city that the pictures show: one that runs already, or one that is started; and what can fail in it."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from services.suite.client import Doors
from tests.browser.screens.state import Fault
from tests.support import crowd

UP_S, SETTLE_S = 180, 75
LEITBAKE = (sys.executable, "-m", "services.suite")
CLERK = "sachbearbeitung"
BEHIND_S = 75  # so long behind is told as such by every page


class City(NamedTuple):
    origin: str
    data: Path
    passwords: dict[str, str]


@contextmanager
def running(port: int, data: Path) -> Iterator[City]:
    """The demo's city of folder ``data`` at ``port``; one that is started ends afterwards."""
    with _up(port, data, "demo-access.json") as (origin, is_new):
        if is_new:
            time.sleep(SETTLE_S)  # its lights need that long to be measured
        yield City(origin, data, json.loads((data / "demo-access.json").read_text())["passwords"])


@contextmanager
def crowded(port: int, data: Path) -> Iterator[City]:
    """At the next port and beside ``data``: a city without lights, with ten thousand cases and one clerk."""
    data = data.parent / "crowded"
    access = data / "access.json"
    with _up(port + 1, data, "up.log", "--no-demo") as (origin, _):
        if not access.exists():
            password = secrets.token_urlsafe(9)
            _leitbake(data, "accounts", "create", CLERK, "clerk", "--name", "Erika Beispiel", "--password", password)
            crowd.fill(Doors(origin, _leitbake(data, "keys", "create", "clerk", "--note", "Bestand")))
            access.write_text(json.dumps({CLERK: password}))
        yield City(origin, data, json.loads(access.read_text()))


@contextmanager
def failing(city: City, fault: Fault) -> Iterator[None]:
    """The city while its workers, or its database, stand still."""
    standing = [] if fault is None else _processes(city.data, fault)
    for process in standing:
        process.suspend()
    try:
        if fault == "worker":
            time.sleep(BEHIND_S)
        yield
    finally:
        for process in standing:
            process.resume()


def _processes(data: Path, fault: Fault) -> list[psutil.Process]:
    if fault == "database":
        server = psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split()[0]))
        return [server, *server.children(recursive=True)]
    children = [psutil.Process(pid) for pid, _ in json.loads((data / "processes.json").read_text())]
    return [child for child in children if child.cmdline()[-1] == "work"]


@contextmanager
def _up(port: int, data: Path, sign: str, *options: str) -> Iterator[tuple[str, bool]]:
    """A city's address, and whether it was started just now; it stands once it answers and ``sign`` is there."""
    origin = f"http://127.0.0.1:{port}"
    if _answers(origin):
        yield origin, False
        return
    started = _start(port, data, options)
    deadline = time.monotonic() + UP_S
    while not _answers(origin) or not (data / sign).exists():
        if started.poll() is not None or time.monotonic() > deadline:
            started.kill()
            raise SystemExit(f"the city did not start; see {data / 'up.log'}")
        time.sleep(1)
    try:
        yield origin, True
    finally:
        started.send_signal(signal.SIGTERM)  # a shell's background job hears no SIGINT
        started.wait(60)


def _start(port: int, data: Path, options: Sequence[str]) -> "subprocess.Popen[bytes]":
    data.mkdir(parents=True, exist_ok=True)
    command = [*LEITBAKE, "up", "--port", str(port), *options]
    with (data / "up.log").open("wb") as log:
        return subprocess.Popen(command, env=_environment(data), stdout=log, stderr=log, start_new_session=True)


def _leitbake(data: Path, *arguments: str) -> str:
    """What a command says about the city in ``data``."""
    return subprocess.check_output([*LEITBAKE, *arguments], env=_environment(data), text=True).strip()


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {"LEITBAKE_DATA_DIR": str(data)}


def _answers(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/feed/readyz", timeout=5) as answer:  # noqa: S310  # our own city
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
