"""Who may not in now, and what becomes of what was typed: a sentence, a way on, and a form that can be sent again."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from shared.db.pool import Database
from shared.web.accounts import Accounts
from shared.web.shell import EXTENSION
from tests.integration.web.test_login import HTML, PASSWORD, account, client, log_in, token_of

__all__ = ["account", "client"]
OURS = HTML | {"Origin": "http://localhost"}
TYPED = MultiDict([("reason", 'Sie sagte: "Ja" & <b>'), ("day", "1"), ("day", "2")])
SHOWN = 'name="reason" value="Sie sagte: &#34;Ja&#34; &amp; &lt;b&gt;"'


def test_a_form_sent_after_the_session_comes_back_after_the_log_in(client: FlaskClient) -> None:
    ended = client.post("/toy/clerk", data=TYPED, headers=OURS)
    assert ended.status_code == 401
    assert "Ihre Sitzung ist abgelaufen." in ended.text
    assert 'name="next" value="/toy/clerk"' in ended.text
    kept = re.search(r'name="kept" value="([^"]+)"', ended.text)
    assert kept
    form = {"login": "erika", "next": "/toy/clerk", "kept": unescape(kept[1]), "csrf_token": token_of(ended)}
    wrong = client.post("/login", data=form | {"password": "falsch"}, headers=OURS)
    assert f'name="kept" value="{kept[1]}"' in wrong.text
    back = client.post("/login", data=form | {"password": PASSWORD}, headers=OURS)
    assert back.status_code == 200
    assert "Sie sind wieder angemeldet" in back.text
    assert SHOWN in back.text
    assert back.text.count('name="day"') == 2
    again = client.post("/toy/clerk", data={"csrf_token": token_of(back)}, headers=OURS)
    assert again.status_code == 200


def test_a_form_of_an_older_session_can_be_sent_again(client: FlaskClient) -> None:
    log_in(client)
    old = client.post("/toy/clerk", data=TYPED | {"csrf_token": "von gestern"}, headers=OURS)
    assert old.status_code == 403
    assert SHOWN in old.text
    assert 'action="/toy/clerk"' in old.text
    assert client.post("/toy/clerk", data={"csrf_token": token_of(old)}, headers=OURS).status_code == 200


@pytest.mark.parametrize("headers", [HTML, HTML | {"Origin": "https://elsewhere.example"}, HTML | {"Origin": "null"}])
def test_what_another_site_sends_is_not_put_into_anybodys_mouth(client: FlaskClient, headers: dict[str, str]) -> None:
    assert "Sie sagte" not in client.post("/toy/clerk", data=TYPED, headers=headers).text
    log_in(client)
    assert "Sie sagte" not in client.post("/toy/clerk", data=TYPED, headers=headers).text


@pytest.mark.parametrize("kept", ["", "x", "[]", '[["a"]]', '{"a": 1}', '[["a", 1]]'])
def test_nonsense_that_claims_to_be_kept_is_a_plain_log_in(client: FlaskClient, kept: str) -> None:
    form = {"login": "erika", "password": PASSWORD, "next": "/toy/clerk", "kept": kept}
    answer = client.post("/login", data=form | {"csrf_token": token_of(client.get("/login"))}, headers=OURS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/toy/clerk")


def test_while_the_database_is_away_a_page_keeps_what_was_sent(app: Flask, client: FlaskClient) -> None:
    log_in(client)
    token = token_of(client.get("/hinweise", headers=HTML))
    nowhere = Database("postgresql://127.0.0.1:1/nowhere", "web", timeout_s=0.2)
    app.extensions[EXTENSION].accounts._database = nowhere  # it went away after the log-in
    away = client.post("/toy/clerk", data=TYPED | {"csrf_token": token}, headers=OURS)
    assert away.status_code == 503
    assert SHOWN in away.text
    assert token_of(away) == token
    assert "Anmelden" not in away.text
    look = client.get("/toy/clerk?seite=2", headers=HTML)
    assert look.status_code == 503
    assert 'href="/toy/clerk?seite=2"' in look.text
    nowhere.close()


def test_who_may_not_there_is_told_why_and_led_to_the_own_desk(client: FlaskClient, accounts: Accounts) -> None:
    accounts.create("bauhof", PASSWORD, "fleet", "Kim Beispiel")
    log_in(client, login="bauhof")
    said = "Sie sind als Kim Beispiel (Bauhof) angemeldet. Diese Seite ist nur für Sachbearbeitung."
    later = client.get("/toy/clerk", headers=HTML)
    assert later.status_code == 403
    assert said in later.text
    assert 'href="/beacons/"' in later.text
    assert 'href="/login?next=/toy/clerk"' in later.text
    at_once = client.get("/toy/clerk", headers=HTML | {"Referer": "http://localhost/login?next=%2Ftoy%2Fclerk"})
    assert (at_once.status_code, at_once.headers["Location"]) == (303, "/beacons/")
    assert said in client.get("/hinweise", headers=HTML).text
    assert said not in client.get("/hinweise", headers=HTML).text
