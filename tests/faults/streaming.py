"""A server of streams for gunicorn whose news are large and never end: ``tests.faults.streaming:app()``."""

import itertools
import socket
from collections.abc import Sequence
from typing import Any

from flask import Flask

from shared.web import sse

BYTES = 200_000


class News:
    """One large item more at every look."""

    def __init__(self) -> None:
        self._looks = itertools.count(1)

    def newest(self) -> int:
        return 0

    def after(self, position: int, limit: int) -> Sequence[sse.Item]:  # noqa: ARG002  # the protocol's
        return [sse.Item(next(self._looks), "news", b"x" * BYTES)]


def app() -> Any:
    sse.SEND_S = 1.0
    hub, made = sse.Hub(News(), depth=5, poll_s=0.02), Flask(__name__)
    made.add_url_rule("/stream", "stream", lambda: sse.response(hub.subscribe()))
    made.add_url_rule("/subscribers", "subscribers", lambda: str(len(hub._subscriptions)))
    return made


def subscribed(port: int, path: str) -> socket.socket:
    """Somebody who asks for the stream at a path of this machine, and does not read it."""
    asked = socket.socket()
    asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    asked.connect(("127.0.0.1", port))
    asked.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    return asked
