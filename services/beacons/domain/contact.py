"""When a light spoke, and after how long its silence means something.

Everything is counted in beats: half-minutes in which the door was open. So an outage of ours is nobody's silence.
"""

from bisect import bisect_left
from itertools import pairwise
from math import ceil

from shared.clock import SECOND_US, Micros
from shared.contracts.pings import TICK_SECONDS

INTERVALS = 7  # the median is taken over so many
ENOUGH_INTERVALS = 2
TIMES_MEDIAN = 3.5
FLOOR_BEATS = 30 * 60 // TICK_SECONDS
UNKNOWN_BEATS = 2 * 3600 // TICK_SECONDS  # until the light's own interval is known


def slot(event_time: Micros) -> int:
    return event_time // (TICK_SECONDS * SECOND_US)


def note(contacts: list[int], spoken: int) -> bool:
    """Add a slot to the sorted set of the newest ones; whether it changed."""
    place = bisect_left(contacts, spoken)
    if place < len(contacts) and contacts[place] == spoken:
        return False
    if place == 0 and len(contacts) > INTERVALS:
        return False
    contacts.insert(place, spoken)
    if len(contacts) > INTERVALS + 1:
        del contacts[0]
    return True


def patience(contacts: list[int]) -> int:
    """Beats without contact after which the light is silent."""
    gaps = sorted(b - a for a, b in pairwise(contacts))
    if len(gaps) < ENOUGH_INTERVALS:
        return UNKNOWN_BEATS
    return max(FLOOR_BEATS, ceil(TIMES_MEDIAN * gaps[len(gaps) // 2]))
