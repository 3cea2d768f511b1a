"""What pages say of their age."""

from shared.clock import DAY_US, SECOND_US, Micros, SteeredClock
from shared.db.errors import DatabaseUnavailableError
from shared.eventlog.port import LogUnavailableError
from shared.web.lateness import AWAY, Lateness

NOON: Micros = 1_772_449_200_000_000  # 2026-03-02T11:00:00Z, 12:00 in Mainz


def test_a_minute_of_lag_is_told_by_the_oldest_that_waits_and_a_little_is_not() -> None:
    clock = SteeredClock(NOON)
    waiting: list[Micros | None] = [None, NOON - 60 * SECOND_US]
    lateness = Lateness([lambda: waiting[0], lambda: waiting[1]], clock)
    assert lateness.said() == ""
    waiting[0] = NOON - 61 * SECOND_US
    assert lateness.said() == ""  # known for five seconds
    clock.set(NOON + 5 * SECOND_US)
    assert "seit 11:58 Uhr" in lateness.said()
    waiting[0] = NOON - DAY_US
    clock.set(NOON + 10 * SECOND_US)
    assert "seit 1.3.2026, 12:00 Uhr" in lateness.said()
    waiting[:] = [None, None]
    clock.set(NOON + 15 * SECOND_US)
    assert lateness.said() == ""


def test_a_log_that_is_away_is_told_and_not_asked_all_the_time() -> None:
    asked: list[None] = []

    def away() -> Micros | None:
        asked.append(None)
        raise LogUnavailableError("no broker")

    clock = SteeredClock(NOON)
    lateness = Lateness([away], clock)
    assert lateness.said() == AWAY
    clock.set(NOON + 29 * SECOND_US)
    assert lateness.said() == AWAY
    assert len(asked) == 1
    clock.set(NOON + 30 * SECOND_US)
    assert lateness.said() == AWAY
    assert len(asked) == 2


def test_a_database_that_is_away_is_for_the_page_to_tell() -> None:
    def away() -> Micros | None:
        raise DatabaseUnavailableError("gone")

    assert Lateness([away], SteeredClock(NOON)).said() == ""
