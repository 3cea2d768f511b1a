"""Deadlines and dates as a clerk reads and types them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.application.queue import Row
from services.permits.web.times import (
    NoSuchTimeError,
    begin_words,
    due_words,
    from_local,
    local_input,
    moment,
    working_days,
)

NOW = datetime(2026, 4, 1, 10, tzinfo=UTC)  # the Wednesday before Easter


def row(due: datetime | None, status: str = "active") -> Row:
    said: dict[str, Any] = dict.fromkeys(Row._fields)
    return Row(**said | {"due_at": due, "status": status})


@pytest.mark.parametrize(
    ("due", "status", "words"),
    [
        (datetime(2026, 4, 1, 15, tzinfo=UTC), "active", "Ende heute"),
        (datetime(2026, 4, 1, 9, tzinfo=UTC), "active", "Ende heute überschritten"),
        (datetime(2026, 3, 31, 9, tzinfo=UTC), "active", "Ende gestern überschritten"),
        (datetime(2026, 3, 27, 9, tzinfo=UTC), "submitted", "Beginn war vor 5 Tagen, noch nicht angeordnet"),
        (datetime(2026, 4, 2, 9, tzinfo=UTC), "submitted", "noch 1 Werktag bis zum Beginn"),
        (datetime(2026, 4, 7, 9, tzinfo=UTC), "active", "noch 3 Werktage bis zum Ende"),  # Good Friday, Easter Monday
        (datetime(2026, 4, 1, 22, 30, tzinfo=UTC), "active", "noch 1 Werktag bis zum Ende"),  # past midnight in Berlin
        (datetime(2026, 4, 2, 22, 30, tzinfo=UTC), "active", "noch 1 Werktag bis zum Ende"),  # it ends on Good Friday
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "active", "Ende am 1. Dezember 2026"),
        (None, "active", "offenes Ende"),
        (None, "ended", "—"),
    ],
)
def test_a_deadline_is_said_in_words(due: datetime | None, status: str, words: str) -> None:
    assert due_words(row(due, status), NOW, "DE-RP") == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (4, "noch 1 Werktag bis zum Ende"),
        (5, "Ende morgen"),
        (6, "Ende übermorgen"),
        (7, "noch 1 Werktag bis zum Ende"),
    ],
)
def test_a_deadline_before_the_next_working_day_is_named_by_its_day(day: int, words: str) -> None:
    now = datetime(2026, 4, 3 if day == 4 else 4, 10, tzinfo=UTC)  # Good Friday, and the Saturday after it
    assert due_words(row(datetime(2026, 4, day, 15, tzinfo=UTC)), now, "DE-RP") == words


@pytest.mark.parametrize(
    ("begin", "status", "words"),
    [
        (datetime(2026, 4, 1, 15, tzinfo=UTC), "approved", "Beginn heute"),
        (datetime(2026, 4, 1, 22, 30, tzinfo=UTC), "approved", "Beginn morgen"),  # past midnight in Berlin
        (datetime(2026, 4, 7, 9, tzinfo=UTC), "approved", "Beginn am 7. April 2026"),
        (datetime(2026, 4, 1, 9, tzinfo=UTC), "approved", ""),
        (datetime(2026, 4, 7, 9, tzinfo=UTC), "submitted", ""),
    ],
)
def test_the_begin_of_ordered_works_is_said_beside_their_end(begin: datetime, status: str, words: str) -> None:
    assert begin_words(row(None, status)._replace(starts_at=begin), NOW) == words


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40), st.integers(0, 40))
def test_working_days_add_up(start: date, first: int, second: int) -> None:
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    parts = working_days(start, middle, "DE-RP") + working_days(middle, end, "DE-RP")
    assert parts == working_days(start, end, "DE-RP")


@given(st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_what_a_field_shows_is_read_back_to_the_minute(instant: datetime) -> None:
    shown = local_input(instant)
    assert local_input(from_local(shown)) == shown


@pytest.mark.parametrize("text", ["", "morgen", "2026-03-29T02:30", "2026-02-30T10:00", "0001-01-01T00:00"])
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(NoSuchTimeError):
        from_local(text)


def test_times_are_those_of_berlin() -> None:
    assert moment(datetime(2026, 3, 4, 23, 5, tzinfo=UTC)) == "5. März 2026, 00:05 Uhr"
    assert from_local("5.3.2026 7:00").astimezone(UTC) == datetime(2026, 3, 5, 6, tzinfo=UTC)
    assert from_local("2026-10-25T02:30").astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
