"""What people type, before it is kept."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.application.text import TEXT_MAX, clean
from services.permits.domain.errors import RefusedError

VALUES = st.recursive(
    st.text(st.characters(codec=None)) | st.datetimes() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
def test_what_comes_through_can_always_be_encoded_and_holds_no_nul(value: Any) -> None:
    try:
        cleaned = clean(value)
    except RefusedError:
        return
    assert b"\\u0000" not in msgspec.json.encode(cleaned).replace(b"\\\\", b"")
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "\x1b[2J", "x" * (TEXT_MAX + 1)])
def test_unfit_text_is_refused_with_its_path(bad: str) -> None:
    with pytest.raises(RefusedError) as refused:
        clean({"measures": [{}, {"street": bad}]})
    assert refused.value.field == "measures[1].street"


def test_instants_become_utc_and_absurd_ones_are_refused() -> None:
    noon = datetime(2026, 3, 5, 12, tzinfo=timezone(timedelta(hours=1)))
    assert clean({"at": noon})["at"].tzinfo is UTC
    for absurd in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        with pytest.raises(RefusedError):
            clean({"at": absurd})
