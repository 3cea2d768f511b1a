"""One question to the database for all who want to know the same.

A server that says nothing costs whoever asks seconds (``patience``). Those who wait for their turn meanwhile shall not
pay them one after another.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.db.errors import DatabaseUnavailableError


class Turn:
    """Thread-safe."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._failed: float | None = None

    @property
    def busy(self) -> bool:
        """Whether somebody asks right now."""
        return self._lock.locked()

    def failed_within(self, seconds: float) -> bool:
        return self._failed is not None and self._elapsed() - self._failed < seconds

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises ``DatabaseUnavailableError``, at once for those who came before the database was found to be away."""
        came = self._elapsed()
        with self._lock:
            if self._failed is not None and came < self._failed:
                raise DatabaseUnavailableError("it was away for whoever asked meanwhile")
            try:
                yield
            except DatabaseUnavailableError:
                self._failed = self._elapsed()
                raise
