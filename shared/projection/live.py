"""Keeping a view's live generation up to date in a worker, and rebuilding it beside."""

from collections.abc import Callable

from shared.db.pool import Database
from shared.eventlog.port import Readable
from shared.projection import generations
from shared.projection.books_postgres import PostgresBooks
from shared.projection.generations import Generation, NoGenerationError
from shared.projection.protocols import View
from shared.projection.view import ViewRunner


def ensure(database: Database, view: View) -> Generation:
    """The live generation; the first one is made if there is none."""
    try:
        return generations.live(database, view.name)
    except NoGenerationError:
        return generations.create(database, view, live=True)


class LiveView:
    """Steps the live generation, and follows the pointer when a rebuild switches it.

    Where the live one is of another version of the view than this code's, it is left as it is: one of ours is built
    beside it, and becomes the live one when it has caught up.
    """

    def __init__(self, view: View, log: Readable, database: Database) -> None:
        self._view, self._log, self._database = view, log, database
        self._runner: ViewRunner | None = None
        self._generation: Generation | None = None

    def step(self) -> bool:
        live = ensure(self._database, self._view)
        ours = live if live.version == self._view.version else generations.newest(self._database, self._view)
        if self._runner is None or ours != self._generation:
            self.close()
            self._runner = ViewRunner(self._view, ours, self._log, PostgresBooks(self._database))
            self._generation = ours
        moved = self._runner.step()
        # Another worker may have the seats: then that one switches.
        if ours != live and self._runner.places and self._runner.lag() == 0:
            generations.switch(self._database, ours)
        return moved

    def close(self) -> None:
        if self._runner is not None:
            self._runner.close()
            self._runner = None


def rebuild(view: View, log: Readable, database: Database, progress: Callable[[int], None]) -> Generation:
    """Build a new generation from the first record on while the live one goes on, then switch.

    ``progress`` is told how many records lie ahead. The old generation's tables stay until ``drop_older``.
    """
    generation = generations.create(database, view)
    runner = ViewRunner(view, generation, log, PostgresBooks(database))
    try:
        runner.step()
        while (lag := runner.lag()) > 0:
            progress(lag)
            runner.step()
        generations.switch(database, generation)
    finally:
        runner.close()
    progress(0)
    return generation


def applied(database: Database, view: str, topic: str) -> int:
    """The next offset that the live generation will apply of a topic with one partition: what readers see is before."""
    group = generations.live(database, view).group
    with database.connection() as connection:
        row = connection.execute("SELECT next FROM offsets WHERE grp = %s AND topic = %s", (group, topic)).fetchone()
    return int(row[0]) if row else 0
