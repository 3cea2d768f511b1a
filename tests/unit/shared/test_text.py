"""Which characters are refused everywhere."""

import pytest

from shared.text import unfit


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u200f", "\u2028", "\ud800"])
def test_controls_and_what_turns_the_reading_direction_are_unfit(letter: str) -> None:
    assert unfit(f"Rhein{letter}straße")


@pytest.mark.parametrize("text", ["", "Straße des 17. Juni", "zwei\nZeilen\tund mehr\r\n", "Ångström", "👩‍🚒", "東京"])
def test_what_people_write_is_fit(text: str) -> None:
    assert not unfit(text)
