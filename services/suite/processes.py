"""Child processes of ``leitbake up``: started together, watched, ended together, and cleared away after a kill."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

GRACE_S = 15


class Child(NamedTuple):
    name: str
    process: subprocess.Popen[bytes]


class Children:
    """Processes in a group of their own each, so that Ctrl-C reaches only us and we end them in order.

    ``record`` remembers them for the next start, should we be killed without warning.
    """

    def __init__(self, record: Path, logs: Path) -> None:
        self._record, self._logs = record, logs
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own commands
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._children.append(Child(name, process))
        self._record.write_text(json.dumps([[c.process.pid, _started(c.process.pid)] for c in self._children]))

    def ended(self) -> Child | None:
        """A child that is no more, if there is one."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def stop(self) -> None:
        """End them, the last started first; kill what does not listen."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
                try:
                    child.process.wait(GRACE_S)
                except subprocess.TimeoutExpired:
                    os.killpg(child.process.pid, signal.SIGKILL)
                    child.process.wait()
        self._children.clear()
        self._record.unlink(missing_ok=True)


def clear_away(record: Path) -> int:
    """End what an earlier run that was killed left behind; returns how many processes."""
    try:
        known = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    left = [psutil.Process(pid) for pid, started in known if started is not None and _started(pid) == started]
    for process in left:
        process.terminate()
    _, alive = psutil.wait_procs(left, timeout=GRACE_S)
    for process in alive:
        process.kill()
    record.unlink(missing_ok=True)
    return len(left)


def _started(pid: int) -> float | None:
    """When the process began: with it, a pid is never mistaken for one that came later."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def wait_until(ready: Callable[[], bool], children: Children, timeout_s: float) -> None:
    """Until ``ready()`` is true; raises ``TimeoutError``, or ``ChildProcessError`` when a child ends first."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        gone = children.ended()
        if gone is not None:
            raise ChildProcessError(f"the process {gone.name} ended ({gone.process.returncode})")
        if time.monotonic() > deadline:
            raise TimeoutError(f"not ready after {timeout_s:.0f} s")
        time.sleep(0.1)
