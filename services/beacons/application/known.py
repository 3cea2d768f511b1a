"""Which devices the ping door knows: the registry in memory, kept up to date by what changed, the store on a miss."""

import time
from collections.abc import Callable, Collection

from services.beacons.application.reads import FleetReads
from shared.db.turn import Turn

# How old the memory may be: a device that retired may speak this much longer.
REFRESH_S = 0.5


class KnownDevices:
    """Thread-safe; one per process. The first call reads all, later ones what changed."""

    def __init__(self, reads: FleetReads, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._reads, self._elapsed = reads, elapsed
        self._turn = Turn(elapsed)
        self._devices: set[str] = set()
        self._position = 0
        self._read: float | None = None

    def among(self, device_ids: Collection[str]) -> Collection[str]:
        """Those of ``device_ids`` that are registered, a device as soon as its registration was answered.

        One query for all that memory does not know. Raises as ``FleetReads`` does.
        """
        with self._turn.taken():
            if self._read is None or self._elapsed() - self._read >= REFRESH_S:
                self._refresh()
                self._read = self._elapsed()
            known = self._devices
        found = {device_id for device_id in device_ids if device_id in known}
        missing = [device_id for device_id in device_ids if device_id not in found]
        return found | self._reads.entered(missing) if missing else found

    def _refresh(self) -> None:
        anew, changes = self._reads.registered(self._position)
        # Another thread may be asking the old set: it is replaced, never emptied.
        devices = set() if anew else self._devices
        for device_id, registered, position in changes:
            (devices.add if registered else devices.discard)(device_id)
            self._position = position
        self._devices = devices
