"""What the feed's doors stand on: built once per process by the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.navfeed.application.documents import Documents
from services.navfeed.application.ledger import Entry, Ledger
from shared.clock import Clock
from shared.web.sse import Hub, Item


@dataclass(frozen=True)
class Feed:
    """``basemap``: where the imported city's tiles lie, if a city was imported."""

    ledger: Ledger
    documents: Documents
    hub: Hub
    clock: Clock
    basemap: Path


class LedgerSource:
    """Changes of the ledger for the stream."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def newest(self) -> int:
        position = self._ledger.position()
        return position[0] if position else 0

    def after(self, position: int, limit: int) -> Sequence[Item]:
        return [item(entry) for entry in self._ledger.changes(position, limit)]


def item(entry: Entry) -> Item:
    return Item(entry.seq, f"measure.{entry.change}", entry.data)
