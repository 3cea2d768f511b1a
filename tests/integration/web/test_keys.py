"""API keys at the door: who gets in where, until when, and what is kept of them."""

import pytest
from flask import Flask

from shared.clock import DAY_US, MINUTE_US, SECOND_US, SteeredClock
from shared.db.pool import Database
from shared.text import UnfitTextError
from shared.web.actor import UnknownScopeError
from shared.web.doors import Role
from shared.web.keys import ApiKeys

ROLES: tuple[Role, ...] = ("device", "contractor", "clerk", "fleet", "ops", "admin", "subscriber")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_own_doors_and_admin_all(app: Flask, keys: ApiKeys, role: Role) -> None:
    client, token = app.test_client(), keys.create(role, "test").token
    opened = {door for door in ROLES if client.post(f"/toy/{door}", headers=bearer(token)).status_code == 200}
    assert opened == (set(ROLES) if role == "admin" else {role})
    refused = next((door for door in ROLES if door not in opened), None)
    if refused:
        assert client.get(f"/toy/{refused}", headers=bearer(token)).status_code == 403


def test_a_key_tells_its_id_and_scopes(app: Flask, keys: ApiKeys) -> None:
    made = keys.create("device", "Lieferung 7", ["devices:LT-*"])
    told = app.test_client().get("/toy/who", headers={"X-API-Key": made.token}).get_json()
    assert told == {"role": "device", "id": made.id, "scopes": ["devices:LT-*"], "via": "key"}


@pytest.mark.parametrize("change", ["cut", "other", "unknown", "empty", "noise", "umlaut"])
def test_a_key_that_is_not_right_opens_nothing(app: Flask, keys: ApiKeys, change: str) -> None:
    token = keys.create("device", "test").token
    wrong = {
        "cut": token[:-1],
        "other": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "unknown": "lb_000000000000" + token[15:],
        "empty": "",
        "noise": "lb_",
        "umlaut": "schlüssel",
    }[change]
    client = app.test_client()
    answer = client.get("/toy/device", headers={"X-API-Key": wrong})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/toy/who", headers={"X-API-Key": wrong}).status_code == 401
    assert client.get("/toy/open", headers={"X-API-Key": wrong, "Accept": "text/html"}).status_code == 200
    page = client.get("/toy/who", headers={"X-API-Key": wrong, "Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (401, "application/problem+json")


def test_a_revoked_key_ends_here_at_once_and_elsewhere_within_a_second(
    app: Flask, web: Database, keys: ApiKeys, clock: SteeredClock
) -> None:
    made = keys.create("device", "test")
    elsewhere = ApiKeys(web, clock)
    assert elsewhere.actor(made.token) is not None
    assert app.test_client().get("/toy/device", headers=bearer(made.token)).status_code == 200
    assert keys.revoke(made.id)
    assert not keys.revoke(made.id)
    assert app.test_client().get("/toy/device", headers=bearer(made.token)).status_code == 401
    assert elsewhere.actor(made.token) is not None
    clock.advance(SECOND_US)
    assert elsewhere.actor(made.token) is None


@pytest.mark.parametrize("scope", ["", "devices", "devices:", "device:LT-1", "devices:LT 1", "all:*", "devices:\u202e"])
def test_a_scope_that_would_open_nothing_is_refused(keys: ApiKeys, scope: str) -> None:
    with pytest.raises(UnknownScopeError):
        keys.create("device", "test", [scope])
    assert keys.all() == []


def test_a_label_that_turns_the_reading_direction_is_refused(keys: ApiKeys) -> None:
    with pytest.raises(UnfitTextError):
        keys.create("device", "Lieferung \u202e7")


def test_a_key_ends_with_its_last_moment_even_while_it_is_remembered(keys: ApiKeys, clock: SteeredClock) -> None:
    made = keys.create("subscriber", "test", expires_at=clock.now() + SECOND_US // 2)
    assert keys.actor(made.token) is not None
    clock.advance(SECOND_US // 2)
    assert keys.remembers(made.token)
    assert keys.actor(made.token) is None


def test_a_remembered_key_needs_no_database_and_still_the_right_secret(
    keys: ApiKeys, web: Database, clock: SteeredClock
) -> None:
    made = keys.create("device", "test")
    assert not keys.remembers(made.token)
    assert keys.actor(made.token) is not None
    with web.connection() as connection:
        connection.execute("DELETE FROM api_keys")
    assert keys.remembers(made.token)
    assert keys.actor(made.token) is not None
    assert keys.actor(made.token[:-1] + ("A" if made.token[-1] != "A" else "B")) is None
    clock.advance(31 * SECOND_US)
    assert keys.actor(made.token) is None


def test_nothing_at_rest_opens_a_door(keys: ApiKeys, web: Database) -> None:
    made = keys.create("device", "test")
    with web.connection() as connection:
        rows = connection.execute("SELECT api_keys::text FROM api_keys").fetchall()
    secret = made.token.removeprefix(f"lb_{made.id}_")
    assert len(rows) == 1
    assert secret not in rows[0][0]
    assert secret.encode().hex() not in rows[0][0]


def test_the_last_use_is_kept_to_about_ten_minutes(keys: ApiKeys, clock: SteeredClock) -> None:
    made = keys.create("device", "test")
    assert keys.all()[0].last_used_at is None
    keys.actor(made.token[:-1] + ("A" if made.token[-1] != "A" else "B"))
    assert keys.all()[0].last_used_at is None
    first = clock.now()
    keys.actor(made.token)
    clock.advance(5 * MINUTE_US)
    keys.actor(made.token)
    assert keys.all()[0].last_used_at == first
    clock.advance(DAY_US)
    keys.actor(made.token)
    assert keys.all()[0].last_used_at == clock.now()


def test_a_key_has_its_own_bucket_and_guessing_keys_uses_up_the_addresss(
    app: Flask, keys: ApiKeys, clock: SteeredClock
) -> None:
    client, token = app.test_client(), keys.create("device", "test").token
    assert client.get("/toy/device", headers=bearer(token)).status_code == 200
    guesses = [client.get("/toy/device", headers=bearer("lb_" + "0" * 12 + "_" + "A" * 43)) for _ in range(1_000)]
    assert {answer.status_code for answer in guesses} == {401, 429}
    assert guesses[-1].status_code == 429
    assert client.get("/toy/device", headers=bearer(token)).status_code == 200
    clock.advance(10 * SECOND_US)
    assert client.get("/toy/device", headers=bearer("lb_x")).status_code == 401
