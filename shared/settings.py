"""All settings of the suite: read once from ``LEITBAKE_*``, typed, each with its unit, default and meaning."""

import base64
import os
import secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from environs import Env, EnvValidationError, FileAwareEnv
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range, Regexp

from shared.holidays import LANDS
from shared.privacy.keys import KEY_BYTES, derive

PREFIX = "LEITBAKE_"
MASKED = "********"
SECURITIES = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
Unit: TypeAlias = Literal[
    "address", "path", "text", "base64", "degrees", "hours", "seconds", "1/s", "number", "yes/no", "level"
]


class Area(NamedTuple):
    """WGS 84 degrees, edges included."""

    west: float
    south: float
    east: float
    north: float


GERMANY = Area(5.8, 47.2, 15.1, 55.1)


class SettingsError(Exception):
    """One or more variables cannot be used; the message names each with its fault."""


class SettingLine(NamedTuple):
    """A row for ``leitbake doctor`` and the docs; secrets are masked."""

    variable: str
    value: str
    unit: Unit
    default: str
    meaning: str


def _setting(
    default: Any, unit: Unit, meaning: str, *, kind: str = "str", secret: bool = False, check: Any = None
) -> Any:
    """A field, what ``doctor`` prints, and how environs reads it: ``kind`` names its parser, ``check`` a validator."""
    metadata = {"unit": unit, "meaning": meaning, "kind": kind, "secret": secret, "check": check}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Built by ``read_settings``; tests name only what matters to them."""

    database_url: str = _setting("", "address", "PostgreSQL server; empty: embedded", secret=True)
    kafka_bootstrap: str = _setting("", "address", "Kafka brokers, comma-separated; empty: the log lies in PostgreSQL")
    kafka_prefix: str = _setting(
        "", "text", "before every topic's name, on a cluster with others", check=Regexp(r"^[A-Za-z0-9._-]*\Z")
    )
    kafka_replicas: int = _setting(1, "number", "copies of every topic", kind="int", check=Range(1, 9))
    kafka_security: str = _setting("PLAINTEXT", "text", "how brokers are spoken to", check=OneOf(SECURITIES))
    kafka_ca: str = _setting("", "path", "certificates that brokers are checked against; empty: the system's")
    kafka_certificate: str = _setting("", "path", "our own certificate, where brokers ask for one")
    kafka_certificate_key: str = _setting("", "path", "its key")
    kafka_sasl: str = _setting("SCRAM-SHA-512", "text", "how we prove who we are, with SASL", check=OneOf(MECHANISMS))
    kafka_username: str = _setting("", "text", "with SASL")
    kafka_password: str = _setting("", "text", "with SASL", secret=True)
    # RUF009 means shared mutable defaults; `_setting` is `field`, and paths and tuples never change.
    data_dir: Path = _setting(Path(".data"), "path", "embedded database, master key, imported city", kind="path")  # noqa: RUF009
    master_key: bytes = _setting(
        b"", "base64", "32 bytes; empty and embedded: made once in the data folder", kind="key", secret=True
    )
    namespace: str = _setting(
        "de-mainz", "text", "prefix of published ids, for life", check=Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z")
    )
    base_url: str = _setting(
        "", "address", "public origin; empty: http://127.0.0.1 and the port", check=Regexp(r"^https?://[^/?#\s]+/?\Z")
    )
    host: str = _setting("127.0.0.1", "address", "interface to listen on")
    port: int = _setting(8080, "number", "port to listen on", kind="int", check=Range(1, 65535))
    trusted_proxies: int = _setting(
        0, "number", "proxies in front whose X-Forwarded-* headers are believed", kind="int", check=Range(0, 5)
    )
    city: str = _setting("Mainz", "text", "name of the city on every page")
    land: str = _setting(
        "DE-RP", "text", "Land whose public holidays are no working days, ISO 3166-2", check=OneOf(list(LANDS))
    )
    city_arms: str = _setting("", "path", "SVG of the city's arms in the page head; empty: none")
    lead_time: str = _setting(
        "Bitte mindestens zwei Wochen vorher beantragen, größere Arbeiten vier Wochen vorher.",
        "text",
        "sentence at the begin of an application; empty: none",
    )
    federal_banner: bool = _setting(
        default=False, unit="yes/no", meaning="KERN's banner of official sites", kind="bool"
    )
    embed_origins: str = _setting(
        "",
        "address",
        "sites that may show /?embed=1 in a frame, blank-separated origins or *; empty: none",
        check=Regexp(r"^(\*|https?://[^/?#\s;,']+( https?://[^/?#\s;,']+)*)\Z"),
    )
    service_area: Area = _setting(  # noqa: RUF009  # as above
        GERMANY, "degrees", "west,south,east,north; positions outside are refused", kind="area"
    )
    clear_hold_s: int = _setting(
        600, "seconds", "all lights of a site gone or off for so long: cleared", kind="int", check=Range(1, 86_400)
    )
    settle_s: int = _setting(
        600, "seconds", "no light came or left for so long: the ends are told", kind="int", check=Range(1, 86_400)
    )
    not_set_up_s: int = _setting(
        7200, "seconds", "in force for so long and nobody there: not set up", kind="int", check=Range(1, 86_400 * 7)
    )
    pings_days: int = _setting(
        400,
        "number",
        "days after which whole months of pings are dropped from the log",
        kind="int",
        check=Range(2, 36_500),
    )
    publisher: str = _setting("Stadt Mainz", "text", "who publishes the feed")
    licence: str = _setting("https://www.govdata.de/dl-de/by-2-0", "address", "licence of the published data")
    attribution: str = _setting("© OpenStreetMap-Mitwirkende", "text", "sources to be named with map and feed")
    imprint_url: str = _setting("", "address", "Impressum; empty: our own notes page")
    privacy_url: str = _setting("", "address", "Datenschutzerklärung; empty: our own notes page")
    accessibility_url: str = _setting("", "address", "Erklärung zur Barrierefreiheit; empty: our own notes page")
    contact_email: str = _setting("", "text", "where barriers are reported; empty: the page says who runs the site")
    session_hours: int = _setting(12, "hours", "after which a log-in ends", kind="int", check=Range(1, 24 * 30))
    requests_per_s: int = _setting(
        200, "1/s", "sustained requests of one key or address; bursts of 5 s", kind="int", check=Range(1, 1_000_000)
    )
    log_level: str = _setting("INFO", "level", "DEBUG, INFO, WARNING or ERROR", check=OneOf(LEVELS))

    @property
    def origin(self) -> str:
        """Scheme, host and port under which people reach us, without a slash at the end."""
        return self.base_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def https(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def kafka(self) -> dict[str, Any]:
        """What every Kafka client is given; empty where the log lies in PostgreSQL."""
        if not self.kafka_bootstrap:
            return {}
        given = {
            "bootstrap_servers": self.kafka_bootstrap.split(","),
            "security_protocol": self.kafka_security,
            "ssl_cafile": self.kafka_ca,
            "ssl_certfile": self.kafka_certificate,
            "ssl_keyfile": self.kafka_certificate_key,
        }
        if self.kafka_security.startswith("SASL"):
            given |= {
                "sasl_mechanism": self.kafka_sasl,
                "sasl_plain_username": self.kafka_username,
                "sasl_plain_password": self.kafka_password,
            }
        return {name: value for name, value in given.items() if value}

    @property
    def cookie_secret(self) -> bytes:
        return derive(self.master_key, "cookies")

    def lines(self) -> list[SettingLine]:
        """Every setting in its order, ready to print."""
        return [_line(entry, getattr(self, entry.name)) for entry in fields(self)]


def read_settings(*, make_key: bool = True) -> Settings:
    """Read and check the environment once, at the composition root; raises ``SettingsError`` with all faults.

    Embedded and without a master key, one is made in the data folder: losing that folder loses data and key together.
    With ``make_key`` false nothing is made, and the key may be empty. A value may also lie in a file that the variable
    with ``_FILE`` behind its name tells, as Docker hands out secrets; the file goes before the variable.
    """
    env = FileAwareEnv(eager=False, prefix=PREFIX, strip_whitespace=True)
    env.add_parser("key", _key)
    env.add_parser("area", _area)
    try:
        values = {entry.name: _read(env, entry) for entry in fields(Settings)}
        env.seal()
    except EnvValidationError as error:
        found = cast("dict[str, list[str]]", error.error_messages)  # ``seal`` always gives faults by variable
        raise SettingsError("; ".join(f"{name}: {' '.join(found[name])}" for name in sorted(found))) from error
    except ValueError as error:  # a file that cannot be read; the message names its variable
        raise SettingsError(str(error)) from error
    if not values["master_key"]:
        if values["database_url"]:
            raise SettingsError(f"{PREFIX}MASTER_KEY: is needed with a database server, the same in every process")
        if make_key:
            values["master_key"] = _key_file(values["data_dir"])
    if values["kafka_bootstrap"] and (faults := list(_kafka_faults(values))):
        raise SettingsError("; ".join(faults))
    return Settings(**values)


def _read(env: Env, entry: Field[Any]) -> Any:
    """An empty variable counts as unset: compose files pass many of those."""
    name, how = entry.name.upper(), entry.metadata
    if not any(os.environ.get(variable, "").strip() for variable in (PREFIX + name, f"{PREFIX}{name}_FILE")):
        return entry.default
    checked = {"validate": how["check"]} if how["check"] else {}
    return getattr(env, how["kind"])(name, entry.default, **checked)


def _kafka_faults(values: Mapping[str, Any]) -> Iterator[str]:
    """A client would try again and again what it lacks, or ask a terminal for the words of an encrypted key."""
    if values["kafka_security"].startswith("SASL"):
        for name in ("kafka_username", "kafka_password"):
            if not values[name]:
                yield f"{PREFIX}{name.upper()}: is needed with LEITBAKE_KAFKA_SECURITY={values['kafka_security']}"
    if not values["kafka_security"].endswith("SSL"):
        return
    context, ca, certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), values["kafka_ca"], values["kafka_certificate"]
    try:
        if ca:
            context.load_verify_locations(ca)
    except OSError as error:
        yield f"{PREFIX}KAFKA_CA: {ca} cannot be used: {error.strerror or error}"
    try:
        if certificate:
            context.load_cert_chain(certificate, values["kafka_certificate_key"] or None, password="")
    except OSError as error:
        yield f"{PREFIX}KAFKA_CERTIFICATE and its key cannot be used: {error.strerror or error}"


def _key(raw: str) -> bytes:
    try:
        key = base64.b64decode(raw.strip(), validate=True)
    except ValueError as error:
        raise ValidationError("is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValidationError(f"is not base64 of {KEY_BYTES} bytes")
    return key


def _area(raw: str) -> Area:
    try:
        area = Area(*map(float, raw.split(",")))
    except (TypeError, ValueError) as error:
        raise ValidationError("is not four numbers west,south,east,north") from error
    if not (-180 <= area.west < area.east <= 180 and -90 <= area.south < area.north <= 90):
        raise ValidationError("is not west,south,east,north in degrees, each smaller one first")
    return area


def _key_file(data_dir: Path) -> bytes:
    """The key kept in the data folder, readable by its owner alone; of two starts at once, one key wins."""
    path = data_dir / "master.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        return _key(path.read_text())
    except ValidationError as error:
        raise SettingsError(f"{path}: {error}") from error


def _line(entry: Field[Any], value: Any) -> SettingLine:
    how = entry.metadata
    shown = MASKED if how["secret"] and value else _shown(value)
    return SettingLine(PREFIX + entry.name.upper(), shown, how["unit"], _shown(entry.default), how["meaning"])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" for number in value)
    return "" if value == b"" else str(value)
