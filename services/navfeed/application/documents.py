"""The products as they are served now: kept joined in memory, so an unchanged one costs no query for its pieces."""

import gzip
import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Protocol

from services.navfeed.application.ledger import Document, Ledger
from shared.db.errors import DatabaseUnavailableError
from shared.db.turn import Turn

# How long a position is believed: so much later than the ledger may a process answer.
CHECK_S = 0.2
# So long nobody needs who asks a database that is there.
SILENT_S = 1.0


class Served:
    """A document with what HTTP wants of it, each worked out once and only when asked for."""

    def __init__(self, document: Document) -> None:
        self.data, self.seq, self.published_at = document

    @cached_property
    def tag(self) -> str:
        """The same bytes have the same tag, in every process and for life."""
        return hashlib.sha256(self.data).hexdigest()[:32]

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.data, compresslevel=6, mtime=0)


class NotYetError(Exception):
    """Nothing was published so far, and permits may still be on their way: an empty document might be a lie."""


class Beginning(Protocol):
    """What holds before the first publication."""

    def empty_since(self) -> datetime | None:
        """Since when an empty feed is the truth; None while orders may still be on their way.

        The same instant in every process. Raises ``DatabaseUnavailableError`` and ``LogUnavailableError``.
        """
        ...


class Documents:
    """Thread-safe; one per process."""

    def __init__(
        self,
        ledger: Ledger,
        beginning: Beginning,
        empty: Callable[[str, datetime], bytes],
        *,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._beginning, self._empty, self._elapsed = ledger, beginning, empty, elapsed
        self._turn = Turn(elapsed)
        self._newest: dict[str, Served] = {}
        self._position = 0
        self._checked: float | None = None

    def newest(self, product: str) -> Served:
        """What is served now. While the database is away or lets another thread wait: the last document that was.

        Raises ``NotYetError``, and ``DatabaseUnavailableError`` where there is nothing to fall back on.
        """
        known = self._newest.get(product)
        if known is not None and self._turn.held_for(SILENT_S):
            return known
        try:
            with self._turn.taken():
                known = self._newest.get(product)
                position = self._check()
                if known is None or known.seq != position:
                    known = self._newest[product] = self._read(product)
        except DatabaseUnavailableError:
            if known is None:
                raise
        return known

    def at(self, product: str, instant: datetime) -> Served | None:
        """What was served at ``instant``, in stored bytes; None before the first publication."""
        document = self._ledger.document(product, instant)
        return None if document is None else Served(document)

    def _check(self) -> int:
        now = self._elapsed()
        if self._checked is None or now - self._checked >= CHECK_S:
            position = self._ledger.position()
            self._position = position[0] if position else 0
            self._checked = now
        return self._position

    def _read(self, product: str) -> Served:
        # Asked before the ledger: what the publisher had done by then is in what is read now.
        since = None if self._position else self._beginning.empty_since()
        document = self._ledger.document(product)
        if document is not None:
            self._position = max(self._position, document.seq)
            return Served(document)
        if since is None:
            raise NotYetError(product)
        return Served(Document(self._empty(product, since), 0, since))
