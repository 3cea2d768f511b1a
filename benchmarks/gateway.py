"""An unchanged feed product behind the gateway of the compose file, beside nginx serving the same bytes as a file.

``python -m benchmarks.gateway``, where a container engine answers and ``wrk`` (Debian's 4.1.0) is installed. Both
nginx have the same image, the same nginx.conf (log and all) and as many workers; ``wrk`` asks the containers
themselves, since a port published on the loopback goes through docker's own proxy. Rounds take turns, medians count.
CPU is what the containers' processes used per request: it tells the cost even where ``wrk`` is the bottleneck.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psutil

from tests.support.city import place
from tests.support.compose import DOCKER, PROJECT, ROOT, Stack, engine_answers, running

FEED = "/feed/v1/roadworks.geojson"
MEASURES = 300
ROUNDS, ROUND_S, CONNECTIONS = 7, 3, 16
GOAL = 0.8
FILE_SERVER = """
server {
    listen 8080;
    root /files;
    gzip off;
    types { application/geo+json geojson; }
    add_header Content-Encoding gzip;
    add_header Cache-Control "public, no-cache";
}
"""


class Round(NamedTuple):
    per_s: float
    cpu_us: float


def permits() -> bytes:
    """A city's works in one file."""
    now = datetime.now(UTC)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [place(n * 90.0, n % 7 * 80.0), place(n * 90.0 + 70)]},
            "properties": {
                "permit_number": f"61-{n}",
                "measure": "lane_closed",
                "street": f"Straße {n}",
                "start": (now - timedelta(hours=1)).isoformat(),
                "end": (now + timedelta(days=9)).isoformat(),
            },
        }
        for n in range(MEASURES)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def fill(stack: Stack) -> None:
    stack.key("clerk").post("/permits/api/v1/imports?format=geojson", permits(), "application/geo+json")
    deadline = time.monotonic() + 120
    while len(json.loads(stack.get(FEED).body).get("features", ())) < MEASURES:
        if time.monotonic() > deadline:
            raise TimeoutError("the feed does not fill")
        time.sleep(1)
    time.sleep(3)


@contextmanager
def file_server(folder: Path, body: bytes) -> Iterator[str]:
    """A container of nginx with the bytes as a file; its id."""
    files = folder / "files" / FEED.lstrip("/")
    files.parent.mkdir(parents=True)
    files.write_bytes(body)
    (folder / "file.conf").write_text(FILE_SERVER)
    for path in (folder, *files.parents):
        if path.is_relative_to(folder):
            path.chmod(0o755)
    mounts = {
        ROOT / "deploy" / "gateway" / "nginx.conf": "/etc/nginx/nginx.conf",
        folder / "file.conf": "/etc/nginx/conf.d/default.conf",
        folder / "files": "/files",
    }
    volumes = [part for source, target in mounts.items() for part in ("--volume", f"{source}:{target}:ro")]
    limits = ["--user=101:101", "--cpus=2", "--memory=1g", "--init", "--tmpfs=/var/cache/nginx:uid=101"]
    name = [DOCKER, "run", "--detach", "--rm", f"--network={PROJECT}_front", *limits, *volumes, "nginx:1.27"]
    made = subprocess.run(name, capture_output=True, check=True, text=True).stdout.strip()
    try:
        yield made
    finally:
        subprocess.run([DOCKER, "rm", "--force", made], capture_output=True, check=True)


def inspected(container: str) -> Any:
    return json.loads(subprocess.run([DOCKER, "inspect", container], capture_output=True, check=True).stdout)[0]


class Server:
    """A container that serves; asked at its own address on the bridge."""

    def __init__(self, container: str) -> None:
        found = inspected(container)
        address = found["NetworkSettings"]["Networks"][f"{PROJECT}_front"]["IPAddress"]
        self.url = f"http://{address}:8080{FEED}"
        self.pid = int(found["State"]["Pid"])

    def ask(self, headers: dict[str, str]) -> Round:
        wanted = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        before = self._cpu_s()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_S}s", *wanted, self.url]
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        if "Non-2xx" in said and "If-None-Match" not in headers:
            raise RuntimeError(said)
        [requests] = re.findall(r"(\d+) requests in", said)
        [per_s] = re.findall(r"Requests/sec:\s+([\d.]+)", said)
        return Round(float(per_s), (self._cpu_s() - before) / int(requests) * 1e6)

    def _cpu_s(self) -> float:
        mother = psutil.Process(self.pid)
        times = [process.cpu_times() for process in (mother, *mother.children(recursive=True))]
        return sum(time.user + time.system for time in times)


def compare(gateway: Server, file: Server, mine: dict[str, str], its: dict[str, str], what: str) -> None:
    rounds = [(gateway.ask(mine), file.ask(its)) for _ in range(ROUNDS)]
    ours = Round(*(statistics.median(column) for column in zip(*(pair[0] for pair in rounds), strict=True)))
    beside = Round(*(statistics.median(column) for column in zip(*(pair[1] for pair in rounds), strict=True)))
    rate, cpu = (statistics.median(a[i] / b[i] for a, b in rounds) for i in (0, 1))
    print(f"{what}: gateway {ours.per_s:,.0f}/s, {ours.cpu_us:.0f} µs CPU; file {beside.per_s:,.0f}/s,", end=" ")
    print(f"{beside.cpu_us:.0f} µs CPU; {rate:.2f} of its rate (goal {GOAL}), {cpu:.2f} of its CPU")


def tag(server: Server) -> str:
    said = subprocess.run(
        ["curl", "--silent", "--head", "--header", "Accept-Encoding: gzip", server.url],  # noqa: S607  # from the path
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return str(re.findall(r"(?i)^etag: (\S+)", said, re.MULTILINE)[0])


def main() -> None:
    if not engine_answers() or shutil.which("wrk") is None:
        sys.exit("needs a container engine (docker info) and wrk")
    with TemporaryDirectory() as name, running(Path(name), {}) as stack:
        folder = Path(name)
        folder.chmod(0o755)
        fill(stack)
        body = stack.get(FEED, Accept_Encoding="gzip").body
        print(f"{MEASURES} measures, {len(body):,} bytes gzipped, {CONNECTIONS} connections, {ROUNDS} x {ROUND_S} s")
        with file_server(folder, body) as container:
            time.sleep(2)
            gateway, file = Server(stack.inspected("gateway")[0]["Id"]), Server(container)
            zipped = {"Accept-Encoding": "gzip"}
            compare(gateway, file, zipped, zipped, "whole (200)")
            ours, its = ({**zipped, "If-None-Match": tag(server)} for server in (gateway, file))
            compare(gateway, file, ours, its, "unchanged (304)")


if __name__ == "__main__":
    main()
