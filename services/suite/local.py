"""``leitbake up``: the whole suite on one machine, started, watched and ended together."""

import base64
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from deploy.kafka import broker
from services.suite import demo, frontend
from services.suite.client import Doors, RefusedError, UnreachableError
from services.suite.database import database_url, migrate_all
from services.suite.processes import Children, GaveUpError, clear_away, wait_until
from services.suite.roads import import_roads, read_or_generate
from shared.clock import WallClock
from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.opening import open_log
from shared.geo.imported import BASEMAP, MAP_FOLDER
from shared.projection.worker import stop_on_signals
from shared.settings import Settings

READY_S = 60
KAFKA_S = 300
KAFKA_OFFSET = 1012  # 8080 -> 9092
WATCH_S = 0.5
SERVICES = ("permits", "beacons", "feed")


class EndedError(Exception):
    """A part ended again and again while the suite was running."""


class NotStartedError(Exception):
    """Why the suite could not start, in one sentence that says what to do."""


def up(
    settings: Settings, console: Console, *, with_demo: bool, seed: int, roads: Path | None, kafka: bool = False
) -> None:
    """Start, print the addresses, and stay until Ctrl-C or until a part cannot be kept up.

    Raises ``NotStartedError`` and ``EndedError``.
    """
    stop = stop_on_signals()
    with _only_one(settings.data_dir):
        left = clear_away(settings.data_dir / "processes.json")
        if left:
            console.print(f"An earlier run was killed: ended {left} processes it had left.")
        _port_is_free(settings)
        _front_end(settings, console)
        if with_demo or roads:
            _map(settings, console, seed, roads)
        with _database(settings, console) as url:
            children = Children(settings.data_dir / "processes.json", settings.data_dir / "logs")
            try:
                if kafka:
                    settings = _kafka(settings, console, children)
                open_log(url, WallClock(), settings)
                if with_demo:
                    demo.keep_depots(settings.data_dir, seed)
                _start(settings, console, children, url)
                if with_demo:
                    _demo(settings, console, children, url, seed)
                else:
                    console.print(f"\nLeitbake waits: {settings.origin}/")
                    console.print(f"Let somebody in: {sys.argv[0]} accounts create LOGIN clerk --name NAME")
                    if not (settings.data_dir / MAP_FOLDER / BASEMAP).exists():
                        console.print("It has no streets and no base map yet: start it with ROADS=FILE.osm.pbf")
                console.print("Ctrl-C ends it.")
                while not stop.wait(WATCH_S):
                    children.mend(console.print)
            except GaveUpError as error:
                raise EndedError(str(error)) from error
            except (TimeoutError, ChildProcessError) as error:
                raise NotStartedError(f"{error}; see {settings.data_dir}/logs") from error
            finally:
                console.print("Ending …")
                children.stop()
    console.print("Ended. The next start goes on from here.")


def _start(settings: Settings, console: Console, children: Children, url: str) -> None:
    environment = os.environ | {
        "LEITBAKE_DATABASE_URL": url,
        "LEITBAKE_MASTER_KEY": base64.b64encode(settings.master_key).decode(),
        "LEITBAKE_DATA_DIR": str(settings.data_dir.resolve()),
        "LEITBAKE_HOST": settings.host,
        "LEITBAKE_PORT": str(settings.port),
        "LEITBAKE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
    }
    us = [sys.executable, "-m", "services.suite"]
    with console.status("Opening the doors …"):
        children.start("work", [*us, "work"], environment)
        children.start("serve", [*us, "serve"], environment)
        wait_until(lambda: _ready(settings), children, READY_S)
    console.print("Doors open, workers at work.")


def _kafka(settings: Settings, console: Console, children: Children) -> Settings:
    """Start Apache Kafka from Maven's jars beside us; returns the settings that find it."""
    if lacking := broker.missing():
        raise NotStartedError(
            f"Kafka without Docker needs {' and '.join(lacking)}; install them, or leave KAFKA=1 away"
        )
    port = settings.port + KAFKA_OFFSET
    with console.status("Starting Apache Kafka (the first time fetches 43 MB) …"):
        command = [sys.executable, "-m", "deploy.kafka.broker", "--data", str(settings.data_dir.resolve() / "kafka")]
        children.start("kafka", [*command, "--port", str(port)], os.environ)
        wait_until(lambda: broker.answers(port), children, KAFKA_S)
    found = replace(settings, kafka_bootstrap=f"127.0.0.1:{port}")
    console.print(f"Kafka up. For commands on this city: export LEITBAKE_KAFKA_BOOTSTRAP={found.kafka_bootstrap}")
    return found


def _demo(settings: Settings, console: Console, children: Children, url: str, seed: int) -> None:
    with console.status("Ordering works, registering lights …"):
        access = demo.prepare(settings, url, seed)
    environment = os.environ | {"LEITBAKE_DATA_DIR": str(settings.data_dir.resolve())}
    command = [sys.executable, "-m", "services.suite.demo", settings.origin, str(seed)]
    children.start("fleet", command, environment)
    console.print(demo.greeting(settings, access))


def _ready(settings: Settings) -> bool:
    try:
        for service in SERVICES:
            Doors(settings.origin).get(f"/{service}/readyz")
    except (UnreachableError, RefusedError):
        return False
    return True


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """One suite per data folder; the lock goes with the process, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotStartedError(f"a Leitbake already runs on {data_dir}; end it, or set LEITBAKE_DATA_DIR") from None
        yield


def _port_is_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise NotStartedError(
                f"port {settings.port} is taken ({error.strerror}); try: make run PORT={settings.port + 1}"
            ) from error


def _front_end(settings: Settings, console: Console) -> None:
    if frontend.fresh():
        return
    log = settings.data_dir / "logs" / "frontend.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with console.status("Building the front end (once) …"):
        try:
            frontend.build(log)
        except frontend.BuildError as error:
            raise NotStartedError(str(error)) from error
    console.print("Front end built.")


def _map(settings: Settings, console: Console, seed: int, roads: Path | None) -> None:
    """A city is drawn once; another seed or file draws it anew. An invented one is for the demo alone."""
    folder = settings.data_dir / MAP_FOLDER
    wanted = str(roads.resolve()) if roads else f"seed {seed}"
    made = folder / "source.txt"
    if (folder / BASEMAP).exists() and made.exists() and made.read_text() == wanted:
        return
    with console.status("Drawing the city and its base map (once) …"):
        import_roads(read_or_generate(roads, seed), settings.data_dir)
    made.write_text(wanted)
    console.print("City drawn.")


@contextmanager
def _database(settings: Settings, console: Console) -> Iterator[str]:
    with ExitStack() as stack:
        try:
            with console.status("Starting PostgreSQL …"):
                url = stack.enter_context(database_url(settings))
                applied = migrate_all(url)
        except (OSError, RuntimeError, subprocess.SubprocessError, DatabaseUnavailableError) as error:
            raise NotStartedError(f"PostgreSQL does not start: {error}") from error
        console.print(f"Database up{f', {len(applied)} migrations applied' if applied else ''}.")
        yield url
