"""Rate limits in memory, per process: the generic cell rate algorithm, one integer per key or address."""

import ipaddress
import math
import threading
from typing import NamedTuple

from shared.clock import SECOND_US, Clock, Micros

SWEEP_AT = 10_000


class Rate(NamedTuple):
    """``per_s`` requests sustained, ``burst`` at once."""

    per_s: float
    burst: int


class Taken(NamedTuple):
    """``wait_s`` is 0 where the request may pass, else whole seconds until one may."""

    wait_s: int
    remaining: int


class Buckets:
    """A bucket per subject, full at first. Thread-safe; buckets that are full again are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._full_at: dict[str, Micros] = {}
        self._sweep_at = SWEEP_AT

    def take(self, subject: str, rate: Rate) -> Taken:
        """Take one token; a refused request costs nothing."""
        interval = max(1, round(SECOND_US / rate.per_s))
        now = self._clock.now()
        with self._lock:
            self._sweep(now)
            full_at = max(self._full_at.get(subject, now), now) + interval
            left = rate.burst * interval - (full_at - now)
            if left < 0:
                return Taken(math.ceil(-left / SECOND_US), 0)
            self._full_at[subject] = full_at
        return Taken(0, left // interval)

    def _sweep(self, now: Micros) -> None:
        """Now and then, so that a flood of addresses costs neither memory nor a sweep per request."""
        if len(self._full_at) >= self._sweep_at:
            self._full_at = {subject: full_at for subject, full_at in self._full_at.items() if full_at > now}
            self._sweep_at = max(SWEEP_AT, 2 * len(self._full_at))


def subject_of(address: str | None) -> str:
    """An IPv6 network of 64 bits counts as one: its holder has 2^64 addresses."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "ip:unknown"
    if parsed.version == 6:
        return f"ip:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"ip:{parsed}"
