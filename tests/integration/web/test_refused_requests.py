"""Requests that gunicorn refuses by itself, sent to a real one over a socket."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
APPLICATION = "tests.integration.web.test_refused_requests:hello"


def hello(environ: dict[str, object], start_response: object) -> list[bytes]:  # noqa: ARG001  # WSGI
    start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]  # WSGI
    return [b"hello"]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    command = [sys.executable, "-m", "gunicorn", APPLICATION, "--config=python:deploy.gunicorn_conf"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
        )
    deadline = time.monotonic() + 60
    while b"200 OK" not in _said(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    yield port
    server.terminate()
    server.wait(30)
    assert "127.0.0.1:" not in log.read_text().replace(f"127.0.0.1:{port}", "")


def _said(port: int, request: bytes) -> bytes:
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
            line.sendall(request)
            return b"".join(iter(lambda: line.recv(65_536), b""))
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Many: y\r\n" * 200 + b"\r\n", 431),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: strange\r\n\r\n", 501),
    ],
)
def test_what_gunicorn_refuses_is_a_german_problem(port: int, request_bytes: bytes, status: int) -> None:
    head, _, body = _said(port, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    problem = json.loads(body)
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert b"NONSENSE" not in body
