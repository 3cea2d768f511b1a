"""People log in: sessions, tokens of forms, and doors that slow down who guesses."""

import re
from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.clock import HOUR_US, SECOND_US, SteeredClock
from shared.db.pool import Database
from shared.settings import Settings
from shared.text import UnfitTextError
from shared.web.accounts import Accounts, LoginTakenError, WeakPasswordError
from shared.web.app import create_app
from shared.web.doors import Role
from shared.web.shell import Shell

PASSWORD = "Leitbake-steht-hier"  # noqa: S105  # made up
HTML = {"Accept": "text/html"}


def token_of(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def log_in(client: FlaskClient, *, password: str = PASSWORD, target: str = "", login: str = "Erika") -> TestResponse:
    form = {"login": login, "password": password, "next": target, "csrf_token": token_of(client.get("/login"))}
    return client.post("/login", data=form, headers=HTML)


@pytest.fixture
def account(accounts: Accounts) -> str:
    return accounts.create("erika", PASSWORD, "clerk", "Erika Muster", ["district:Altstadt"])


@pytest.fixture
def client(app: Flask, account: str) -> FlaskClient:
    assert account
    return app.test_client()


def test_a_page_for_clerks_leads_through_the_log_in_and_back(client: FlaskClient, account: str) -> None:
    asked = client.get("/toy/clerk?seite=2", headers=HTML)
    assert (asked.status_code, asked.headers["Location"]) == (302, "/login?next=%2Ftoy%2Fclerk%3Fseite%3D2")
    form = client.get(asked.headers["Location"])
    assert 'name="next" value="/toy/clerk?seite=2"' in form.text
    entered = log_in(client, target="/toy/clerk?seite=2")
    assert (entered.status_code, entered.headers["Location"]) == (303, "/toy/clerk?seite=2")
    told = client.get("/toy/clerk").get_json()
    assert told == {"role": "clerk", "id": account, "scopes": ["district:Altstadt"], "via": "session"}
    assert client.get("/toy/ops", headers=HTML).status_code == 403


def test_machines_are_told_401_instead_of_a_form(client: FlaskClient) -> None:
    assert client.get("/toy/clerk").status_code == 401
    assert client.post("/toy/clerk", headers=HTML).status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_the_log_in_leads_to_no_other_site(client: FlaskClient, target: str) -> None:
    assert log_in(client, target=target).headers["Location"] == "/permits/"


@pytest.mark.parametrize(
    ("role", "desk"),
    [("clerk", "/permits/"), ("contractor", "/permits/"), ("fleet", "/beacons/"), ("ops", "/ops/"), ("admin", "/ops/"),
     ("device", "/")],
)  # fmt: skip
def test_the_log_in_leads_to_where_the_work_of_a_role_begins(
    client: FlaskClient, accounts: Accounts, role: Role, desk: str
) -> None:
    accounts.create("bodo", PASSWORD, role, "Bodo")
    assert log_in(client, login="bodo").headers["Location"] == desk
    assert log_in(client, login="bodo", target="/").headers["Location"] == "/"


def test_wrong_words_are_refused_alike_and_the_name_stays(client: FlaskClient) -> None:
    wrong, unknown = log_in(client, password="falsch"), log_in(client, login="niemand")
    assert wrong.status_code == unknown.status_code == 422
    assert 'value="Erika"' in wrong.text
    assert "falsch" not in wrong.text
    assert 'role="alert"' in unknown.text
    assert client.get("/toy/clerk").status_code == 401


def test_a_form_without_its_token_does_nothing(client: FlaskClient) -> None:
    bare = {"login": "erika", "password": PASSWORD}
    assert client.post("/login", data=bare).status_code == 403
    assert client.post("/login", data={**bare, "csrf_token": ""}).status_code == 403
    client.get("/login")
    assert client.post("/login", data={**bare, "csrf_token": "guessed"}).status_code == 403
    assert client.get("/toy/clerk").status_code == 401


def test_what_a_session_sends_needs_the_token_in_form_or_header(client: FlaskClient) -> None:
    log_in(client)
    page = client.get("/hinweise")
    token = token_of(page)
    assert f'<meta name="csrf-token" content="{token}">' in page.text
    assert client.post("/toy/clerk").status_code == 403
    assert client.post("/toy/open").status_code == 403
    assert client.post("/toy/clerk", data={"csrf_token": "x" + token}).status_code == 403
    assert client.post("/toy/clerk", data={"csrf_token": token}).status_code == 200
    assert client.post("/toy/clerk", json={}, headers={"X-CSRF-Token": token}).status_code == 200


def test_a_header_that_only_looks_like_a_key_does_not_replace_the_token(client: FlaskClient) -> None:
    log_in(client)
    assert client.post("/toy/clerk", headers={"X-API-Key": "lb_x"}).status_code == 401
    assert client.post("/toy/open", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.post("/toy/clerk", headers={"Authorization": "Basic eDp5"}).status_code == 403


def test_nothing_planted_before_survives_the_log_in(client: FlaskClient) -> None:
    planted = token_of(client.get("/login"))
    with client.session_transaction() as before:
        before["mark"] = "planted"
    log_in(client)
    first = cookie_session(client)
    assert "mark" not in first
    assert first["csrf"] != planted
    log_in(client)
    assert cookie_session(client)["sid"] != first["sid"]


def cookie_session(client: FlaskClient) -> dict[str, str]:
    with client.session_transaction() as session:
        return dict(session)


def test_a_new_log_in_ends_the_session_before(client: FlaskClient, accounts: Accounts) -> None:
    log_in(client)
    old = cookie_session(client)["sid"]
    log_in(client)
    assert accounts.actor(old) is None


def test_the_cookie_is_for_this_site_and_for_no_script(client: FlaskClient, web: Database) -> None:
    def cookie(answer: TestResponse) -> SimpleCookie:
        return SimpleCookie(answer.headers["Set-Cookie"])

    plain = cookie(log_in(client))["leitbake"]
    assert (plain["httponly"], plain["samesite"], plain["path"], plain["secure"]) == (True, "Lax", "/", "")
    settings = Settings(master_key=bytes(32), base_url="https://a.example")
    secure = create_app("toy", settings, web, url_prefix="/toy").test_client().get("/login")
    assert cookie(secure)["leitbake"]["secure"] is True


def test_a_cookie_signed_with_another_master_key_counts_for_nothing(client: FlaskClient, web: Database) -> None:
    log_in(client)
    found = client.get_cookie("leitbake")
    assert found
    other = create_app("toy", Settings(master_key=bytes([1] * 32)), web, url_prefix="/toy").test_client()
    other.set_cookie("leitbake", found.value)
    assert "Angemeldet" not in other.get("/hinweise").text
    assert "Angemeldet: Erika Muster" in client.get("/hinweise").text


def test_the_log_out_ends_the_session_and_not_only_the_cookie(client: FlaskClient, accounts: Accounts) -> None:
    log_in(client)
    stolen = client.get_cookie("leitbake")
    session_id = cookie_session(client)["sid"]
    assert stolen
    assert client.post("/logout").status_code == 403
    left = client.post("/logout", data={"csrf_token": token_of(client.get("/hinweise"))})
    assert left.status_code == 303
    client.set_cookie("leitbake", stolen.value)
    assert client.get("/toy/clerk").status_code == 401
    assert accounts.actor(session_id) is None


def test_a_log_out_at_one_service_counts_at_the_others_at_once(
    client: FlaskClient, accounts: Accounts, web: Database, clock: SteeredClock
) -> None:
    log_in(client)
    session_id = cookie_session(client)["sid"]
    elsewhere = Accounts(web, clock, session_hours=12)
    assert elsewhere.actor(session_id) is not None
    accounts.log_out(session_id)
    assert elsewhere.actor(session_id) is None


def test_a_session_ends_after_its_hours(client: FlaskClient, clock: SteeredClock) -> None:
    log_in(client)
    clock.advance(12 * HOUR_US - 1)
    assert client.get("/toy/clerk").status_code == 200
    clock.advance(1)
    assert client.get("/toy/clerk").status_code == 401


@pytest.mark.parametrize("change", ["disable", "password"])
def test_a_changed_account_is_logged_out_everywhere(
    client: FlaskClient, shell: Shell, account: str, web: Database, change: str
) -> None:
    log_in(client)
    elsewhere = Accounts(web, shell.clock, session_hours=12)
    session_id = cookie_session(client)["sid"]
    assert elsewhere.actor(session_id) is not None
    if change == "disable":
        shell.accounts.disable(account)
    else:
        shell.accounts.set_password(account, PASSWORD + "!")
    assert client.get("/toy/clerk").status_code == 401
    assert elsewhere.actor(session_id) is None
    assert log_in(client).status_code == 422


def test_a_log_in_that_was_under_way_while_the_account_ended_opens_nothing(accounts: Accounts, account: str) -> None:
    accounts.disable(account)
    assert accounts.actor(accounts._begin(account)) is None


def test_what_somebody_sees_who_is_logged_in_stays_out_of_caches(client: FlaskClient) -> None:
    log_in(client)
    assert client.get("/toy/clerk").headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client.get("/toy/open").headers
    assert "Cookie" not in client.get("/toy/open").headers.get("Vary", "")


def test_guessing_is_slowed_down_by_name_and_address(client: FlaskClient, clock: SteeredClock) -> None:
    assert [log_in(client, password="falsch").status_code for _ in range(6)] == [422] * 5 + [429]
    blocked = log_in(client)
    assert blocked.status_code == 429
    assert blocked.headers["Retry-After"] == "20"
    assert "Bitte warten Sie 20 Sekunden." in blocked.text
    clock.advance(20 * SECOND_US)
    assert log_in(client).status_code == 303


def test_guessing_many_names_from_one_address_is_slowed_down_too(client: FlaskClient) -> None:
    answers = [log_in(client, login=f"name{number}").status_code for number in range(31)]
    assert answers == [422] * 30 + [429]


def test_the_navigation_shows_what_the_role_may_open(client: FlaskClient) -> None:
    before = client.get("/hinweise").text
    log_in(client)
    after = client.get("/hinweise").text
    assert 'href="/permits/"' not in before
    assert 'href="/permits/"' in after
    assert 'href="/ops/"' not in after


def test_a_missing_page_greets_who_is_logged_in(client: FlaskClient) -> None:
    log_in(client)
    assert "Angemeldet: Erika Muster" in client.get("/nirgends", headers=HTML).text


def test_accounts_keep_no_password_and_refuse_weak_ones_and_doubles(
    accounts: Accounts, account: str, web: Database
) -> None:
    with pytest.raises(WeakPasswordError):
        accounts.create("max", "kurz", "clerk", "Max")
    with pytest.raises(LoginTakenError):
        accounts.create(" ERIKA ", PASSWORD, "clerk", "Erika Zwei")
    with web.connection() as connection:
        rows = connection.execute("SELECT password_hash, accounts::text FROM accounts").fetchall()
    assert [row[0].startswith("$argon2id$") for row in rows] == [True]
    assert PASSWORD not in rows[0][1]
    assert [(row.id, row.login) for row in accounts.all()] == [(account, "erika")]


@pytest.mark.parametrize(("login", "name"), [("eri\u202eka", "Erika"), ("erika2", "Eri\x1bka")])
def test_names_with_controls_make_no_account(accounts: Accounts, login: str, name: str) -> None:
    with pytest.raises(UnfitTextError):
        accounts.create(login, PASSWORD, "clerk", name)
    assert accounts.all() == []


def test_old_sessions_are_swept(accounts: Accounts, account: str, web: Database, clock: SteeredClock) -> None:
    assert account
    accounts.log_in("erika", PASSWORD)
    clock.advance(12 * HOUR_US)
    accounts.log_in("erika", PASSWORD)
    with web.connection() as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


def test_the_cookie_outlives_the_browser_window_but_not_the_session(client: FlaskClient) -> None:
    sent: Callable[[str], str | None] = log_in(client).headers.get
    assert "Expires=" in (sent("Set-Cookie") or "")
