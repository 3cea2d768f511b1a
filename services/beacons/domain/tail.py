"""The packed tail of a light: fixes sorted by time, 14 bytes each, a set.

A fix is ``(t, lon, lat, error, flags)``: ``t`` whole seconds since 1970, positions in 1e-7 degree (WGS 84), ``error``
the 68 % radius in half metres, ``flags`` what the device said and how the stay took it. At most one fix per slot of
two minutes is kept, the smallest: neighbours in time err together and teach nothing, and an hour of them stays below
a kilobyte. Because set and choice do not depend on the order of arrival, nothing that follows from the tail does.
"""

from math import hypot
from struct import Struct

Fix = tuple[int, int, int, int, int]

FIX = Struct("<IiiBB")
SIZE = FIX.size
FLAGS_AT = SIZE - 1
SLOT_SECONDS = 120

MOVING = 1  # the device said so
FAR = 2  # beyond the gate of the stay it met
FAST = 4  # nothing on wheels gets there

DEFAULT_ERROR_M = 10.0
HALF_METRES = 2
MAX_ERROR_M = 100.0
LEAST_ERROR_M = 1.0


def error_units(accuracy_m: float | None, resolution_m: float | None) -> int:
    """Half metres of sqrt(accuracy² + resolution²): what a fix weighs."""
    error = hypot(DEFAULT_ERROR_M if accuracy_m is None else accuracy_m, resolution_m or 0.0)
    return round(min(max(error, LEAST_ERROR_M), MAX_ERROR_M) * HALF_METRES)


def length(tail: bytearray) -> int:
    """How many fixes."""
    return len(tail) // SIZE


def at(tail: bytearray, index: int) -> Fix:
    fix: Fix = FIX.unpack_from(tail, index * SIZE)
    return fix


def between(tail: bytearray, start: int, end: int) -> list[Fix]:
    """The fixes ``start <= index < end``."""
    return list(FIX.iter_unpack(memoryview(tail)[start * SIZE : end * SIZE]))


def mark(tail: bytearray, index: int, flags: int) -> None:
    tail[index * SIZE + FLAGS_AT] = flags


def insert(tail: bytearray, fix: Fix) -> int | None:
    """Add the fix to the set; its index, or None where it changes nothing."""
    slot = fix[0] // SLOT_SECONDS
    start = len(tail)
    while start:
        before: Fix = FIX.unpack_from(tail, start - SIZE)
        theirs = before[0] // SLOT_SECONDS
        if theirs < slot:
            break
        if theirs == slot:
            if _told(before) <= _told(fix):
                return None
            start -= SIZE
            tail[start : start + SIZE] = FIX.pack(*fix)
            return start // SIZE
        start -= SIZE
    tail[start:start] = FIX.pack(*fix)
    return start // SIZE


def _told(fix: Fix) -> Fix:
    """The fix without what the stay made of it."""
    t, lon, lat, error, flags = fix
    return t, lon, lat, error, flags & MOVING
