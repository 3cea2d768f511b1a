"""Commands on a folder, a database or with words that cannot be: one clear sentence, an exit code, nothing made."""

import base64
import re
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import psycopg
import pytest

from services.beacons.application.door import tick
from services.suite.cli import main
from services.suite.commands.imports import _tell
from shared.clock import WallClock
from shared.contracts.topics import PINGS
from shared.eventlog.opening import open_log
from shared.settings import Settings
from tests.conftest import at_database

KEY = base64.b64encode(bytes(32)).decode()
Told = tuple[object, str]


@pytest.fixture
def leitbake(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Told]:
    """Run the command line; what it exits with (a sentence counts as 1), and all that it said."""
    monkeypatch.setenv("LEITBAKE_DATA_DIR", str(tmp_path / "mistyped"))
    monkeypatch.delenv("LEITBAKE_DATABASE_URL", raising=False)

    def run(*arguments: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["leitbake", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        said = ended.value.code if isinstance(ended.value.code, str) else ""
        return (1 if said else ended.value.code), " ".join(f"{out} {err} {said}".split())

    return run


@pytest.mark.parametrize(
    "arguments",
    ["keys list", "keys create fleet --note x", "projection list", "parked list", "events list leitbake.pings.v1",
     "feed at roadworks.geojson", "feed verify", "work"],
)  # fmt: skip
def test_where_no_city_is_a_command_says_so_and_makes_none(
    leitbake: Callable[..., Told], tmp_path: Path, arguments: str
) -> None:
    code, said = leitbake(*arguments.split())
    assert code == 1
    assert "there is no city in" in said
    assert "Traceback" not in said
    assert not (tmp_path / "mistyped").exists()


def test_a_file_that_is_no_city_is_one_sentence(leitbake: Callable[..., Told], tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("no streets")
    for arguments in (
        ["roads", "import", str(file)],
        ["simulate", "--roads", str(file), "--out", str(tmp_path / "out")],
    ):
        code, said = leitbake(*arguments)
        assert code == 1
        assert "leitbake: notes.md: " in said
        assert "Traceback" not in said


def test_a_folder_that_cannot_be_made_is_one_sentence(leitbake: Callable[..., Told], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, said = leitbake("simulate", "--sites", "1", "--lights", "2", "--hours", "1", "--out", f"{tmp_path}/file/out")
    assert code == 1
    assert "Error: " in said
    assert "Traceback" not in said


def test_the_doctor_names_every_setting_in_full_and_makes_nothing(
    leitbake: Callable[..., Told], tmp_path: Path
) -> None:
    code, said = leitbake("doctor")
    assert code == 1
    assert "there is no city in" in said
    assert {f"LEITBAKE_{entry.name.upper()}" for entry in fields(Settings)} <= set(said.split())
    assert "…" not in re.sub(r"…\)", "", said)
    assert not (tmp_path / "mistyped").exists()


def test_a_database_without_our_tables_is_told_to_be_migrated(
    leitbake: Callable[..., Told], monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    monkeypatch.setenv("LEITBAKE_DATABASE_URL", at_database(postgres_url, "bare"))
    monkeypatch.setenv("LEITBAKE_MASTER_KEY", KEY)
    code, said = leitbake("keys", "list")
    assert code == 1
    assert re.search(r"\d+ migrations have not run on this database; run: leitbake migrate", said)


def test_a_server_that_is_away_is_one_sentence(leitbake: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEITBAKE_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    monkeypatch.setenv("LEITBAKE_MASTER_KEY", KEY)
    code, said = leitbake("keys", "list")
    assert code == 1
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("events list leitbake.pings.v1 --limit -1", "-1 is not in the range"),
        ("events list leitbake.pings.v1 --limit 0", "0 is not in the range"),
        ("feed at roadworks.geojson 2999-01-01T00:00:00Z", "still to come"),
        ("feed at roadworks.geojson gestern", "no RFC 3339 instant"),
        ("feed at roadworks.geojson 2026-03-02T06:10:00", "no RFC 3339 instant"),
        ("simulate --sites 0 --out x", "0 is not in the range"),
    ],
)
def test_a_wrong_word_is_wrong_usage(leitbake: Callable[..., Told], arguments: str, sentence: str) -> None:
    code, said = leitbake(*arguments.split())
    assert (code, sentence in said) == (2, True), said


def test_a_list_that_stops_says_so(
    leitbake: Callable[..., Told], monkeypatch: pytest.MonkeyPatch, city_url: Callable[[], str]
) -> None:
    url = city_url()
    monkeypatch.setenv("LEITBAKE_DATABASE_URL", url)
    monkeypatch.setenv("LEITBAKE_MASTER_KEY", KEY)
    log = open_log(url, WallClock())
    log.send([tick(slot, 0, 0) for slot in range(3)])
    assert "There are more than these 2: --limit 20" in leitbake("events", "list", PINGS.name, "--limit", "2")[1]
    assert "There are more" not in leitbake("events", "list", PINGS.name, "--limit", "3")[1]


def test_a_scope_that_opens_nothing_is_wrong_usage(
    leitbake: Callable[..., Told], monkeypatch: pytest.MonkeyPatch, city_url: Callable[[], str]
) -> None:
    monkeypatch.setenv("LEITBAKE_DATABASE_URL", city_url())
    monkeypatch.setenv("LEITBAKE_MASTER_KEY", KEY)
    code, said = leitbake("keys", "create", "device", "--note", "x", "--scope", "alles")
    assert (code, "a scope is devices:" in said) == (2, True), said
    assert "device " not in leitbake("keys", "list")[1]


def test_an_import_report_says_what_was_refused_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    taken = {"feature": 0, "permit_number": "A-1", "outcome": "taken", "effect": "created", "sentences": []}
    refused = {"feature": 1, "outcome": "refused", "effect": "refused", "sentences": ["Das Aktenzeichen fehlt."]}
    report = {"created": 1, "changed": 0, "unchanged": 0, "refused": 1, "features": [taken, refused]}
    with pytest.raises(SystemExit) as ended:
        _tell(report, as_json=False)
    assert ended.value.code == 3
    assert capsys.readouterr().out.splitlines() == [
        "created: 0 A-1",
        "refused: 1 Das Aktenzeichen fehlt.",
        "created 1, changed 0, unchanged 0, refused 1",
    ]
