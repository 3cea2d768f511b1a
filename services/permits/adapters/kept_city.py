"""The city that ``leitbake roads import`` left in the data folder, as a street register."""

import threading
from pathlib import Path

from services.permits.application.streets import StreetRegister
from shared.geo import citymap

FILE = Path("map", "city.json")


class KeptCity:
    """Called, gives the register of the city; built at the first call, anew once another city was imported.

    Thread-safe. Raises ``UnreadableCityError``.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path, self._lock = data_dir / FILE, threading.Lock()
        self._built: tuple[int, StreetRegister] | None = None

    def __call__(self) -> StreetRegister | None:
        """None where no city was imported."""
        with self._lock:
            try:
                made = self._path.stat().st_mtime_ns
            except FileNotFoundError:
                return None
            if self._built is None or self._built[0] != made:
                self._built = made, StreetRegister(citymap.load(self._path))
            return self._built[1]
