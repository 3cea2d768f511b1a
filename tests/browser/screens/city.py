"""The city that the pictures show: one that runs already, or one that is started; and what can fail in it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.browser.screens.state import Fault

UP_S, SETTLE_S = 180, 75
BEHIND_S = 75  # so long behind is told as such by every page


class City(NamedTuple):
    origin: str
    data: Path
    passwords: dict[str, str]


@contextmanager
def running(port: int, data: Path) -> Iterator[City]:
    """The city of folder ``data`` at ``port``; one that is started ends afterwards."""
    origin, started = f"http://127.0.0.1:{port}", None
    if not _answers(origin):
        started = _start(origin, port, data)
    try:
        yield City(origin, data, json.loads((data / "demo-access.json").read_text())["passwords"])
    finally:
        if started is not None:
            started.send_signal(signal.SIGTERM)  # a shell's background job hears no SIGINT
            started.wait(60)


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


def _start(origin: str, port: int, data: Path) -> "subprocess.Popen[bytes]":
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "services.suite", "up", "--port", str(port)]
    environment = os.environ | {"LEITBAKE_DATA_DIR": str(data)}
    with (data / "up.log").open("wb") as log:
        started = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + UP_S
    while not _answers(origin) or not (data / "demo-access.json").exists():
        if started.poll() is not None or time.monotonic() > deadline:
            started.kill()
            raise SystemExit(f"the city did not start; see {data / 'up.log'}")
        time.sleep(1)
    time.sleep(SETTLE_S)  # its lights need that long to be measured
    return started


def _answers(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/feed/readyz", timeout=5) as answer:  # noqa: S310  # our own city
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
