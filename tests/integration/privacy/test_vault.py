"""Crypto-shredding on real tables: after the erasure nothing brings the words back, and replay still works."""

import base64
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clock import SteeredClock
from shared.db.pool import Database
from shared.privacy.vault import (
    ERASED,
    PRIVACY_MIGRATIONS,
    BrokenBoxError,
    PersonErasedError,
    Sealed,
    Vault,
    WrongMasterKeyError,
)

MASTER = bytes(range(32))
WORDS = {"applicant_name": "Erika Mustermann", "responsible_phone": "0170 1234567"}


@pytest.fixture
def store(new_database: Callable[[Path], Database]) -> Database:
    return new_database(PRIVACY_MIGRATIONS)


@pytest.fixture
def vault(store: Database, clock: SteeredClock) -> Vault:
    return Vault(store, MASTER, clock)


def everything(database: Database) -> str:
    """All rows of all tables of the schema as text."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
    with database.connection() as connection:
        names = [row[0] for row in connection.execute(query)]
        rows = [row[0] for name in names for row in connection.execute(f'SELECT t::text FROM "{name}" t'.encode())]
    assert {"people_keys", "migrations"} <= set(names)
    return "\n".join(rows)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), json_values, max_size=4))
def test_what_is_sealed_opens_as_it_was(vault: Vault, content: dict[str, object]) -> None:
    assert vault.open(vault.seal("p1", content)) == content


def test_the_box_and_the_tables_tell_nothing(vault: Vault, store: Database) -> None:
    sealed = vault.seal("p1", WORDS)
    assert vault.seal("p1", WORDS)["box"] != sealed["box"]
    kept = everything(store) + base64.b64decode(sealed["box"]).decode("latin-1")
    assert not [word for word in ("Erika", "0170", "applicant") if word in kept]


def test_after_the_erasure_no_key_is_left_and_every_box_is_erased(
    vault: Vault, store: Database, clock: SteeredClock
) -> None:
    boxes = [vault.seal("p1", WORDS), vault.seal("p1", {"more": "x"})]
    other = vault.seal("p2", WORDS)
    with store.connection() as connection:
        row = connection.execute("SELECT wrapped_key FROM people_keys WHERE person_id = 'p1'").fetchone()
    assert row
    wrapped = row[0]
    clock.advance(1)
    assert vault.erase("p1")
    assert wrapped.hex() not in everything(store)
    assert [vault.open(box) for box in boxes] == [ERASED, ERASED]
    assert vault.open(other) == WORDS
    with store.connection() as connection:
        erased_at = connection.execute("SELECT erased_at FROM people_keys WHERE person_id = 'p1'").fetchone()
    assert erased_at == (clock.now(),)


def test_the_dead_row_with_the_old_key_is_vacuumed(vault: Vault, store: Database) -> None:
    vault.seal("p1", WORDS)
    vault.erase("p1")
    with store.connection() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        query = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = 'people_keys'::regclass"
        row = connection.execute(query).fetchone()
    assert row
    assert row[0] == 1


def test_erasing_again_changes_nothing(vault: Vault, store: Database, clock: SteeredClock) -> None:
    vault.seal("p1", WORDS)
    vault.erase("p1")
    before = everything(store)
    clock.advance(1)
    assert not vault.erase("p1")
    assert everything(store) == before


def test_nothing_is_sealed_for_an_erased_person_not_even_for_one_never_seen(vault: Vault) -> None:
    vault.seal("p1", WORDS)
    vault.erase("p1")
    assert not vault.erase("p2")
    for person in ("p1", "p2"):
        with pytest.raises(PersonErasedError):
            vault.seal(person, WORDS)


def test_a_box_of_nobody_is_erased(vault: Vault) -> None:
    assert vault.open({"person": "p9", "box": "AAAA"}) is ERASED


def test_another_master_key_is_said_clearly_and_loses_nothing(
    vault: Vault, store: Database, clock: SteeredClock
) -> None:
    sealed = vault.seal("p1", WORDS)
    wrong = Vault(store, bytes(32), clock)
    with pytest.raises(WrongMasterKeyError, match="p1"):
        wrong.open(sealed)
    with pytest.raises(WrongMasterKeyError, match="p1"):
        wrong.seal("p1", WORDS)
    assert vault.open(sealed) == WORDS
    with pytest.raises(WrongMasterKeyError, match="5 bytes"):
        Vault(store, b"short", clock)


@pytest.mark.parametrize("damage", ["moved", "changed", "cut", "no base64", "empty"])
def test_a_damaged_or_moved_box_is_told_apart_from_an_erased_one(vault: Vault, damage: str) -> None:
    sealed = vault.seal("p1", WORDS)
    vault.seal("p2", WORDS)
    raw = base64.b64decode(sealed["box"])
    bad: dict[str, Sealed] = {
        "moved": {"person": "p2", "box": sealed["box"]},
        "changed": {"person": "p1", "box": base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()},
        "cut": {"person": "p1", "box": base64.b64encode(raw[:8]).decode()},
        "no base64": {"person": "p1", "box": "a"},
        "empty": {"person": "p1", "box": ""},
    }
    with pytest.raises(BrokenBoxError):
        vault.open(bad[damage])


def test_a_key_row_moved_to_another_person_opens_nothing(vault: Vault, store: Database) -> None:
    sealed = vault.seal("p1", WORDS)
    vault.seal("p2", WORDS)
    swap = "UPDATE people_keys SET wrapped_key = (SELECT wrapped_key FROM people_keys WHERE person_id = 'p2')"
    with store.connection() as connection:
        connection.execute(swap + " WHERE person_id = 'p1'")
    with pytest.raises(WrongMasterKeyError):
        vault.open(sealed)


def test_two_who_seal_first_at_once_share_one_key(vault: Vault) -> None:
    start, boxes = threading.Barrier(4), list[Sealed]()

    def seal() -> None:
        start.wait()
        boxes.append(vault.seal("p1", WORDS))

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [vault.open(box) for box in boxes] == [WORDS] * 4
