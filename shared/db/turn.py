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
        self._began: float | None = None
        self._failed: float | None = None

    def held_for(self, seconds: float) -> bool:
        """Whether somebody has been asking for so long and has no answer."""
        began = self._began
        return began is not None and self._elapsed() - began >= seconds

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises ``DatabaseUnavailableError``, at once for those who came before the database was found to be away."""
        came = self._elapsed()
        with self._lock:
            if self._failed is not None and came < self._failed:
                raise DatabaseUnavailableError("it was away for whoever asked meanwhile")
            self._began = self._elapsed()
            try:
                yield
                self._failed = None
            except DatabaseUnavailableError:
                self._failed = self._elapsed()
                raise
            finally:
                self._began = None
