"""Log-ins and ACLs on a broker of the tests' own, as an administrator of the cluster makes them."""

import re
from collections.abc import Iterator, Mapping

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from deploy.kafka.rights import RIGHTS, SETUP, Grant, grants

LOG_INS = (SETUP, *RIGHTS)
KINDS = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
}


def let_in(admin: KafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """By SCRAM-SHA-512; of each log-in the part of its name behind ``leitbake-``, and its password."""
    for login, password in passwords.items():
        credential = UserScramCredentialUpsertion(f"leitbake-{login}", ScramMechanism.SCRAM_SHA_512, password)
        admin.alter_user_scram_credentials([credential])


def grant_all(admin: KafkaAdminClient, prefix: str) -> None:
    """What deploy/kafka/rights.py lists."""
    admin.create_acls([acl for login in LOG_INS for grant in grants(login, prefix) for acl in _acls(login, grant)])


def _acls(login: str, grant: Grant) -> Iterator[ACL]:
    pattern = ACLResourcePatternType.PREFIXED if grant.prefixed else ACLResourcePatternType.LITERAL
    for name in grant.names:
        resource = ResourcePattern(KINDS[grant.kind], name, pattern)
        for operation in grant.operations:
            words = "_".join(re.findall("[A-Z][a-z]+", operation)).upper()
            allowed = ACLOperation[words], ACLPermissionType.ALLOW
            yield ACL(f"User:leitbake-{login}", "*", *allowed, resource)
