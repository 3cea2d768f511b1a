"""A broker that wants TLS and a log-in, reached by settings alone, as those who run it set them.

It listens three times: openly for itself, with SASL_SSL for names and passwords, and with TLS for certificates of ours.
"""

import gc
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from deploy.kafka.broker import free_port, missing, running_broker
from shared.clock import SECOND_US, WallClock
from shared.contracts.topics import DEVICES, TOPICS
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog, FencedError, LogUnavailableError, Mark, Message, Partition
from shared.settings import PREFIX, Settings, read_settings
from tests.support.certificates import Authority
from tests.support.toys import said

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),  # kafka-python 3.0 leaves it to gc
]
ONLY = Partition(DEVICES.name, 0)
PASSWORDS = {"SCRAM-SHA-512": "long-and-salted", "PLAIN": "long-and-plain"}
PATIENCE_S = 20
PROPERTIES = r"""
listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://127.0.0.1:{password},SSL://127.0.0.1:{mutual},CONTROLLER://127.0.0.1:{{controller}}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://127.0.0.1:{password},SSL://127.0.0.1:{mutual}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
  user_city="{plain}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.ssl.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
"""


class Guarded(NamedTuple):
    """A broker that trusts ``ours``; ``other`` is an authority that nobody knows."""

    password: str
    mutual: str
    ours: Authority
    other: Authority

    def by_password(self, mechanism: str) -> dict[str, str]:
        return {
            "KAFKA_BOOTSTRAP": self.password,
            "KAFKA_SECURITY": "SASL_SSL",
            "KAFKA_CA": str(self.ours.ca),
            "KAFKA_SASL": mechanism,
            "KAFKA_USERNAME": "city",
            "KAFKA_PASSWORD": PASSWORDS[mechanism],
        }

    def by_certificate(self, authority: Authority) -> dict[str, str]:
        own = str(authority.issue("city"))
        return {
            "KAFKA_BOOTSTRAP": self.mutual,
            "KAFKA_SECURITY": "SSL",
            "KAFKA_CA": str(self.ours.ca),
            "KAFKA_CERTIFICATE": own,
            "KAFKA_CERTIFICATE_KEY": own,
        }


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    if lacking := missing():
        pytest.skip(f"a broker with a log-in needs {' and '.join(lacking)}")
    folder = tmp_path_factory.mktemp("guarded")
    ours, other = Authority(folder, "ours"), Authority(folder, "other")
    password, mutual = free_port(), free_port()
    more = PROPERTIES.format(
        password=password, mutual=mutual, plain=PASSWORDS["PLAIN"], certificate=ours.issue("broker"), ca=ours.ca
    )
    with running_broker(folder / "data", more=more) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        salted = PASSWORDS["SCRAM-SHA-512"]
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion("city", ScramMechanism.SCRAM_SHA_512, salted)])
        admin.close()
        yield Guarded(f"127.0.0.1:{password}", f"127.0.0.1:{mutual}", ours, other)


@pytest.fixture(scope="module")
def url(city_url: Callable[[], str]) -> str:
    return city_url()


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    """Sockets of refused handshakes, where the warning about them is expected."""
    yield
    gc.collect()


Setting = Callable[[Mapping[str, str]], Settings]


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch, url: str) -> Setting:
    """Set these variables, and read them as every process does."""
    for line in Settings().lines():
        monkeypatch.delenv(line.variable, raising=False)

    def put(values: Mapping[str, str]) -> Settings:
        with_database = {"DATABASE_URL": url, "MASTER_KEY": "A" * 43 + "="}
        for name, value in (with_database | dict(values)).items():
            monkeypatch.setenv(PREFIX + name, value)
        return read_settings()

    return put


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "services.suite", *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


def versions(log: EventLog, after: Mark) -> list[int]:
    """Of what lies behind a mark."""
    found, mark = list[int](), after
    while chunks := log.read({ONLY: mark}, 100):
        found += [record.event.version for record in chunks[0].records]
        mark = chunks[0].mark
    return found


def toy(n: int) -> Message:
    return Message(DEVICES.name, said("a", n, version=n, time=n * SECOND_US))


def works(settings: Settings, url: str) -> None:
    """All that a city asks of its log: topics, plain sends, the relay's transactions and their fence, reads, ends."""
    log = open_log(url, WallClock(), settings)
    try:
        start = Mark(log.ends(DEVICES.name)[ONLY])
        older = log.fence("relay guarded")
        log.send([toy(1)])
        log.send([toy(2), toy(3)], older)
        newer = log.fence("relay guarded")
        with pytest.raises(FencedError):
            log.send([toy(4)], older)
        log.send([toy(5)], newer)
        assert versions(log, start) == [1, 2, 3, 5]
        assert log.waiting_since({ONLY: start}) is not None
    finally:
        log.close()


@pytest.mark.parametrize("mechanism", PASSWORDS)
def test_a_log_behind_tls_and_a_password_does_all_that_a_log_does(
    guarded: Guarded, url: str, setting: Setting, caplog: pytest.LogCaptureFixture, mechanism: str
) -> None:
    works(setting(guarded.by_password(mechanism)), url)
    assert PASSWORDS[mechanism] not in caplog.text


def test_a_log_that_asks_for_our_certificate_does_all_that_a_log_does(
    guarded: Guarded, url: str, setting: Setting
) -> None:
    works(setting(guarded.by_certificate(guarded.ours)), url)


WRONG = {
    "password": ({"KAFKA_PASSWORD": "guessed-at"}, "name, password or mechanism"),
    "name": ({"KAFKA_USERNAME": "village"}, "name, password or mechanism"),
    "mechanism": ({"KAFKA_SASL": "SCRAM-SHA-256"}, "name, password or mechanism"),
    "no tls": ({"KAFKA_SECURITY": "SASL_PLAINTEXT"}, "disconnected"),
}


@pytest.mark.parametrize("what", WRONG)
def test_who_is_not_let_in_is_told_why_in_time_and_without_the_password(
    guarded: Guarded, url: str, setting: Setting, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    caplog.set_level(logging.INFO, "kafka")
    wrong, why = WRONG[what]
    settings = setting(guarded.by_password("SCRAM-SHA-512") | wrong)
    began = time.monotonic()
    with pytest.raises(LogUnavailableError) as told:
        open_log(url, WallClock(), settings)
    assert time.monotonic() - began < PATIENCE_S
    assert why in str(told.value)
    for words in (str(told.value), repr(told.value.__cause__), repr(settings), caplog.text):
        assert settings.kafka_password not in words


def test_a_broker_whose_certificate_nobody_trusts_gets_no_password(
    guarded: Guarded, url: str, setting: Setting
) -> None:
    settings = setting(guarded.by_password("PLAIN") | {"KAFKA_CA": str(guarded.other.ca)})
    with pytest.raises(LogUnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
        open_log(url, WallClock(), settings)


def test_our_certificate_of_an_authority_that_the_broker_does_not_know_is_refused_with_its_reason(
    guarded: Guarded, url: str, setting: Setting
) -> None:
    settings = setting(guarded.by_certificate(guarded.other))
    with pytest.raises(LogUnavailableError, match="certificate unknown"):
        open_log(url, WallClock(), settings)


def test_commands_work_through_tls_and_say_what_is_wrong_in_a_sentence(guarded: Guarded, setting: Setting) -> None:
    good = guarded.by_password("SCRAM-SHA-512") | {"KAFKA_PREFIX": "by-command."}
    setting(good)
    doctor = command("doctor")
    assert f"log: {len(TOPICS)} topics to make" in doctor.stdout
    assert doctor.returncode == 1
    made = command("topics", "ensure")
    assert made.returncode == 0, made.stderr
    assert [line.split(",")[0] for line in made.stdout.splitlines()] == [f"made by-command.{it.name}" for it in TOPICS]
    doctor = command("doctor")
    assert (doctor.returncode, doctor.stdout.splitlines()[-1]) == (0, "log: ok")
    setting(good | {"KAFKA_PASSWORD": "guessed-at"})
    for arguments in (["doctor"], ["topics", "ensure"], ["status"]):
        refused = command(*arguments)
        said = refused.stdout + refused.stderr
        assert refused.returncode == 1
        assert "name, password or mechanism" in " ".join(said.split())
        assert "guessed-at" not in said
        assert "Traceback" not in said
