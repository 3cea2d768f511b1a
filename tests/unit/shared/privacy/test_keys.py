import hmac

from hypothesis import given
from hypothesis import strategies as st

from shared.privacy.keys import derive


@given(st.binary(min_size=32, max_size=32), st.text(max_size=20), st.text(max_size=20))
def test_every_purpose_has_a_key_of_its_own(master_key: bytes, one: str, other: str) -> None:
    assert derive(master_key, one) == derive(master_key, one)
    assert len(derive(master_key, one)) == 32
    assert (derive(master_key, one) == derive(master_key, other)) is (one == other)


def test_the_key_of_a_purpose_never_changes_between_releases() -> None:
    """RFC 5869 by hand: extract without salt, expand by one block."""
    master_key = bytes(range(32))
    pseudorandom = hmac.digest(bytes(32), master_key, "sha256")
    assert derive(master_key, "cookies") == hmac.digest(pseudorandom, b"leitbake cookies\x01", "sha256")
