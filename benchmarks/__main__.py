"""All benchmarks of speed, one after the other, each in a process of its own: ``python -m benchmarks``."""

import subprocess
import sys

ALL = (
    "appends",
    "commands",
    "rebuild",
    "pings",
    "workers",
    "known_lights",
    "door",
    "latency",
    "backtest",
    "queue",
    "gateway",
    "overload",
)


def main(names: list[str]) -> int:
    failed = []
    for name in names:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(ALL)))
