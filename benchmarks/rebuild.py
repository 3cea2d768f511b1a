"""Relay, views and rebuild: events per second beside reading them and doing nothing.

The relay brings a store's events to each log. A rebuild folds the fleet's events (where 3,000 lights stand, again and
again) into a new generation of its view; ``feed`` decides all sites and publications again, as ``feed verify`` does.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks import peers
from benchmarks.parts import Parts, Took, parts, tell, timed
from services.beacons.application.fleet import FleetView
from shared.clock import SECOND_US, WallClock
from shared.contracts.devices import LightRefined, Stand
from shared.contracts.topics import DEVICES, TOPICS
from shared.db.pool import Database
from shared.eventlog.opening import SCHEMA
from shared.eventlog.port import EventLog, Mark, Message
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.relay import Relay
from shared.events.codec import follow_up
from shared.events.envelope import Event
from shared.eventstore.port import Batch
from shared.eventstore.postgres import PostgresStore
from shared.projection import generations
from shared.projection.books_postgres import PostgresBooks
from shared.projection.view import ViewRunner

EVENTS = 150_000
LIGHTS = 3_000
BATCH = 5_000
READ = 20_000


def said(number: int) -> Event:
    """The light's place, sharpened once more."""
    light, version = number % LIGHTS, number // LIGHTS + 1
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=number / 10)
    stand = Stand(lon=8.2 + light / 1e5, lat=49.9, sigma_m=2.4, since=at, observed_at=at, fixes=version)
    return follow_up(
        LightRefined(device_id=f"LT-{light:05}", stand=stand, lamp="on"),
        decider="bench",
        stream=f"light:LT-{light:05}",
        version=version,
        decided=1_772_431_200 * SECOND_US + number * 100_000,
        cause=None,
    )


def store_all(store: PostgresStore) -> None:
    for first in range(0, EVENTS, BATCH):
        events = [said(number) for number in range(first, min(first + BATCH, EVENTS))]
        streams: dict[str, list[Event]] = {}
        for event in events:
            streams.setdefault(event.stream, []).append(event)
        store.append([Batch(stream, some[0].version - 1, some) for stream, some in streams.items()])


def relayed(database: Database, store: PostgresStore, log: EventLog) -> Took:
    with database.connection() as connection:
        connection.execute("DELETE FROM cursors")
    relay = Relay(database, store, log, lambda event: Message(DEVICES.name, event), name="bench")
    took = timed(lambda: _drain(relay.step))
    relay.close()
    return took


def only_read(log: EventLog) -> Took:
    [partition] = log.partitions(DEVICES.name)

    def loop() -> None:
        mark, seen = Mark(), 0
        while seen < EVENTS:
            for chunk in log.read({partition: mark}, READ):
                seen, mark = seen + len(chunk.records), chunk.mark

    return timed(loop)


def rebuilt(database: Database, log: EventLog) -> Took:
    view = FleetView()
    runner = ViewRunner(view, generations.create(database, view), log, PostgresBooks(database), limit=READ)
    took = timed(lambda: _drain(runner.step))
    runner.close()
    return took


def _drain(step: Callable[[], object]) -> None:
    idle = 0
    while idle < 2:
        idle = 0 if step() else idle + 1


def main() -> None:
    with parts() as there:
        database = Database(there.url, "beacons")
        store = PostgresStore(database)
        store_all(store)
        tell("store: read in position order", EVENTS, timed(lambda: _read_store(store)))
        if peer := peers.run("reading", there.url):
            print(f"{'eventsourcing 9.5: read in position order':<58}{peer['rate']:>12,.0f} /s")
        for name, log in _logs(there):
            print(f"\n{name}")
            tell("relay: store to log", EVENTS, relayed(database, store, log))
            read = only_read(log)
            tell("log: read", EVENTS, read)
            tell("rebuild of the fleet's view", EVENTS, rebuilt(database, log), read)
            log.close()
        database.close()


def _logs(there: Parts) -> list[tuple[str, EventLog]]:
    embedded = PostgresLog(Database(there.url, SCHEMA), WallClock())
    embedded.ensure(TOPICS)
    return [("log in PostgreSQL", embedded), ("Kafka", there.log())]


def _read_store(store: PostgresStore) -> None:
    position = 0
    while found := store.after(position, READ):
        position = found[-1].position


if __name__ == "__main__":
    main()
