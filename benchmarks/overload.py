"""Five times what a country sends (5 x 16,700 pings/s) offered to the door for five minutes, on Kafka.

The door takes what it can, everything else waits at the senders: back-pressure. Meanwhile the memory of door and worker
must not grow without bound; afterwards the lag must go to nothing, and every acknowledged ping must be on the log.
"""

import sys
import threading
import time

import psutil

from benchmarks.door import CLIENTS, EACH, LIGHTS
from benchmarks.parts import fleet
from benchmarks.suite import Client, Suite, register, running
from services.beacons.domain.light import LightsStage
from shared.clock import WallClock
from shared.contracts.topics import PINGS
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog
from shared.settings import Settings

OFFERED = 5 * 16_700
SECONDS = 300.0
CATCH_UP_S = 900.0


def memory() -> dict[str, int]:
    """MiB of our children by what they run."""
    found: dict[str, int] = {}
    for child in psutil.Process().children(recursive=True):
        words = " ".join(child.cmdline())
        name = "door" if "gunicorn" in words else "worker" if words.endswith(" work") else ""
        if name:
            found[name] = max(found.get(name, 0), child.memory_info().rss >> 20)
    return found


def offer(suite: Suite, key: str, bodies: list[bytes], seconds: float) -> tuple[int, dict[str, int]]:
    """Acknowledged pings, and the most memory seen."""
    stop, done, most = threading.Event(), [0] * CLIENTS, memory()

    def client(number: int) -> None:
        door, turn, began = Client(suite, key), number, time.monotonic()
        while not stop.is_set():
            door.send([bodies[turn % len(bodies)]])
            done[number] += EACH
            turn += CLIENTS
            time.sleep(max(0.0, began + done[number] * CLIENTS / OFFERED - time.monotonic()))

    threads = [threading.Thread(target=client, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(2)
        most = {name: max(size, most.get(name, 0)) for name, size in memory().items()}
    stop.set()
    for thread in threads:
        thread.join()
    return sum(done), most


def lag(log: EventLog, database: Database) -> int:
    with database.connection() as connection:
        query = "SELECT coalesce(sum(next), 0) FROM offsets WHERE grp = %s"
        row = connection.execute(query, (LightsStage.group,)).fetchone()
    return sum(log.ends(PINGS.name).values()) - int(row[0] if row else 0)


def main(seconds: float) -> None:
    items = [item for _, item in fleet(LIGHTS, 20)]
    bodies = [b"\n".join(items[first : first + EACH]) for first in range(0, len(items), EACH)]
    with running(kafka=True) as suite:
        key = suite.key("fleet")
        register(suite, key, [f"LT-{number:07}" for number in range(LIGHTS)])
        log = open_log(suite.url, WallClock(), Settings(kafka_bootstrap=suite.kafka))
        database = Database(suite.url, "beacons")
        before = memory()
        acknowledged, most = offer(suite, key, bodies, seconds)
        behind, began = lag(log, database), time.monotonic()
        while lag(log, database) > 0 and time.monotonic() - began < CATCH_UP_S:
            time.sleep(0.5)
        took, there = time.monotonic() - began, sum(log.ends(PINGS.name).values())
        print(f"offered {OFFERED:,}/s for {seconds:.0f} s; taken {acknowledged / seconds:,.0f}/s")
        print(f"memory before {before} MiB, most {most} MiB, at the end {memory()} MiB")
        print(f"lag {behind:,} pings, gone {took:.0f} s later; left {lag(log, database):,}")
        lost = max(0, acknowledged - there)
        print(f"acknowledged {acknowledged:,}, on the log {there:,} with ticks: {lost:,} lost")
        log.close()
        database.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
