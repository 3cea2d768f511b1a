"""Which devices the ping door knows: the registry in memory, kept up to date by what changed."""

import threading
import time
from collections.abc import Callable

from services.beacons.application.reads import FleetReads

# How old the knowledge may be: a device may speak this long after it entered the view.
REFRESH_S = 0.5


class KnownDevices:
    """Thread-safe; one per process. The first call reads all, later ones what changed."""

    def __init__(self, reads: FleetReads, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._reads, self._elapsed = reads, elapsed
        self._lock = threading.Lock()
        self._devices: set[str] = set()
        self._position = 0
        self._read: float | None = None

    def now(self) -> Callable[[str], bool]:
        """Whether a device is registered, as of half a second ago at most; raises as ``FleetReads`` does."""
        with self._lock:
            if self._read is None or self._elapsed() - self._read >= REFRESH_S:
                self._refresh()
                self._read = self._elapsed()
            return self._devices.__contains__

    def _refresh(self) -> None:
        anew, changes = self._reads.registered(self._position)
        # Another thread may be asking the old set: it is replaced, never emptied.
        devices = set() if anew else self._devices
        for device_id, registered, position in changes:
            (devices.add if registered else devices.discard)(device_id)
            self._position = position
        self._devices = devices
