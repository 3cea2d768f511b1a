"""Makes pings and drives the stage of lights by hand, as its runner would."""

from collections.abc import Iterable
from datetime import timedelta
from math import cos, radians
from typing import Any, TypeVar

import msgspec

from services.beacons.domain.light import LightsStage, LightState
from shared.clock import MINUTE_US, Micros, from_micros, to_micros
from shared.contracts.base import Contract
from shared.contracts.pings import TICK_SECONDS, Ping
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.projection.protocols import Moment, Quarantine

T0: Micros = 1_771_924_800_000_000  # 2026-02-24T09:20:00Z
LON, LAT = 8.2700, 50.0000
PayloadT = TypeVar("PayloadT")


def shifted(east_m: float, north_m: float) -> tuple[float, float]:
    """Degrees so many metres away from the origin of the tests."""
    return LON + east_m / (111_320 * cos(radians(LAT))), LAT + north_m / 111_229


def ping(minute: float, east_m: float = 0.0, north_m: float = 0.0, **members: Any) -> Ping:
    lon, lat = shifted(east_m, north_m)
    known: dict[str, Any] = {"device_id": "LT-1", "lon": lon, "lat": lat, "accuracy_m": 6.0} | members
    return Ping(event_time=from_micros(T0 + round(minute * MINUTE_US)), **known)


def event_of(said: Ping) -> Event:
    time = to_micros(said.event_time)
    return Event(
        id=f"{said.device_id}@{time}",
        type=Ping.TYPE,
        stream=f"ping:{said.device_id}",
        version=0,
        time=time,
        recorded=time,
        data=encode(said),
    )


class Light:
    """One light and all that the stage said of it."""

    def __init__(self, stage: LightsStage | None = None) -> None:
        self.stage = stage or LightsStage()
        self.state = self.stage.initial("LT-1")
        self.said: list[Contract | Quarantine] = []
        self.beat = 0
        self.now = T0

    def hear(self, said: Ping, now: Micros | None = None) -> list[Contract | Quarantine]:
        """Let time pass to the arrival (by default the event time) tick by tick, then hand the ping over."""
        self.wait_until(max(to_micros(said.event_time) if now is None else now, self.now))
        answer = list(self.stage.on_record(self.state, event_of(said), Moment(self.now, self.beat)))
        self.said += answer
        return answer

    def hear_all(self, pings: Iterable[Ping]) -> list[Contract | Quarantine]:
        return [payload for said in pings for payload in self.hear(said)]

    def wait_until(self, now: Micros) -> None:
        tick = TICK_SECONDS * 1_000_000
        while self.now // tick < now // tick:
            self.now = (self.now // tick + 1) * tick
            self.tick()
        self.now = now

    def tick(self) -> None:
        self.beat += 1
        if self.state.due is not None and self.state.due <= self.beat:
            self.said += self.stage.on_timer(self.state, Moment(self.now, self.beat))
            assert self.state.due is None or self.state.due > self.beat

    def of(self, kind: type[PayloadT]) -> list[PayloadT]:
        return [payload for payload in self.said if isinstance(payload, kind)]

    def stored(self) -> bytes:
        return msgspec.msgpack.encode(self.state)

    def reload(self) -> None:
        self.state = msgspec.msgpack.decode(self.stored(), type=LightState)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
