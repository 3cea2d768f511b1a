import base64
import stat
from pathlib import Path

import pytest

from shared.settings import MASKED, PREFIX, Area, Settings, SettingsError, read_settings
from tests.support.certificates import Authority

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for line in Settings().lines():
        monkeypatch.delenv(line.variable, raising=False)
    monkeypatch.setenv("LEITBAKE_DATA_DIR", str(tmp_path / "data"))


def test_an_empty_environment_gives_the_embedded_city_of_mainz() -> None:
    settings = read_settings()
    assert (settings.city, settings.namespace, settings.database_url) == ("Mainz", "de-mainz", "")
    assert settings.origin == "http://127.0.0.1:8080"
    assert not settings.https


def test_values_are_typed_and_empty_ones_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEITBAKE_SERVICE_AREA", "8.1, 49.9,8.4,50.1")
    monkeypatch.setenv("LEITBAKE_PORT", " ")
    monkeypatch.setenv("LEITBAKE_FEDERAL_BANNER", "true")
    monkeypatch.setenv("LEITBAKE_BASE_URL", "https://baustellen.example/")
    settings = read_settings()
    assert settings.service_area == Area(8.1, 49.9, 8.4, 50.1)
    assert (settings.port, settings.federal_banner) == (8080, True)
    assert (settings.origin, settings.https) == ("https://baustellen.example", True)


def test_all_faults_are_told_at_once_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {"PORT": "70000", "NAMESPACE": "De Mainz", "MASTER_KEY": "c2hvcnQ=", "SERVICE_AREA": "9,50,8,49"}
    for name, value in bad.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as told:
        read_settings()
    assert [part.split(":")[0] for part in str(told.value).split("; ")] == sorted(PREFIX + name for name in bad)
    assert "c2hvcnQ" not in str(told.value)


@pytest.mark.parametrize("url", ["ftp://a", "https://a/path", "a.example", "https://a?b"])
def test_an_origin_is_scheme_and_host_alone(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LEITBAKE_BASE_URL", url)
    with pytest.raises(SettingsError, match="LEITBAKE_BASE_URL"):
        read_settings()


def test_the_embedded_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first, second = read_settings(), read_settings()
    path = tmp_path / "data" / "master.key"
    assert len(first.master_key) == 32
    assert first.master_key == second.master_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_key_file_stops_the_start_and_is_not_replaced(tmp_path: Path) -> None:
    read_settings()
    path = tmp_path / "data" / "master.key"
    path.write_text("oops")
    with pytest.raises(SettingsError, match=r"master\.key"):
        read_settings()
    assert path.read_text() == "oops"


def test_a_database_server_needs_a_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEITBAKE_DATABASE_URL", "postgresql://db/leitbake")
    with pytest.raises(SettingsError, match="LEITBAKE_MASTER_KEY"):
        read_settings()
    monkeypatch.setenv("LEITBAKE_MASTER_KEY", KEY)
    assert read_settings().master_key == bytes(range(32))


def test_secrets_are_masked_where_settings_are_shown() -> None:
    settings = Settings(master_key=bytes(range(32)), database_url="postgresql://u:geheim@db/x")
    lines = {line.variable: line for line in settings.lines()}
    assert lines["LEITBAKE_MASTER_KEY"].value == lines["LEITBAKE_DATABASE_URL"].value == MASKED
    assert "geheim" not in repr(settings)
    assert repr(bytes(range(32)))[2:20] not in repr(settings)


def test_every_setting_says_its_unit_and_meaning() -> None:
    assert all(line.unit and line.meaning for line in Settings().lines())


def test_the_cookie_secret_follows_the_master_key_and_is_not_it() -> None:
    one, other = Settings(master_key=bytes(32)), Settings(master_key=bytes([1] * 32))
    assert one.cookie_secret == Settings(master_key=bytes(32)).cookie_secret
    assert one.cookie_secret not in {other.cookie_secret, one.master_key}


def test_a_secret_may_lie_in_a_file_that_goes_before_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, content in (("MASTER_KEY", KEY), ("DATABASE_URL", "postgresql://db/city"), ("KAFKA_PASSWORD", "open")):
        (tmp_path / name).write_text(f"{content}\n")
        monkeypatch.setenv(f"{PREFIX}{name}_FILE", str(tmp_path / name))
    monkeypatch.setenv("LEITBAKE_KAFKA_PASSWORD", "older")
    settings = read_settings()
    assert settings.master_key == bytes(range(32))
    assert (settings.database_url, settings.kafka_password) == ("postgresql://db/city", "open")


def test_a_secret_file_that_is_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEITBAKE_MASTER_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(SettingsError, match="LEITBAKE_MASTER_KEY_FILE"):
        read_settings()


def test_a_log_in_that_is_half_set_or_files_that_cannot_be_used_are_told_before_a_broker_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = Authority(tmp_path, "ours")
    own, other = str(ours.issue("city")), str(ours.issue("other"))
    (tmp_path / "empty.pem").touch()
    good = {
        "BOOTSTRAP": "kafka:9093",
        "SECURITY": "SASL_SSL",
        "USERNAME": "city",
        "PASSWORD": "open sesame",
        "CA": str(ours.ca),
    }
    good |= {"CERTIFICATE": own, "CERTIFICATE_KEY": own}
    for name, value in good.items():
        monkeypatch.setenv(f"LEITBAKE_KAFKA_{name}", value)
    assert read_settings().kafka["ssl_keyfile"] == own
    wrong = [(name, str(tmp_path / file)) for name in ("CA", "CERTIFICATE") for file in ("empty.pem", "absent.pem")]
    for name, value in [*wrong, ("CERTIFICATE_KEY", other), ("USERNAME", ""), ("PASSWORD", "")]:
        with monkeypatch.context() as once:
            once.setenv(f"LEITBAKE_KAFKA_{name}", value)
            with pytest.raises(SettingsError, match=f"^LEITBAKE_KAFKA_{name[:11]}") as told:
                read_settings()
        assert "sesame" not in str(told.value)
