"""What the feed's doors stand on: built once per process by the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.navfeed.application.documents import Documents
from services.navfeed.application.ledger import Entry, Ledger
from shared.clock import Clock
from shared.web.sse import Hub, Item


@dataclass(frozen=True)
class Feed:
    """``basemap``, ``city``: where the imported city's tiles and its streets lie, if a city was imported.

    ``behind_s``: how many seconds ago the oldest was said that is not in the documents yet; 0 where nothing waits.
    """

    ledger: Ledger
    documents: Documents
    hub: Hub
    clock: Clock
    behind_s: Callable[[], float]
    basemap: Path
    city: Path

    def began(self) -> datetime | None:
        """When something was published for the first time."""
        first = self.ledger.changes(0, 1)
        return self.ledger.history(first[0].id)[0][1] if first else None


class LedgerSource:
    """Changes of the ledger for a stream; ``data`` says what is sent of one that is no removal."""

    def __init__(self, ledger: Ledger, data: Callable[[Entry], bytes] | None = None) -> None:
        self._ledger, self._data = ledger, data

    def newest(self) -> int:
        position = self._ledger.position()
        return position[0] if position else 0

    def after(self, position: int, limit: int) -> Sequence[Item]:
        return [item(self._told(entry)) for entry in self._ledger.changes(position, limit)]

    def _told(self, entry: Entry) -> Entry:
        if self._data is None or entry.change == "removed":
            return entry
        return entry._replace(data=self._data(entry))


def item(entry: Entry) -> Item:
    return Item(entry.seq, f"measure.{entry.change}", entry.data)
