"""What holds before the first publication: whether the publisher has seen all that was ordered."""

from datetime import datetime

from services.navfeed.domain.publisher import Publisher
from shared.db.pool import Database
from shared.eventlog.port import Readable

SQL_BEHIND = "SELECT topic, part, next FROM offsets WHERE grp = %s"


class LogBeginning:
    """``Beginning`` by the publisher's offsets: it writes the ledger in the same commit as these."""

    def __init__(self, database: Database, log: Readable) -> None:
        self._database, self._log = database, log

    def empty_since(self) -> datetime | None:
        ends = {place: end for topic in Publisher.topics for place, end in self._log.ends(topic).items()}
        with self._database.connection() as connection:
            read = {(row[0], row[1]): row[2] for row in connection.execute(SQL_BEHIND, (Publisher.group,))}
            if any(read.get((place.topic, place.number), 0) < end for place, end in ends.items()):
                return None
            # No clock: every process must answer with the same bytes.
            row = connection.execute("SELECT min(applied_at) FROM migrations").fetchone()
        return row[0] if row else None
