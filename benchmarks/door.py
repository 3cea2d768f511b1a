"""The ping door: NDJSON of 500 pings a request over four connections, beside Flask that answers 202 to the same bytes.

Both under the same gunicorn settings on this machine; the door validates every ping and answers when the log has it.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from flask import Flask, request

from benchmarks.parts import fleet
from benchmarks.suite import register, running
from deploy.kafka.broker import answers, free_port

LIGHTS = 3_000
EACH = 500
CLIENTS = 4
SECONDS = 8.0
WARM_S = 1.0


def load(origin: str, key: str, bodies: Callable[[int], bytes]) -> float:
    """Acknowledged pings per second."""
    address = origin.removeprefix("http://")
    stop, done = threading.Event(), [0] * CLIENTS
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}

    def client(number: int) -> None:
        connection, turn = HTTPConnection(address, timeout=60), number
        while not stop.is_set():
            connection.request("POST", "/beacons/api/v1/pings", bodies(turn), headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 202 or b'"rejected":[{' in body:
                raise RuntimeError(f"{answer.status} {body[:200]!r}")
            done[number] += EACH
            turn += CLIENTS
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client, number) for number in range(CLIENTS)]
        time.sleep(WARM_S)
        before, began = sum(done), time.perf_counter()
        time.sleep(SECONDS)
        after, took = sum(done), time.perf_counter() - began
        stop.set()
        for one in clients:
            one.result()
    return (after - before) / took


def empty_flask(bodies: Callable[[int], bytes]) -> float:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config=python:deploy.gunicorn_conf", f"--bind=127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "benchmarks.door:empty()"], stderr=subprocess.DEVNULL)
    try:
        while not answers(port):
            time.sleep(0.1)
        return load(f"http://127.0.0.1:{port}", "", bodies)
    finally:
        process.terminate()
        process.wait(30)


def empty() -> Flask:
    """Flask without work, for gunicorn."""
    app = Flask("empty")

    @app.post("/beacons/api/v1/pings")
    def pings() -> tuple[dict[str, int], int]:
        return {"accepted": len(request.get_data())}, 202

    return app


def main() -> None:
    items = [item for _, item in fleet(LIGHTS, 20)]
    ready = [b"\n".join(items[first : first + EACH]) for first in range(0, len(items), EACH)]

    def bodies(turn: int) -> bytes:
        return ready[turn % len(ready)]

    flask = empty_flask(bodies)
    print(f"Flask answering 202 without work: {flask:,.0f} pings/s ({EACH} a request)")
    for kafka in (False, True):
        with running(kafka=kafka) as suite:
            key = suite.key("fleet")
            register(suite, key, [f"LT-{number:07}" for number in range(LIGHTS)])
            rate = load(suite.origin, key, bodies)
        print(f"door, log on {'Kafka' if kafka else 'PostgreSQL'}: {rate:,.0f} pings/s = {rate / flask:.2f} x")


if __name__ == "__main__":
    main()
