"""One light's stay, folded fix by fix in order of time: seeking, standing, suspect, gone.

``fold`` depends only on the fixes up to its index (the last 24 of them and the scalars here), so folding again from an
older copy of the scalars, after a late fix slipped in, gives what the right order would have given.
"""

from math import hypot

import msgspec

from services.beacons.domain import tail as packed
from services.beacons.domain.estimate import AXIS_OF_RADIUS, centre
from services.beacons.domain.plane import distance_m, scale
from services.beacons.domain.tail import FAR, FAST, HALF_METRES, MOVING, Fix

LOOKBACK = 24  # fixes that a fold may look at
CANDIDATES = 6  # fixes among which a new stay is sought
AGREEING = 3  # fixes that make a stay
GOOD_ERROR = 5 * HALF_METRES  # two fixes this good and this far apart in time make one, too
GOOD_PAIR_SECONDS = 300
NEAR_M = 15.0
NEAR_SIGMAS = 4.0  # of a radial distance: 3 lets 1 in 100 good fixes fall outside, and correlated ones agree
AGREEING_SIGMAS = 2.0
AGREEING_MAX_M = 50.0
BEGINNING_M = 60.0  # fixes of a beginning stay lie this close to its centre
NEXT_FIXES = 3  # a suspicion is decided by so many fixes after it
MAX_SPEED_M_S = 70.0
SPEED_SLACK_M = 200.0
CENTIMETRES = 100


class Stay(msgspec.Struct, array_like=True, gc=False):
    """Times are whole seconds since 1970, 0: none. ``lon``, ``lat`` in 1e-7 degree, ``sigma``, ``scatter`` in cm.

    ``since`` first and ``seen`` last fix of the stay, 0 and 0 while one is sought among the fixes from ``after`` on;
    ``decided`` when it was found. ``left``: first fix elsewhere after the stay before. ``away``: first of the far fixes
    since the last near one. ``suspect`` opened a suspicion ``steps`` fixes ago. ``count`` fixes were near so far,
    ``used`` of them carry the centre.
    """

    since: int = 0
    decided: int = 0
    seen: int = 0
    left: int = 0
    after: int = 0
    away: int = 0
    suspect: int = 0
    steps: int = 0
    lon: int = 0
    lat: int = 0
    sigma: int = 0
    scatter: int = 0
    count: int = 0
    used: int = 0


def fold(stay: Stay, tail: bytearray, index: int) -> bool:
    """Take the fix at ``index`` into account; what lies behind it is not looked at. Marks its flags.

    Whether the stay began, ended or has another centre now.
    """
    fix = packed.at(tail, index)
    t, lon, lat, error, flags = fix
    moving = flags & MOVING
    if not stay.since:
        packed.mark(tail, index, moving)
        return _seek(stay, tail, index, fix)
    east, north = scale(stay.lat)
    distance = hypot((lon - stay.lon) * east, (lat - stay.lat) * north)
    if distance > (t - stay.seen) * MAX_SPEED_M_S + SPEED_SLACK_M:
        packed.mark(tail, index, moving | FAST)
        return False
    near = distance <= near_m(stay, error)
    packed.mark(tail, index, moving if near else moving | FAR)
    if near:
        stay.away = 0
    elif not stay.away:
        stay.away = t
    if stay.suspect:
        if _decide(stay, tail, index, fix, near=near):
            return True
    elif not near or moving:
        stay.suspect, stay.steps = t, 0
    if near and not moving:
        stay.seen = t
        stay.count += 1
        if _worth_computing(stay.count):
            _compute(stay, tail, index)
            return True
    return False


def near_m(stay: Stay, error: int) -> float:
    """How far a fix with this error (half metres) may lie from the centre of its stay."""
    sigma = max(stay.scatter / CENTIMETRES, error / HALF_METRES * AXIS_OF_RADIUS)
    return max(NEAR_M, NEAR_SIGMAS * sigma)


def _worth_computing(count: int) -> bool:
    """Each of the first fixes tells much; later ones little, and a full window is exchanged in two steps."""
    if count <= AGREEING * 2:
        return True
    return count % (3 if count <= LOOKBACK else 12) == 0


def _decide(stay: Stay, tail: bytearray, index: int, fix: Fix, *, near: bool) -> bool:
    """One more fix after a suspicion: True if it proves that the light is gone (and is sought elsewhere)."""
    stay.steps += 1
    window = _window(stay, tail, index)
    if not near and any(other[4] & FAR and _agree(other, fix) for other in window[1:-1]):
        _leave(stay)
        _seek(stay, tail, index, fix)
        return True
    if stay.steps >= NEXT_FIXES:
        later = [place for place, other in enumerate(window) if place and other[4] & (FAR | MOVING)]
        stay.suspect = window[later[0]][0] if later else 0
        stay.steps = len(window) - 1 - later[0] if later else 0
    return False


def _window(stay: Stay, tail: bytearray, index: int) -> list[Fix]:
    """The suspicious fix and those after it."""
    fixes = packed.between(tail, max(0, index + 1 - LOOKBACK), index + 1)
    return [fix for fix in fixes if fix[0] >= stay.suspect and not fix[4] & FAST]


def _agree(one: Fix, other: Fix) -> bool:
    error = hypot(one[3], other[3]) / HALF_METRES * AXIS_OF_RADIUS
    allowed = min(max(NEAR_M, AGREEING_SIGMAS * error), AGREEING_MAX_M)
    return distance_m(one[1], one[2], other[1], other[2]) <= allowed


def _leave(stay: Stay) -> None:
    stay.left = stay.after = stay.away
    stay.since = stay.decided = stay.seen = stay.away = stay.suspect = stay.steps = stay.count = stay.used = 0


def _seek(stay: Stay, tail: bytearray, index: int, fix: Fix) -> bool:
    """A new stay begins where fixes agree with this one; what a moving light says begins nothing. Whether it did."""
    t, lon, lat, error, flags = fix
    if flags & MOVING:
        stay.after = t + 1
        return False
    fixes = packed.between(tail, max(0, index + 1 - CANDIDATES), index + 1)
    agreeing = [o for o in fixes if o[0] >= stay.after and not o[4] & (FAST | MOVING) and _agree(o, fix)]
    first = agreeing[0]
    good = len(agreeing) > 1 and max(first[3], error) <= GOOD_ERROR and t - first[0] >= GOOD_PAIR_SECONDS
    if len(agreeing) < AGREEING and not good:
        return False
    stay.since, stay.decided, stay.seen = first[0], t, t
    stay.count = len(agreeing)
    stay.lon, stay.lat = lon, lat
    _compute(stay, tail, index)
    return True


def _compute(stay: Stay, tail: bytearray, index: int) -> None:
    """The centre of the stay's fixes among the last 24."""
    east, north = scale(stay.lat)
    fixes, errors = [], []
    for t, lon, lat, error, flags in packed.between(tail, max(0, index + 1 - LOOKBACK), index + 1):
        if t < stay.since or flags & (MOVING | FAST):
            continue
        x, y = (lon - stay.lon) * east, (lat - stay.lat) * north
        # Before the stay was found, fixes were judged by an older stay or by none: only their place counts.
        if (hypot(x, y) <= BEGINNING_M) if t <= stay.decided else not flags & FAR:
            fixes.append(complex(x, y))
            errors.append(error / HALF_METRES)
    found = centre(fixes, errors)
    stay.lon += round(found.x / east)
    stay.lat += round(found.y / north)
    stay.sigma = round(found.sigma * CENTIMETRES)
    stay.scatter = round(found.scatter * CENTIMETRES)
    stay.used = len(fixes)
