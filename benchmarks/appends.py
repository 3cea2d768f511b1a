"""Appends of one event, a commit each: beside plain psycopg commits of the same row, and ``eventsourcing`` 9.5.

With one writer and with four; plain commits as a transaction of three calls, and as one statement by itself. The order
of positions is bought with a lock (``shared.eventstore.postgres``): the ratio is its price.
"""

import uuid

from benchmarks import peers
from benchmarks.parts import embedded, rate
from shared.db.pool import Database
from shared.events.envelope import Event
from shared.eventstore.port import Batch
from shared.eventstore.postgres import PostgresStore

SECONDS = 5.0
DATA = b'{"street":"Parkstra\xc3\x9fe","direction":"both","measure":"road_closed","residual_width_m":3.0}'
PLAIN = """
INSERT INTO plain (stream, version, id, type, time, recorded, data, correlation, causation)
VALUES (%s, %s, %s, %s, %s, %s, %s, '', '')
"""


def event(stream: str, version: int) -> Event:
    return Event(
        id=str(uuid.uuid4()),
        type="de.leitbake.bench.v1",
        stream=stream,
        version=version,
        time=version,
        recorded=version,
        data=DATA,
    )


def main() -> None:
    with embedded() as url:
        database = Database(url, "permits", max_size=6)
        with database.connection() as connection:
            connection.execute("CREATE TABLE plain (LIKE events INCLUDING ALL)")
        store = PostgresStore(database)

        def plain(writer: int, turn: int) -> None:
            one = event(f"bench:{writer}", turn + 1)
            with database.transaction() as tx:
                tx.execute(PLAIN, (one.stream, one.version, one.id, one.type, one.time, one.recorded, one.data))

        def at_once(writer: int, turn: int) -> None:
            one = event(f"bench:{writer}", turn + 1)
            with database.connection() as connection:
                connection.execute(PLAIN, (one.stream, one.version, one.id, one.type, one.time, one.recorded, one.data))

        def ours(writer: int, turn: int) -> None:
            stream = f"bench:{writers}-{writer}"
            store.append([Batch(stream, turn, [event(stream, turn + 1)])])

        for writers in (1, 4):
            reached = rate(writers, SECONDS, ours)
            print(f"{writers} writer(s): appends {reached:,.0f}/s")
            for name, work in (("BEGIN, INSERT, COMMIT", plain), ("a lone INSERT", at_once)):
                with database.connection() as connection:
                    connection.execute("TRUNCATE plain")
                limit = rate(writers, SECONDS, work)
                print(f"{'':<13}plain commits, {name} {limit:,.0f}/s; appends = {reached / limit:.2f} x")
            if peer := peers.run("appends", url, str(writers), str(SECONDS)):
                print(f"{'':<13}eventsourcing 9.5 {peer['rate']:,.0f}/s; appends = {reached / peer['rate']:.2f} x")
        database.close()


if __name__ == "__main__":
    main()
