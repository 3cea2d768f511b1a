"""A day of 3,000 lights at a ping per five minutes beside real time: ``leitbake backtest`` as a whole."""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

LIGHTS = 3_000
SITES = 100
DAY_S = 86_400


def main() -> None:
    with TemporaryDirectory(prefix="leitbake-bench-") as name:
        folder = Path(name)
        us = [sys.executable, "-m", "services.suite"]
        size = [f"--sites={SITES}", f"--lights={LIGHTS}", f"--out={folder}/day"]
        subprocess.run([*us, "simulate", *size], check=True, stdout=subprocess.DEVNULL)
        with (folder / "day" / "pings.ndjson").open("rb") as lines:
            pings = sum(1 for _ in lines)
        files = [
            f"--{name}={folder}/day/{name}.{kind}"
            for name, kind in (("permits", "geojson"), ("devices", "csv"), ("depots", "geojson"), ("pings", "ndjson"))
        ]
        began = time.perf_counter()
        subprocess.run([*us, "backtest", *files, f"--out={folder}/out"], check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
        print(f"{pings:,} pings of {LIGHTS:,} lights at {SITES} sites: {took:.1f} s, {DAY_S / took:,.0f} x real time")


if __name__ == "__main__":
    main()
