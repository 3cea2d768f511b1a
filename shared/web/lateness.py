"""What pages say when they show a past that nobody would expect: their worker is behind, or the log is away."""

import threading
from collections.abc import Callable, Iterable, Sequence

from shared.clock import BERLIN, MINUTE_US, SECOND_US, Clock, Micros, from_micros
from shared.db.errors import DatabaseUnavailableError
from shared.db.pool import Database
from shared.eventlog.port import LogUnavailableError, Mark, Partition, Readable
from shared.projection import generations
from shared.projection.generations import NoGenerationError

LATE_US = MINUTE_US  # as ``/readyz`` has it
AGAIN_US, AGAIN_AWAY_US = 5 * SECOND_US, 30 * SECOND_US  # a log that is away lets us wait for it each time
AWAY = "Das Ereignisprotokoll antwortet nicht: Was neu gemeldet wird, erscheint hier erst, wenn es wieder da ist."
LATE = "Die Auswertung ist im Rückstand: Was seit {} Uhr gemeldet oder geändert wurde, fehlt hier noch."

# The log time of the oldest record that waits, None where none does.
Look = Callable[[], Micros | None]


def marks_of(database: Database, log: Readable, group: str, topics: Iterable[str]) -> dict[Partition, Mark]:
    """How far a group is. Raises ``DatabaseUnavailableError`` and ``LogUnavailableError``."""
    query = "SELECT topic, part, next, time FROM offsets WHERE grp = %s"
    with database.connection() as connection:
        found = {Partition(row[0], row[1]): Mark(row[2], row[3]) for row in connection.execute(query, [group])}
    return {it: found.get(it, Mark()) for topic in topics for it in log.partitions(topic)}


def waiting_since(database: Database, log: Readable, group: str, topics: Iterable[str]) -> Micros | None:
    """Since when the oldest record waits that the group has not handled; raises the same."""
    return log.waiting_since(marks_of(database, log, group, topics))


def view_waits(database: Database, log: Readable, view: str, topics: Iterable[str]) -> Micros | None:
    """The same of the generation of a view that readers see; a view without one says so itself."""
    try:
        group = generations.live(database, view).group
    except NoGenerationError:
        return None
    return waiting_since(database, log, group, topics)


class Lateness:
    """One sentence for every page of a service, looked up every few seconds at most. Thread-safe."""

    def __init__(self, looks: Sequence[Look], clock: Clock) -> None:
        self._looks, self._clock = looks, clock
        self._looking = threading.Lock()
        self._said, self._again = "", 0

    def said(self) -> str:
        """Empty while all is well. Whoever comes while another one looks gets what was known."""
        if self._clock.now() >= self._again and self._looking.acquire(blocking=False):
            try:
                self._said = self._look()
                self._again = self._clock.now() + (AGAIN_AWAY_US if self._said == AWAY else AGAIN_US)
            finally:
                self._looking.release()
        return self._said

    def _look(self) -> str:
        now = self._clock.now()
        try:
            oldest = min([since for look in self._looks if (since := look()) is not None], default=now)
        except LogUnavailableError:
            return AWAY
        except DatabaseUnavailableError:
            return ""  # the page says so, if it needs it
        return late(oldest, now) if now - oldest > LATE_US else ""


def late(since: Micros, now: Micros) -> str:
    """From which time on things are missing."""
    local, today = from_micros(since).astimezone(BERLIN), from_micros(now).astimezone(BERLIN)
    day = "" if local.date() == today.date() else f"{local.day}.{local.month}.{local.year}, "
    return LATE.format(f"{day}{local:%H:%M}")


class Behind:
    """How old the state is that a consumer has made, for pages that show its time. Thread-safe, one per process."""

    def __init__(self, look: Look, clock: Clock) -> None:
        self._since, self._clock = look, clock
        self._looking = threading.Lock()
        self._again, self._as_of = 0, clock.now()

    def seconds(self) -> float:
        """0 where nothing waits; grows while the database or the log is away. Looks every few seconds at most."""
        if self._clock.now() >= self._again and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return max(0.0, (self._clock.now() - self._as_of) / SECOND_US)

    def _look(self) -> None:
        now, pause = self._clock.now(), AGAIN_US
        try:
            since = self._since()
            self._as_of = now if since is None else min(since, now)
        except (DatabaseUnavailableError, LogUnavailableError):
            pause = AGAIN_AWAY_US  # no newer than it was
        self._again = self._clock.now() + pause
