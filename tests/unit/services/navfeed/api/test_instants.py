from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.navfeed.api.instants import instant

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)), OFFSETS)  # noqa: DTZ001  # bounds of a strategy are naive
def test_every_instant_is_read_back_whatever_its_offset(moment: datetime, offset: timezone) -> None:
    aware = moment.replace(tzinfo=offset)
    assert instant(aware.isoformat()) == aware
    assert instant(aware.isoformat()).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["2026-03-02T06:00:00Z", "2026-03-02t06:00:00z", "2026-03-02 06:00:00Z", "2026-03-02T07:00:00+01:00",
     "2026-03-02T07:00:00 01:00", "2026-03-02T06:00:00.000000000Z", "2026-03-02T00:00:00-06:00"],
)  # fmt: skip
def test_one_instant_has_many_forms(text: str) -> None:
    assert instant(text) == datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-03-02", "2026-03-02T07:00:00", "2026-13-02T07:00:00Z", "2026-W10-1T07:00:00Z",
     "20260302T070000Z", "2026-03-02T07:00:00.5.5Z", "2026-03-02T07:00:00+99:00", "0001-01-01T00:00:00+23:59",
     "٢٠٢٦-03-02T07:00:00Z", "2026-03-02T07:00:60Z", "2026-03-02T07:00:00Z\n"],
)  # fmt: skip
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at: "):
        instant(text)
