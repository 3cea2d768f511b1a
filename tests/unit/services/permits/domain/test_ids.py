import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.domain.ids import measure_id, permit_id


@given(st.text(), st.text(max_size=40))
def test_a_measure_id_is_public_whatever_the_key(permit: str, key: str) -> None:
    assert re.fullmatch(r"de-mainz-[0-9a-f]{16}", measure_id("de-mainz", permit, key))
    assert measure_id("de-mainz", permit, key) == measure_id("de-mainz", permit, key)


def test_ids_never_change_between_releases() -> None:
    assert permit_id("de-mainz", "viz", "61-1") == "af6c2c2e-26ac-5016-a66d-8acba59d7f5b"
    assert measure_id("de-mainz", "p", "1") == "de-mainz-b7bf8fe021a450ac"


def test_a_measure_id_holds_no_file_number() -> None:
    assert "4711" not in measure_id("de-mainz", permit_id("de-mainz", "viz", "4711"), "4711")


def test_city_source_number_and_key_each_make_another_id() -> None:
    assert len({permit_id("a", "b", "c"), permit_id("x", "b", "c"), permit_id("a", "x", "c"),
                permit_id("a", "b", "x")}) == 4  # fmt: skip
    assert len({measure_id("a", "p", "1"), measure_id("a", "p", "2"), measure_id("a", "q", "1")}) == 3


@pytest.mark.parametrize("namespace", ["", "DE", "de mainz", "x" * 48])
def test_a_namespace_that_breaks_public_ids_is_an_error(namespace: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        measure_id(namespace, "p", "1")
