"""The namespace of the demo's ids: its own, and for a folder's life the one it began with."""

import json
import os
from pathlib import Path

import pytest

from services.suite.demo import KEPT, keep_settings
from shared.settings import read_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "LEITBAKE_DATA_DIR": str(tmp_path)})
    monkeypatch.delenv("LEITBAKE_NAMESPACE", raising=False)


def start(folder: Path, *, invented: bool = True) -> str:
    """The namespace that a start with these settings has."""
    before = dict(os.environ)
    keep_settings(folder, invented=invented)
    try:
        return read_settings(make_key=False).namespace
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_a_new_demo_names_no_real_city(tmp_path: Path) -> None:
    assert start(tmp_path) == "de-gutenau"
    assert start(tmp_path) == "de-gutenau"
    assert start(tmp_path, invented=False) == "de-gutenau"


def test_a_folder_of_before_goes_on_with_its_ids(tmp_path: Path) -> None:
    (tmp_path / KEPT).write_text(json.dumps({"LEITBAKE_CITY": "Gutenau"}))
    assert start(tmp_path) == "de-mainz"
    assert start(tmp_path) == "de-mainz"


def test_a_city_that_was_begun_without_the_demo_keeps_its_ids(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    assert start(tmp_path) == "de-mainz"


def test_a_real_city_is_no_demo_of_gutenau(tmp_path: Path) -> None:
    assert start(tmp_path, invented=False) == "de-mainz"


def test_what_was_given_at_the_first_start_holds_without_being_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITBAKE_NAMESPACE", "de-anderswo")
    assert start(tmp_path) == "de-anderswo"
    monkeypatch.delenv("LEITBAKE_NAMESPACE")
    assert start(tmp_path) == "de-anderswo"
