"""The compose file as it stands, built and started under another name, on free ports, with secrets of its own."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pytest_docker.plugin import get_docker_services

from services.suite.client import Doors

ROOT = Path(__file__).parents[2]
DOCKER = shutil.which("docker") or "docker"
PROJECT = f"leitbake-test-{os.getpid()}"  # two modules of tests may each have one at a time
START_S = 240


class Answer(NamedTuple):
    """Header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Stack:
    """The running containers, seen through the gateway's published port and through ``docker``."""

    def __init__(self, settings: Path, port: int, tls_port: int, files: Sequence[str]) -> None:
        self.settings, self.port, self.tls_port = settings, port, tls_port
        self.command = f"{DOCKER} compose --env-file {settings}"
        self.files = [str(ROOT / file) for file in files]

    def compose(self, *arguments: str, failing: bool = False, **settings: str) -> str:
        """What ``docker compose`` printed; a failure is an assertion unless it is expected. ``settings`` go first."""
        files = [word for file in self.files for word in ("-f", file)]
        call = [*self.command.split(), *files, "-p", PROJECT, *arguments]
        environment = os.environ | settings
        ended = subprocess.run(call, capture_output=True, text=True, check=False, timeout=900, env=environment)
        assert failing or ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def key(self, role: str) -> Doors:
        """A client with a key of its own."""
        token = self.compose("exec", "-T", "ops", "leitbake", "keys", "create", role, "--note", "test")
        return Doors(f"http://127.0.0.1:{self.port}", token.strip())

    def inspected(self, service: str) -> list[Any]:
        """What the engine knows of each container of a service."""
        ids = self.compose("ps", "--quiet", service).split()
        shown = subprocess.run([DOCKER, "inspect", *ids], capture_output=True, check=True)
        found: list[Any] = json.loads(shown.stdout)
        return found

    def get(self, path: str, **headers: str) -> Answer:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path, headers=asked)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def engine_answers() -> bool:
    try:
        subprocess.run([DOCKER, "info"], capture_output=True, check=True, timeout=30)
    except (FileNotFoundError, subprocess.SubprocessError):
        return False
    return True


def kafka_is_to_be_had() -> bool:
    """Whether an engine answers that has the compose file's image of Kafka, or can get it."""
    if not engine_answers():
        return False
    image = re.search(r"image: (apache/kafka:\S+)", (ROOT / "docker-compose.yml").read_text())
    assert image is not None
    tries = ([DOCKER, "image", "inspect", image[1]], [DOCKER, "pull", "--quiet", image[1]])
    return any(subprocess.run(call, capture_output=True, check=False).returncode == 0 for call in tries)


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """The compose file's Kafka alone, on a published port; ``folder`` takes its settings. Yields its address."""
    make_secrets(folder / "secrets")
    port, _ = _free_ports()
    settings = {"LEITBAKE_SECRETS": folder / "secrets", "LEITBAKE_TEST_KAFKA_PORT": port}
    (folder / "settings").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    files = [str(ROOT / file) for file in ("docker-compose.yml", "tests/support/kafka.compose.yml")]
    command, project = f"{DOCKER} compose --env-file {folder / 'settings'}", f"{PROJECT}-kafka-{os.getpid()}"
    up = f"up --detach --wait --wait-timeout {START_S} kafka"
    with get_docker_services(command, files, project, [up], ["down --volumes --timeout 5"]):
        yield f"127.0.0.1:{port}"


def make_secrets(folder: Path) -> None:
    """What is there stays."""
    subprocess.run([ROOT / "deploy" / "make-secrets", folder], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def running(
    folder: Path, more: Mapping[str, object], files: Sequence[str] = ("docker-compose.yml",)
) -> Iterator[Stack]:
    """Built, started and healthy until the block ends; ``folder`` takes secrets and settings, ``more`` are settings."""
    make_secrets(folder / "secrets")
    port, tls_port = _free_ports()
    settings = {
        "LEITBAKE_HTTP_PORT": port,
        "LEITBAKE_HTTPS_PORT": tls_port,
        "LEITBAKE_SECRETS": folder / "secrets",
        "LEITBAKE_KAFKA_HEAP": "-Xms256m -Xmx256m",
        **more,
    }
    (folder / "settings").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    made = Stack(folder / "settings", port, tls_port, files)
    # Started inside: what did not come up is taken down, too.
    with get_docker_services(made.command, made.files, PROJECT, [], ["down --volumes --remove-orphans --timeout 5"]):
        made.compose("up", "--build", "--detach", "--wait", "--wait-timeout", str(START_S))
        yield made


def _free_ports() -> tuple[int, int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])
