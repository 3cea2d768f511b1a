"""What each of our log-ins may do on a Kafka cluster with ACLs: what it must, and nothing else.

``python -m deploy.kafka.rights [PREFIX]`` prints the commands that grant it, for ``kafka-acls.sh`` of Kafka; PREFIX is
``LEITBAKE_KAFKA_PREFIX``. deploy/README.md says how the log-ins are named in the settings.
"""

import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import click

from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, SITUATIONS, TOPICS, Topic

OURS = "leitbake."
Kind = Literal["topic", "group", "transactional-id"]


class Rights(NamedTuple):
    """Topics. Who decides on a grid also seals what it reads (law 6), and that is writing."""

    reads: Sequence[Topic] = ()
    writes: Sequence[Topic] = ()
    relays: bool = True


class Grant(NamedTuple):
    """Operations on everything of a kind that has this name, or that begins with it where ``prefixed``."""

    operations: Sequence[str]
    kind: Kind
    names: Sequence[str]
    prefixed: bool = False


RIGHTS = {
    "permits": Rights(reads=[SITES], writes=[PERMITS]),
    "beacons": Rights(reads=[PERMITS, PINGS, DEVICES, SITES], writes=[PINGS, DEVICES, SITES, PERMITS]),
    "navfeed": Rights(reads=[PERMITS, SITES], writes=[SITUATIONS, PERMITS, SITES]),
    "ops": Rights(reads=TOPICS, writes=TOPICS, relays=False),
}
SETUP = "owner"


def grants(login: str, prefix: str) -> Iterator[Grant]:
    """Of a service, of who looks after all, or of who makes the topics."""
    every = [prefix + OURS]
    if login == SETUP:
        yield Grant(["Create", "Describe", "DescribeConfigs", "AlterConfigs"], "topic", every, prefixed=True)
        return
    rights = RIGHTS[login]
    # At its start a process looks whether all topics are there.
    yield Grant(["Describe"], "topic", every, prefixed=True)
    yield Grant(["Read"], "topic", [prefix + topic.name for topic in rights.reads])
    yield Grant(["Write"], "topic", [prefix + topic.name for topic in rights.writes])
    if rights.relays:
        yield Grant(["Write", "Describe"], "transactional-id", [f"{prefix}relay {login}"])
        yield Grant(["Read"], "group", [f"{prefix}{OURS}{login}."], prefixed=True)


def command(login: str, grant: Grant) -> str:
    """As a shell takes it."""
    words = ["kafka-acls.sh", "--bootstrap-server", "BROKERS", "--command-config", "ADMIN.properties", "--add"]
    words += ["--allow-principal", f"User:leitbake-{login}"]
    for operation in grant.operations:
        words += ["--operation", operation]
    for name in grant.names:
        words += [f"--{grant.kind}", name]
    return shlex.join([*words, "--resource-pattern-type", "prefixed" if grant.prefixed else "literal"])


def main() -> None:
    """Print all commands; BROKERS and ADMIN.properties stand for those of the cluster."""
    prefix = "".join(sys.argv[1:2])
    for login in (SETUP, *RIGHTS):
        for grant in grants(login, prefix):
            click.echo(command(login, grant))


if __name__ == "__main__":
    main()
