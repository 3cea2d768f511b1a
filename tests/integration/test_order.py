"""Position order is commit order: a reader that only asks for what follows misses nothing, under any writers."""

import threading
import time
import uuid

from shared.db.pool import Database
from shared.events.envelope import Event
from shared.eventstore.port import Batch
from shared.eventstore.postgres import PostgresStore, append

SECONDS = 20
WRITERS = 8


def event(stream: str, version: int) -> Event:
    return Event(
        id=str(uuid.uuid4()),
        type="de.leitbake.toy.said.v1",
        stream=stream,
        version=version,
        time=0,
        recorded=0,
        data=b"{}",
    )


class Reader:
    """Follows the store by position alone, as the relay does."""

    def __init__(self, store: PostgresStore) -> None:
        self._store, self._position = store, 0
        self.seen: dict[str, int] = {}
        self.inversions = 0

    def read(self) -> int:
        found = self._store.after(self._position, 1_000)
        for stored in found:
            self._position = stored.position
            self.inversions += stored.event.version != self.seen.get(stored.event.stream, 0) + 1
            self.seen[stored.event.stream] = stored.event.version
        return len(found)


def test_eight_writers_at_full_speed_lose_nothing_and_invert_no_stream(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, writer int)")
    database = Database(database.url, database.schema, max_size=WRITERS + 3)
    stop, written, errors = threading.Event(), [0] * WRITERS, []

    def write(writer: int) -> None:
        version = 0
        try:
            while not stop.is_set():
                with database.transaction() as tx:
                    # An earlier write draws a transaction id long before the position is drawn.
                    tx.execute("INSERT INTO notes (writer) VALUES (%s)", (writer,))
                    if version % 7 == writer % 7:
                        time.sleep(0.002)
                    size = 1 + version % 3
                    stream = f"toy:{writer}"
                    append(tx, [Batch(stream, version, [event(stream, version + 1 + n) for n in range(size)])])
                version += size
                written[writer] = version
        except BaseException as error:  # noqa: BLE001  # looked at below
            errors.append(error)

    def stay_open() -> None:
        """A foreign transaction with an id of its own that never appends: it must stall nobody."""
        with database.transaction() as tx:
            tx.execute("INSERT INTO notes (writer) VALUES (-1)")
            stop.wait()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    threads.append(threading.Thread(target=stay_open))
    for thread in threads:
        thread.start()
    reader = Reader(PostgresStore(database))
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        reader.read()
    stop.set()
    for thread in threads:
        thread.join()
    while reader.read():
        pass
    database.close()
    assert errors == []
    assert reader.inversions == 0
    assert reader.seen == {f"toy:{writer}": versions for writer, versions in enumerate(written)}
    print(f"{sum(written)} events by {WRITERS} writers in {SECONDS} s, none missed")  # noqa: T201  # the figure is the point
