"""What a light says: errors of its place, of its radio and of its memory, all by seed.

Errors between houses persist (neighbouring fixes err together), so the place errs by a slow random walk around zero,
beside white noise. Shares and figures stand in ``Signal``.
"""

from math import cos, exp, hypot, pi, radians, sin, sqrt
from random import Random
from typing import NamedTuple

from services.suite.simulate.layout import METRES_PER_DEGREE
from services.suite.simulate.scenario import Light, Signal
from services.suite.simulate.track import Now
from shared.clock import MINUTE_US, SECOND_US, Micros, rfc3339

RADIUS_OF_AXIS = 1.51  # 68 % radius of a round normal error, from its standard deviation per axis
DRAIN_PCT_PER_DAY = 2.0
DAY_S = 86_400.0

Fix = tuple[str, float, float]  # its time, lon, lat


class Sent(NamedTuple):
    """A message as the door got it at ``received``; ``item`` is the device's own JSON, without ``received_time``."""

    received: Micros
    device_id: str
    item: bytes

    @property
    def line(self) -> bytes:
        """As a recording keeps it."""
        return b'{"received_time":"%s",%s' % (rfc3339(self.received).encode(), self.item[1:])


class Voice:
    """One light's messages; to be asked in the order of time."""

    def __init__(self, light: Light, signal: Signal, seed: int) -> None:
        self._rng = rng = Random(f"{seed}|{light.device_id}")  # noqa: S311  # draws noise, guards nothing
        factor = rng.uniform(0.6, 1.6)
        self._signal, self._name = signal, light.device_id
        self._drift_m, self._white_m = signal.drift_m * factor, signal.white_m * factor
        self._radius_m = RADIUS_OF_AXIS * hypot(self._drift_m, self._white_m)
        self._east, self._north = rng.gauss(0, self._drift_m), rng.gauss(0, self._drift_m)
        self._battery = rng.uniform(45, 100)
        self._sequence = rng.randrange(2000)
        self._spoke: Micros | None = None
        self._fix: Fix | None = None

    def phase(self) -> Micros:
        """When it speaks first, counted from the beginning: lights do not speak in chorus."""
        return round(self._rng.uniform(0, self._signal.interval_s) * SECOND_US)

    def wait(self) -> Micros:
        """Until it speaks again."""
        signal = self._signal
        return round((signal.interval_s + self._rng.uniform(-signal.jitter_s, signal.jitter_s)) * SECOND_US)

    def say(self, at: Micros, now: Now) -> list[tuple[Micros, bytes]]:
        """Messages of a light that is there at ``at``: how long each is on its way, and its bytes."""
        signal, rng = self._signal, self._rng
        self._pass(at)
        self._sequence += 1
        item = self._item(at, now)
        if rng.random() < signal.lost:
            return []
        way = round(rng.expovariate(0.5) * 1000) * 1000
        if rng.random() < signal.late:
            way += rng.randrange(MINUTE_US, 30 * MINUTE_US, 1000)
        said = [(way, item)]
        if rng.random() < signal.twice:
            said.append((way + rng.randrange(200_000, 3 * SECOND_US, 1000), item))
        return said

    def _pass(self, at: Micros) -> None:
        """Let the errors drift and the battery run down since it last spoke."""
        seconds = 0.0 if self._spoke is None else (at - self._spoke) / SECOND_US
        self._spoke = at
        kept = exp(-seconds / self._signal.drift_s)
        fresh = self._drift_m * sqrt(1 - kept * kept)
        self._east = kept * self._east + self._rng.gauss(0, fresh)
        self._north = kept * self._north + self._rng.gauss(0, fresh)
        self._battery = max(30.0, self._battery - DRAIN_PCT_PER_DAY * seconds / DAY_S)

    def _item(self, at: Micros, now: Now) -> bytes:
        rng, signal, leg = self._rng, self._signal, now.leg
        event = at - at % SECOND_US
        draw = rng.random()
        kind, fix = "ok", self._fix
        if draw < signal.failed:
            kind, fix = "failed", None
        elif fix is not None and draw < signal.failed + signal.cached:
            kind = "cached"
        else:
            fix = self._fix = self._fixed(event - rng.randrange(3) * SECOND_US, now)
        battery = leg.battery_pct if leg.battery_pct is not None else int(self._battery)
        return (
            f'{{"device_id":"{self._name}","event_time":"{rfc3339(event)}",{self._place(kind, fix)}'
            f'"fix":"{kind}","sequence":{self._sequence},"moving":{_bool(leg.moving)},'
            f'"fallen":{_bool(leg.fallen)},"lamp":"{leg.lamp}","battery_pct":{battery}}}'
        ).encode()

    def _place(self, kind: str, fix: Fix | None) -> str:
        if fix is None:
            return ""
        said = f'"fix_time":"{fix[0]}","lon":{fix[1]:.7f},"lat":{fix[2]:.7f},'
        if kind != "ok":
            return said
        accuracy = self._radius_m * exp(self._rng.gauss(0, 0.25))
        satellites = self._rng.randrange(6, 14)
        return f'{said}"accuracy_m":{accuracy:.1f},"satellites":{satellites},"hdop":{9 / satellites:.1f},'

    def _fixed(self, time: Micros, now: Now) -> Fix:
        rng = self._rng
        east, north = self._east + rng.gauss(0, self._white_m), self._north + rng.gauss(0, self._white_m)
        if rng.random() < self._signal.outlier:
            far, whither = rng.uniform(40, 160), rng.uniform(0, 2 * pi)
            east, north = east + far * cos(whither), north + far * sin(whither)
        lat = now.lat + north / METRES_PER_DEGREE
        return rfc3339(time), now.lon + east / (METRES_PER_DEGREE * cos(radians(now.lat))), lat


def _bool(value: bool) -> str:  # noqa: FBT001  # it is what is written
    return "true" if value else "false"
