"""Lights: pings of one device become changes of its state (law 9, first stage)."""

from collections.abc import Sequence

import msgspec

from services.beacons.domain import contact, signs, stay
from services.beacons.domain import tail as packed
from services.beacons.domain.gate import LATENESS_US, MAX_FIX_AGE_US, Reason, ServiceArea, gate, gate_time
from services.beacons.domain.plane import degrees, distance_m, units
from services.beacons.domain.signs import Signs
from services.beacons.domain.stay import CENTIMETRES, Stay
from shared.clock import SECOND_US, Micros, from_micros, to_micros
from shared.contracts.base import Contract
from shared.contracts.devices import (
    LightBecameSilent,
    LightMovedAway,
    LightPlaced,
    LightRecovered,
    LightRefined,
    Stand,
)
from shared.contracts.pings import Ping
from shared.contracts.topics import PINGS
from shared.events.codec import decode
from shared.events.envelope import Event
from shared.projection.protocols import Moment, Quarantine

SPAN_US = LATENESS_US + MAX_FIX_AGE_US  # as late as a fix can be
REFINED_M = 3.0
REFINED_MAX_M = 5.0  # whatever sigma is: two orders of arrival end within twice of this
REFINED_SIGMAS = 0.5
SHARPENED = 0.5

Said = list[Contract | Quarantine]


UNKNOWN = -1  # a state packed before these were kept; new fields only at the end


class Told(msgspec.Struct, array_like=True, gc=False):
    """The stand last told, as in ``Stay``; ``since`` 0: none."""

    since: int = 0
    lon: int = 0
    lat: int = 0
    sigma: int = 0


class LightState(msgspec.Struct, array_like=True, gc=False):
    """One light, about a kilobyte.

    ``newest`` event time heard; ``beat`` of the last contact; ``contacts`` its last slots. ``live`` is the stay after
    all fixes of ``tail``, ``ahead`` after the first ``reach`` ones (those before the present span of lateness),
    ``base`` after the first ``split`` ones (before the span before it): no late fix can precede these.
    """

    device: str
    version: int = 0
    due: int | None = None
    newest: Micros = 0
    beat: int = 0
    silent: bool = False
    contacts: list[int] = msgspec.field(default_factory=list)
    signs: Signs = msgspec.field(default_factory=Signs)
    told: Told = msgspec.field(default_factory=Told)
    split: int = 0
    base: Stay = msgspec.field(default_factory=Stay)
    live: Stay = msgspec.field(default_factory=Stay)
    tail: bytearray = msgspec.field(default_factory=bytearray)
    reach: int = UNKNOWN
    ahead: Stay = msgspec.field(default_factory=Stay)


class LightsStage:
    """The keyed stage of lights; ``area`` refuses positions outside of it."""

    group = "lights"
    topic = PINGS.name
    category = "light"
    state_type = LightState

    def __init__(self, area: ServiceArea | None = None) -> None:
        self._area = area

    def initial(self, key: str) -> LightState:
        return LightState(key)

    def on_record(self, state: LightState, event: Event, now: Moment) -> Sequence[Contract | Quarantine]:
        ping = decode(event)
        if not isinstance(ping, Ping):
            return ()
        time = to_micros(ping.event_time)
        reason: Reason | None = gate_time(time, state.newest, now.time)
        if reason:
            return (Quarantine(reason),)
        said: Said = []
        _advance(state, time)
        _hear(state, time, now.beat, said)
        if signs.read(state.signs, ping, time):
            said += signs.tell(state.signs, state.device, ping.battery_pct)
        reason = gate(ping, self._area) or _place(state, ping, time, said)
        if reason and reason != "no_fix":
            said.append(Quarantine(reason))
        return said

    def on_timer(self, state: LightState, now: Moment) -> Sequence[Contract | Quarantine]:
        due = state.beat + contact.patience(state.contacts)
        if now.beat < due:
            state.due = due
            return ()
        state.due, state.silent = None, True
        return (
            LightBecameSilent(device_id=state.device, at=from_micros(now.time), last_contact=from_micros(state.newest)),
        )


def _hear(state: LightState, time: Micros, beat: int, said: Said) -> None:
    """The light is alive, whatever its fix is worth."""
    state.newest = max(state.newest, time)
    state.beat = beat
    if state.silent:
        state.silent = False
        said.append(LightRecovered(device_id=state.device, at=from_micros(time), trouble="silent"))
    contact.note(state.contacts, contact.slot(time))
    # A lower bound is enough, and nobody's patience ends before this one.
    if state.due is None or state.due > beat + contact.FLOOR_BEATS:
        state.due = beat + contact.patience(state.contacts)


def _place(state: LightState, ping: Ping, time: Micros, said: Said) -> Reason | None:
    """Fold the ping's fix into the stay; a late one folds again what came after it."""
    if ping.lon is None or ping.lat is None:
        return "no_position"
    fixed = time if ping.fix_time is None else min(to_micros(ping.fix_time), time)
    error = packed.error_units(ping.accuracy_m, ping.resolution_m)
    flags = packed.MOVING if ping.moving else 0
    tail = state.tail
    before = len(tail)
    index = packed.insert(tail, (fixed // SECOND_US, units(ping.lon), units(ping.lat), error, flags))
    if index is None:
        return None
    added = len(tail) > before
    span = state.newest // SPAN_US * SPAN_US
    if added and index * packed.SIZE == before and fixed >= span:
        if stay.fold(state.live, tail, index):
            _tell_place(state, said)
    else:
        _fold_again(state, added=added, old=fixed < span)
        _tell_place(state, said)
    return "too_fast" if packed.at(tail, index)[4] & packed.FAST else None


def _fold_again(state: LightState, *, added: bool, old: bool) -> None:
    """A fix came late, or in the place of another: take again what follows it, from a stay before it."""
    tail = state.tail
    if old:
        state.reach += added
        state.ahead = msgspec.structs.replace(state.base)
        for later in range(state.split, state.reach):
            stay.fold(state.ahead, tail, later)
    state.live = msgspec.structs.replace(state.ahead)
    for later in range(state.reach, packed.length(tail)):
        stay.fold(state.live, tail, later)


def _advance(state: LightState, time: Micros) -> None:
    """As event time enters another span, the stays before it become fixed: a fix is at most a span late.

    All fixes so far lie before the new span, so the stay after them is at hand: nothing is folded twice. Which spans
    have passed depends on the newest event time alone, not on the order of arrival.
    """
    if state.reach == UNKNOWN:
        state.ahead, state.reach = msgspec.structs.replace(state.base), state.split
    spans = time // SPAN_US - state.newest // SPAN_US
    if spans <= 0 or not state.newest:
        return
    tail = state.tail
    count = packed.length(tail)
    if spans == 1:
        state.base, state.split = state.ahead, state.reach
    else:
        state.base, state.split = msgspec.structs.replace(state.live), count
    state.ahead, state.reach = msgspec.structs.replace(state.live), count
    old = state.split - (stay.LOOKBACK - 1)
    if old > 0:
        del tail[: old * packed.SIZE]
        state.split -= old
        state.reach -= old


def _tell_place(state: LightState, said: Said) -> None:
    told, live = state.told, state.live
    if told.since and (not live.since or live.left > told.since):
        at = from_micros(max(live.left, told.since) * SECOND_US)
        said.append(LightMovedAway(device_id=state.device, at=at))
        told.since = 0
    if not live.since:
        return
    if not told.since:
        said.append(LightPlaced(device_id=state.device, stand=_stand(live), lamp=signs.lamp(state.signs)))
    elif _worth_telling(told, live):
        said.append(LightRefined(device_id=state.device, stand=_stand(live), lamp=signs.lamp(state.signs)))
    else:
        return
    told.since, told.lon, told.lat, told.sigma = live.since, live.lon, live.lat, live.sigma


def _worth_telling(told: Told, live: Stay) -> bool:
    if told.since != live.since or live.sigma <= told.sigma * SHARPENED:
        return True
    if told.lon == live.lon and told.lat == live.lat:
        return False
    allowed = min(max(REFINED_M, live.sigma / CENTIMETRES * REFINED_SIGMAS), REFINED_MAX_M)
    return distance_m(told.lon, told.lat, live.lon, live.lat) > allowed


def _stand(live: Stay) -> Stand:
    return Stand(
        lon=degrees(live.lon),
        lat=degrees(live.lat),
        sigma_m=live.sigma / CENTIMETRES,
        since=from_micros(live.since * SECOND_US),
        observed_at=from_micros(live.seen * SECOND_US),
        fixes=live.used,
    )
