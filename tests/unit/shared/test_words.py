from typing import get_args

from shared.contracts.permits import MeasureKind
from shared.words import KINDS


def test_every_kind_of_measure_has_its_word() -> None:
    assert set(KINDS) == set(get_args(MeasureKind))
