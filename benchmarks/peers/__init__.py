"""Peers: other people's software on the same job, in a virtual environment of its own; no dependency of ours.

``make bench-peers`` makes it; without it a benchmark runs without its peer and says so.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"


def run(name: str, *arguments: str) -> dict[str, Any] | None:
    """The peer's own figures (its last line, JSON), or None where it is not installed; raises if it fails."""
    if not PYTHON.exists():
        print(f"peer {name}: not installed (make bench-peers)")
        return None
    done = subprocess.run([PYTHON, HERE / f"{name}.py", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"peer {name} failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
