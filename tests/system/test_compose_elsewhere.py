"""The compose file on a Kafka cluster elsewhere: over TLS, each service with a log-in that may only do what it must."""

import json
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from deploy.kafka.broker import free_port, missing, running_broker
from tests.support.certificates import Authority
from tests.support.compose import DOCKER, Stack, engine_answers, make_secrets, running
from tests.support.compose_works import order, place_of, set_up, until
from tests.support.rights import LOG_INS, grant_all, let_in

pytestmark = pytest.mark.long
FILES = ("docker-compose.yml", "deploy/kafka-elsewhere.yml")
PREFIX = "mainz."
PROPERTIES = r"""
listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://{there},CONTROLLER://127.0.0.1:{{controller}}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://{there}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
"""


def this_machine() -> str:
    """Its address as containers see it."""
    shown = subprocess.run([DOCKER, "network", "inspect", "bridge"], capture_output=True, check=True)
    return str(json.loads(shown.stdout)[0]["IPAM"]["Config"][0]["Gateway"])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if not engine_answers():
        pytest.skip("the compose file needs a container engine; `docker info` finds none")
    if lacking := missing():
        pytest.skip(f"a broker elsewhere needs {' and '.join(lacking)}")
    folder = tmp_path_factory.mktemp("elsewhere")
    make_secrets(folder / "secrets")
    address = this_machine()
    there, authority = f"{address}:{free_port()}", Authority(folder, "ours")
    (folder / "secrets" / "kafka_ca").write_bytes(authority.ca.read_bytes())
    (folder / "secrets" / "kafka_ca").chmod(0o444)
    more = PROPERTIES.format(there=there, certificate=authority.issue("broker", ip_address(address)))
    with running_broker(folder / "data", more=more) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        let_in(admin, {login: password_of(folder, login) for login in LOG_INS})
        grant_all(admin, PREFIX)
        admin.close()
        settings = {"LEITBAKE_KAFKA_BOOTSTRAP": there, "LEITBAKE_KAFKA_PREFIX": PREFIX, "LEITBAKE_SETTLE_S": 1}
        settings["LEITBAKE_KAFKA_REPLICAS"] = 1  # there is one broker
        with running(folder, settings, FILES) as made:
            yield made


def password_of(folder: Path, login: str) -> str:
    return (folder / "secrets" / f"kafka_password_leitbake-{login}").read_text()


def test_on_a_cluster_elsewhere_what_is_ordered_and_stands_there_is_measured_in_the_feed(stack: Stack) -> None:
    order(stack.key("clerk"), 1)
    set_up(stack.key("fleet"), 1)
    until(lambda: place_of(stack, 1), ["measured"], 60)
    assert stack.compose("ps", "--quiet", "--all", "kafka") == ""
    doctor = stack.compose("run", "--rm", "--no-deps", "-T", "leitbake", "doctor")
    assert "log: ok" in doctor.splitlines()
    for login in LOG_INS:
        assert password_of(stack.settings.parent, login) not in doctor + stack.compose("logs")
