"""Child processes of ``leitbake up``: started, mended and ended together, and cleared away after a kill."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

GRACE_S = 15
DEATHS, WITHIN_S = 5, 60.0
FIRST_WAIT_S = 0.5


class GaveUpError(Exception):
    """A child ends again and again; the message names it."""


@dataclass
class Child:
    """``deaths`` are instants of the last minute; ``due``: when it is started again, None while it runs."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)
    due: float | None = None


class Children:
    """Processes in a group of their own each, so that Ctrl-C reaches only us and we end them in order.

    ``record`` remembers them for the next start, should we be killed without warning.
    """

    def __init__(self, record: Path, logs: Path, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._record, self._logs, self._elapsed = record, logs, elapsed
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._children.append(Child(name, command, environment, self._run(name, command, environment)))
        self._remember()

    def ended(self) -> Child | None:
        """A child that is no more, if there is one."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def mend(self, tell: Callable[[str], None]) -> None:
        """Start again what ended, later each time; ``tell`` hears a line of it.

        Raises ``GaveUpError`` where one ended ``DEATHS`` times within a minute.
        """
        for child in self._children:
            if child.due is not None and child.due <= self._elapsed():
                child.process, child.due = self._run(child.name, child.command, child.environment), None
                self._remember()
            elif child.due is None and child.process.poll() is not None:
                self._mourn(child, tell)

    def _mourn(self, child: Child, tell: Callable[[str], None]) -> None:
        # What it had started itself would hold its port against the next one.
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        now = self._elapsed()
        child.deaths = [*(death for death in child.deaths if now - death < WITHIN_S), now]
        log = self._logs / f"{child.name}.log"
        said = f"the part {child.name} ended ({child.process.returncode})"
        if len(child.deaths) >= DEATHS:
            raise GaveUpError(f"{said} {DEATHS} times within a minute; see {log}")
        wait_s = FIRST_WAIT_S * 2 ** (len(child.deaths) - 1)
        child.due = now + wait_s
        tell(f"{said}; it is started again in {wait_s:g} s; see {log}")

    def _run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self._logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  # our own commands
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _remember(self) -> None:
        self._record.write_text(json.dumps([[c.process.pid, _started(c.process.pid)] for c in self._children]))

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
