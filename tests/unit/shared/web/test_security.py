from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from shared.clock import SECOND_US, SteeredClock
from shared.settings import Settings
from shared.web.auth import embeddable, limits, public
from shared.web.buckets import Rate


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/login"),
        ("GET", "/toy/healthz"),
        ("GET", "/toy/metrics"),
        ("GET", "/toy/openapi.json"),
        ("GET", "/static/missing.css"),
        ("GET", "/nowhere"),
        ("PUT", "/login"),
        ("OPTIONS", "/login"),
        ("POST", "/login"),
        ("GET", "/toy/readyz"),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_carries_the_headers(app: Flask, method: str, path: str, accept: str) -> None:
    headers = app.test_client().open(path, method=method, headers={"Accept": accept}).headers
    directives = headers["Content-Security-Policy"].split("; ")
    assert directives[0] == "default-src 'none'"
    assert "frame-ancestors 'none'" in directives
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert headers["Permissions-Policy"]
    assert headers["X-Request-Id"]
    assert "Strict-Transport-Security" not in headers


def test_pages_hold_nothing_that_the_policy_forbids(app: Flask) -> None:
    for path in ("/login", "/hinweise", "/nowhere"):
        text = app.test_client().get(path, headers={"Accept": "text/html"}).text
        assert not [word for word in ("<style", " style=", "<script>", " onclick=", "javascript:") if word in text]


def test_https_is_remembered_by_browsers(app: Flask) -> None:
    assert "Strict-Transport-Security" in app.test_client().get("/login", base_url="https://a.example").headers


def test_forwarded_headers_are_believed_only_behind_a_proxy(make_app: Callable[..., Flask]) -> None:
    sent = {"X-Forwarded-Proto": "https"}
    behind = make_app(settings=Settings(master_key=bytes(32), trusted_proxies=1))
    assert "Strict-Transport-Security" in behind.test_client().get("/login", headers=sent).headers
    assert "Strict-Transport-Security" not in make_app().test_client().get("/login", headers=sent).headers


@pytest.mark.parametrize(
    ("origins", "address", "framers"),
    [
        ("https://stadt.example", "/toy/widget?embed=1", "https://stadt.example"),
        ("https://stadt.example", "/toy/widget", "'none'"),
        ("https://stadt.example", "/hinweise?embed=1", "'none'"),
        ("", "/toy/widget?embed=1", "'none'"),
    ],
)
def test_only_the_embedded_form_may_be_framed_and_only_by_whom_the_city_names(
    make_app: Callable[..., Flask], origins: str, address: str, framers: str
) -> None:
    app = make_app(settings=Settings(master_key=bytes(32), embed_origins=origins))

    @app.get("/toy/widget")
    @public
    @embeddable
    def widget() -> str:
        return ""

    assert f"frame-ancestors {framers}" in app.test_client().get(address).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("order-4711_a.b", True), ("short", False), ("x" * 65, False), ('a"b<script>', False)]
)
def test_a_sane_request_id_is_kept_and_others_are_replaced(app: Flask, sent: str, kept: bool) -> None:
    answer = app.test_client().get("/toy/healthz", headers={"X-Request-Id": sent})
    assert (answer.headers["X-Request-Id"] == sent) is kept


def test_requests_are_logged_without_addresses_and_queries(app: Flask) -> None:
    with capture_logs() as lines:
        app.test_client().get("/toy/healthz?name=Meier", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert [(line["event"], line["path"], line["status"]) for line in lines] == [
        ("request_served", "/toy/healthz", 200)
    ]
    assert "Meier" not in str(lines)
    assert "192.0.2.7" not in str(lines)


def test_an_address_that_asks_too_often_waits_and_others_do_not(
    make_app: Callable[..., Flask], clock: SteeredClock
) -> None:
    client = make_app(settings=Settings(master_key=bytes(32), requests_per_s=1)).test_client()
    answers = [client.get("/hinweise") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=5;w=5'
    assert answers[0].headers["RateLimit"] == '"default";r=4;t=0'
    assert answers[5].headers["Retry-After"] == "1"
    assert answers[5].mimetype == "application/problem+json"
    assert client.get("/hinweise", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert client.get("/toy/healthz").status_code == 200
    clock.advance(SECOND_US)
    assert client.get("/hinweise").status_code == 200


def test_an_endpoint_may_have_a_rate_of_its_own(app: Flask) -> None:
    @app.get("/toy/slow")
    @public
    @limits(rate=Rate(1, 2))
    def slow() -> str:
        return ""

    client = app.test_client()
    assert [client.get("/toy/slow").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/hinweise").status_code == 200


def test_public_pages_set_no_cookie(app: Flask) -> None:
    assert "Set-Cookie" not in app.test_client().get("/hinweise").headers


def test_the_city_arms_are_served_where_there_are_any(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    arms = tmp_path / "arms.svg"
    arms.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    client = make_app(settings=Settings(master_key=bytes(32), city_arms=str(arms))).test_client()
    with client.get("/wappen.svg") as answer:
        assert answer.mimetype == "image/svg+xml"
    assert 'src="/wappen.svg"' in client.get("/hinweise").text
