"""Tests that cannot fail prove nothing: each mutant breaks one law of the kernel, and the laws' tests must see it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAWS = ["tests/unit/shared/projection/test_laws.py"]
EFFECT = ["tests/integration/test_effect.py", "-k", "not kafka"]  # each mutant would start a broker of its own

DUE = "            if row.due is not None:\n                self._timers"
FORGET = "            self._forget()\n            return False"

MUTANTS = {
    "no sort before folding": ("grid.py", "        taken.sort(key=", "        (lambda key: None)(key=", LAWS),
    "no grid": ("grid.py", "point <= horizon", "True", LAWS),
    "<= at the grid point": ("grid.py", "buffer[0].time < point", "buffer[0].time <= point", LAWS),
    "timers forget the last point": ("grid.py", ", self.decided + self._grid)", ", 0)", LAWS),
    "no version skip": ("streams.py", "event.version > self._versions.get(event.stream, 0)", "event.version > 0", LAWS),
    "a gap is let through": ("streams.py", "event.version > known + 1", "False", EFFECT),
    "no epoch": ("books_postgres.py", "AND epoch = %s", "AND (epoch = %s OR true)", EFFECT),
    "memory kept after a fence": ("consumer.py", FORGET, "            return False", EFFECT),
    "a slot counts for every door": ("keyed.py", "if slot <= self.place.slot:", "if slot < self.place.slot:", LAWS),
    "timers lost on reload": ("keyed.py", DUE, DUE.replace("row.due is not None", "False"), LAWS),
    "an earlier timer is not armed": ("keyed.py", "state.due < before", "state.due > before", LAWS),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_laws_tests_kill_the_mutant(name: str, tmp_path: Path) -> None:
    file, old, new, tests = MUTANTS[name]
    for folder in ("shared", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / "shared" / "projection" / file
    source = target.read_text()
    assert old in source, f"the mutant {name!r} no longer fits {file}"
    target.write_text(source.replace(old, new))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    # Without a folder of its own it would close the one of all tests, and with it their servers.
    command += ["--hypothesis-profile=first-failure", f"--basetemp={tmp_path / 'run'}"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "examples")}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 1, f"mutant {name!r} survived:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
