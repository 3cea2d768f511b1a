import uuid

from hypothesis import given
from hypothesis import strategies as st

from shared.events.ids import NAMESPACE, named


@given(st.text())
def test_it_is_the_uuid5_of_the_name(name: str) -> None:
    assert named(name) == str(uuid.uuid5(NAMESPACE, name))
