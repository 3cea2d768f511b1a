"""The topics of the log on Kafka: made where they are missing, set right where somebody made them otherwise."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Literal

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError, TopicAuthorizationFailedError

from shared.contracts.topics import Topic
from shared.eventlog.port import MAX_RECORD_BYTES

FOR_EVER = -1
Times = Literal["LogAppendTime", "CreateTime"]


def properties(topic: Topic, times: Times, replicas: int, kept_ms: int) -> dict[str, str]:
    """Its configuration; ``kept_ms`` is for topics that are not retained."""
    return {
        "message.timestamp.type": times,
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": str(FOR_EVER if topic.retained else kept_ms),
        "retention.bytes": str(FOR_EVER),
        "max.message.bytes": str(MAX_RECORD_BYTES),
        "min.insync.replicas": str(max(1, replicas - 1)),
    }


def copies(admin: KafkaAdminClient, names: Collection[str]) -> dict[str, int]:
    """On how many brokers each topic lies, which only an administrator changes."""
    found = admin.describe_topics(list(names))
    return {it["name"]: min(len(part["replica_nodes"]) for part in it["partitions"]) for it in found}


def make(
    admin: KafkaAdminClient, topics: Mapping[str, Topic], wanted: Mapping[str, Mapping[str, str]], replicas: int
) -> dict[str, int]:
    """Make those that are missing; how many partitions each has. All by full name, ``wanted`` are the properties."""
    there = set(admin.list_topics())
    missing = {
        name: {"num_partitions": topic.partitions, "replication_factor": replicas, "configs": wanted[name]}
        for name, topic in topics.items()
        if name not in there
    }
    if missing:
        with suppress(TopicAlreadyExistsError):  # another process makes them at the same moment
            admin.create_topics(missing)
        admin.wait_for_topics(list(missing))
    return {it["name"]: len(it["partitions"]) for it in admin.describe_topics(list(topics))}


def set_right(admin: KafkaAdminClient, wanted: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Change what is otherwise; a line for each property that was changed. Raises ``ValueError`` where it may not."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted]
    [found] = admin.describe_configs(asked, config_filter="all").values()
    for name, properties_ in wanted.items():
        said = {key: it["value"] for key, it in found[name].items()}
        if not said:  # kafka-python does not say that it was refused
            raise TopicAuthorizationFailedError(name)
        wrong = {key: value for key, value in properties_.items() if said.get(key) != value}
        if wrong:
            [answers] = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=wrong)]).values()
            if answers[name] != "OK":
                raise ValueError(f"{name}: {', '.join(wrong)} could not be set right: {answers[name]}")
        yield from (f"{name}: {key} was {said.get(key)}, is {value}" for key, value in wrong.items())
