"""``eventsourcing`` 9.5 on the same PostgreSQL, one event a commit: ``appends.py URL WRITERS SECONDS``."""

import json
import os
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Works(Aggregate):
    """The smallest aggregate there is."""

    @event("Noted")
    def note(self, text: str) -> None:
        self.text = text


def environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.strip("/") or "postgres",
        "POSTGRES_HOST": parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0],
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": parts.username or "postgres",
        "POSTGRES_PASSWORD": parts.password or "unused",
        "POSTGRES_POOL_SIZE": "6",
        "POSTGRES_SCHEMA": "public",
    }


def main(url: str, writers: int, seconds: float) -> None:
    os.environ.update(environment(url))
    app: Application = Application()
    stop, done = threading.Event(), [0] * writers

    def loop(writer: int) -> None:
        works = Works()
        while not stop.is_set():
            works.note("Parkstraße, road_closed, both")
            app.save(works)
            done[writer] += 1

    threads = [threading.Thread(target=loop, args=[writer]) for writer in range(writers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"rate": sum(done) / (time.perf_counter() - began)}))
    app.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
