"""Public holidays, by Land."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.holidays import LANDS, easter, is_holiday


@pytest.mark.parametrize(
    "sunday", [date(2024, 3, 31), date(2025, 4, 20), date(2027, 3, 28), date(2038, 4, 25), date(1961, 4, 2)]
)
def test_easter_falls_where_it_fell(sunday: date) -> None:
    assert easter(sunday.year) == sunday


@given(st.integers(1990, 2199), st.sampled_from(sorted(LANDS)))
def test_easter_is_a_sunday_of_spring(year: int, land: str) -> None:
    assert easter(year).isoweekday() == 7
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)
    assert is_holiday(easter(year) + timedelta(days=39), land)


@pytest.mark.parametrize(
    ("day", "lands"),
    [
        (date(2026, 1, 6), "BW BY ST"),
        (date(2026, 3, 8), "BE MV"),
        (date(2026, 6, 4), "BW BY HE NW RP SL"),  # Fronleichnam
        (date(2026, 8, 15), "SL"),
        (date(2026, 9, 20), "TH"),
        (date(2026, 10, 31), "BB HB HH MV NI SH SN ST TH"),
        (date(2026, 11, 1), "BW BY NW RP SL"),
        (date(2026, 11, 18), "SN"),  # Buß- und Bettag
        (date(2028, 11, 22), "SN"),
        (date(2026, 11, 25), ""),
    ],
)
def test_a_land_has_its_own_holidays(day: date, lands: str) -> None:
    assert " ".join(sorted(land[3:] for land in LANDS if is_holiday(day, land))) == lands


def test_all_sixteen_share_nine() -> None:
    assert len(LANDS) == 16
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert sum(all(is_holiday(day, land) for land in LANDS) for day in year) == 9
