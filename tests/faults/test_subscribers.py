"""A subscriber that does not read is let go; those who read, and the memory of the server, do not notice."""

import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest

from deploy.kafka.broker import answers, free_port
from tests.faults.city import ROOT, wait_for
from tests.faults.streaming import BYTES, subscribed

SLOW = 12
READ = 20 * BYTES
THREADS = 16  # the gateway's own are more: here those who do not read would soon have them all


@pytest.fixture
def port() -> Iterator[int]:
    free = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.faults.streaming:app()", "--bind", f"127.0.0.1:{free}"]
    more = ["--worker-class", "gthread", "--threads", str(THREADS), "--log-level", "warning"]
    server = subprocess.Popen([*command, *more], cwd=ROOT)
    wait_for(lambda: answers(free), 60)
    yield free
    server.terminate()
    server.wait(30)


class Reader(threading.Thread):
    """Reads as fast as it can; ``read`` bytes until now."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.read, self._port, self._stop_reading = 0, port, threading.Event()

    def run(self) -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/stream", timeout=60) as answer:
            while not self._stop_reading.is_set() and (said := answer.read1(1 << 20)):
                self.read += len(said)

    def stop(self) -> None:
        self._stop_reading.set()
        self.join(60)


def subscribers(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/subscribers", timeout=60) as answer:
        return int(answer.read())


def test_subscribers_who_do_not_read_are_let_go_with_their_threads_and_the_others_hear_on(port: int) -> None:
    [server] = [it for it in psutil.process_iter() if _serves(it, port) and it.children() == []]
    reader = Reader(port)
    reader.start()
    with ExitStack() as stack:
        for _ in range(2):  # together more than there are threads
            for _ in range(SLOW):
                stack.enter_context(subscribed(port, "/stream"))
            wait_for(lambda: subscribers(port) == 1, 30)
        before = reader.read
        wait_for(lambda: reader.read > before + READ, 30)
        assert reader.is_alive()
        assert server.memory_info().rss < 300 << 20
    reader.stop()


def _serves(process: psutil.Process, port: int) -> bool:
    try:
        return f"127.0.0.1:{port}" in process.cmdline()
    except psutil.Error:
        return False
