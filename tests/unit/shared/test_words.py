from typing import get_args

from shared.contracts.permits import MeasureKind
from shared.words import KINDS, thousands


def test_every_kind_of_measure_has_its_word() -> None:
    assert set(KINDS) == set(get_args(MeasureKind))


def test_great_numbers_have_dots() -> None:
    assert [thousands(n) for n in (0, 999, 1_000, 1_234_567)] == ["0", "999", "1.000", "1.234.567"]
