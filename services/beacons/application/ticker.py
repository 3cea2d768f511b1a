"""While the ping door of this process is open, every partition of pings gets a tick per slot of 30 s.

Several processes write the same ticks; a partition counts distinct slots. A slot that the log missed stays missed:
whoever is silent is silent by ticks, so that no outage of ours looks like one of theirs.
"""

import atexit
import os
import threading
from collections.abc import Callable

import structlog

from services.beacons.application.door import ticks
from shared.clock import Clock
from shared.db.errors import DatabaseUnavailableError
from shared.db.patience import be_patient
from shared.eventlog.port import EventLog, LogUnavailableError

logger = structlog.get_logger()

LOOK_S = 1.0
PATIENCE_S = 5.0  # for what is done beside: a slot of 30 s must not be missed for it


class Ticker:
    """``start`` may be called as often as wanted, also after a fork; there is one thread per process.

    ``beside`` is called after each look, and must not take longer than a slot.
    """

    def __init__(
        self, log: EventLog, clock: Clock, beside: Callable[[], None] = lambda: None, *, look_s: float = LOOK_S
    ) -> None:
        self._log, self._clock, self._beside, self._look_s = log, clock, beside, look_s
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._process = 0

    def start(self) -> None:
        if self._thread is not None and self._process == os.getpid() and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or self._process != os.getpid() or not self._thread.is_alive():
                self._stop = threading.Event()
                self._process = os.getpid()
                self._thread = threading.Thread(target=self._run, args=(self._stop,), name="ticker", daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def stop(self) -> None:
        """The door is closed: no tick comes after this returned."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._stop.set()
        if thread is not None and self._process == os.getpid():
            thread.join()
        atexit.unregister(self.stop)

    def _run(self, stop: threading.Event) -> None:
        be_patient(PATIENCE_S)
        done = -1
        while not stop.is_set():
            done = self._tick(done)
            self._beside()
            stop.wait(self._look_s)

    def _tick(self, done: int) -> int:
        """Write the ticks of the present slot unless it was ``done``; returns the slot."""
        try:
            slot, messages = ticks(self._log, self._clock.now())
            if slot != done:
                self._log.send(messages)
        except (LogUnavailableError, DatabaseUnavailableError) as error:
            logger.warning("slot_missed", reason=str(error))
            return done
        return slot
