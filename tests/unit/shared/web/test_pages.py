import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.settings import Settings

VOID = {"meta", "link", "input", "img", "br"}


class Outline(HTMLParser):
    """What a page holds, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.mark.parametrize("path", ["/login", "/hinweise", "/nowhere"])
def test_every_page_has_language_title_landmarks_and_one_heading(app: Flask, path: str) -> None:
    text = app.test_client().get(path, headers={"Accept": "text/html"}).text
    page = Outline(text)
    assert page.all("html") == [{"lang": "de"}]
    assert " Mainz</title>" in text
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("nav")) == len(page.all("footer")) == 1
    assert page.all("a")[0]["href"] == "#" + (page.all("main")[0]["id"] or "")


def test_every_link_of_the_shell_into_the_notes_has_its_target(app: Flask) -> None:
    page = Outline(app.test_client().get("/hinweise").text)
    ids = {attrs["id"] for _, attrs in page.found if "id" in attrs}
    anchors = [href.partition("#")[2] for it in page.all("a") if (href := it["href"] or "").startswith("/hinweise#")]
    assert len(anchors) == 5
    assert set(anchors) <= ids


def test_the_footer_points_to_the_citys_own_pages_where_it_has_them(make_app: Callable[..., Flask]) -> None:
    settings = Settings(master_key=bytes(32), imprint_url="https://stadt.example/i", contact_email="a@stadt.example")
    links = [it["href"] for it in Outline(make_app(settings=settings).test_client().get("/hinweise").text).all("a")]
    assert "https://stadt.example/i" in links
    assert "mailto:a@stadt.example?subject=Barriere" in links


def test_the_federal_banner_hangs_only_by_setting(make_app: Callable[..., Flask]) -> None:
    assert "kern-kopfzeile" not in make_app().test_client().get("/hinweise").text
    banner = Settings(master_key=bytes(32), federal_banner=True)
    assert "kern-kopfzeile" in make_app(settings=banner).test_client().get("/hinweise").text


@pytest.fixture
def built(make_app: Callable[..., Flask], tmp_path: Path) -> FlaskClient:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "manifest.json").write_text(
        json.dumps({"main.css": ["main-AB12CD34.css"], "main.js": ["main-EF56GH78.js"]})
    )
    (dist / "main-AB12CD34.css").write_text("body{}")
    (dist / "main-AB12CD34.css.br").write_bytes(b"small")
    (tmp_path / "plain.txt").write_text("x")
    return make_app(static=tmp_path).test_client()


def test_a_build_brings_hashed_styles_and_scripts(built: FlaskClient) -> None:
    page = Outline(built.get("/hinweise").text)
    styles = [link for link in page.all("link") if link["rel"] == "stylesheet"]
    assert styles == [{"rel": "stylesheet", "href": "/static/dist/main-AB12CD34.css"}]
    assert page.all("script") == [{"type": "module", "src": "/static/dist/main-EF56GH78.js"}]


def test_without_a_build_pages_render_plainly(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    page = Outline(make_app(static=tmp_path).test_client().get("/hinweise").text)
    assert page.all("link") == page.all("script") == []


@pytest.mark.parametrize(
    ("path", "for_ever"),
    [("dist/main-AB12CD34.css", True), ("dist/manifest.json", False), ("plain.txt", False)],
)
def test_only_hashed_names_are_cached_for_ever(built: FlaskClient, path: str, for_ever: bool) -> None:
    with built.get(f"/static/{path}") as answer:
        assert answer.status_code == 200
        assert ("immutable" in answer.headers["Cache-Control"]) is for_ever


@pytest.mark.parametrize(("accept", "encoding"), [("br, gzip", "br"), ("gzip", None), ("", None), ("br;q=0", None)])
def test_the_small_form_goes_to_those_who_take_it(built: FlaskClient, accept: str, encoding: str | None) -> None:
    with built.get("/static/dist/main-AB12CD34.css", headers={"Accept-Encoding": accept}) as answer:
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.data == (b"small" if encoding else b"body{}")
        assert answer.mimetype == "text/css"
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_nothing_outside_the_folder_is_sent(built: FlaskClient, tmp_path: Path) -> None:
    (tmp_path.parent / "secret.br").write_text("x")
    assert built.get("/static/../secret", headers={"Accept-Encoding": "br"}).status_code == 404
