"""The event catalogue, made from the contracts: docs/events.md and docs/asyncapi.json (AsyncAPI 3.0).

``python -m shared.contracts.catalogue`` writes both; a test holds them equal to the code.
"""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts import REGISTRY, TOPICS
from shared.contracts.base import TYPE_PREFIX, Contract
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, SITUATIONS, Topic

DOCS = Path(__file__).parents[2] / "docs"
TOPIC_OF = {
    "permit": PERMITS,
    "ping": PINGS,
    "door": PINGS,
    "device": DEVICES,
    "light": DEVICES,
    "alarm": DEVICES,
    "site": SITES,
    "situation": SITUATIONS,
}
ATTRIBUTES = {
    "specversion": "always 1.0",
    "id": "unique; of a follow-up: uuid5 of decider, stream and version",
    "source": "/leitbake/ and the stream's category",
    "type": "the event type, with its version",
    "subject": "the key on the topic; category:subject is the stream",
    "time": "event time, RFC 3339",
    "streamversion": "counts from 1 in the stream; 0 for pings and ticks, which are no stream",
    "recordedtime": "when the door, log time or timer decided it, RFC 3339",
    "correlationid": "the event that all this began with; absent where there is none",
    "causationid": "the event that led to this one; absent where there is none",
    "datacontenttype": "always application/json",
}
OPTIONAL = {"correlationid", "causationid"}
MODE = "CloudEvents 1.0 in Kafka's structured content mode (`application/cloudevents+json`)"


def types() -> dict[str, type[Contract]]:
    """The published types in the order of their topics."""
    published = {name: struct for name, struct in REGISTRY.items() if struct.__module__.startswith("shared.contracts")}
    return dict(sorted(published.items(), key=lambda item: (TOPICS.index(topic_of(item[0])), item[0])))


def topic_of(type_name: str) -> Topic:
    return TOPIC_OF[type_name.removeprefix(TYPE_PREFIX).partition(".")[0]]


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document."""
    schemas_of, components = msgspec.json.schema_components(
        list(types().values()), ref_template="#/components/schemas/{name}"
    )
    schemas_of, components = _sorted(schemas_of), _sorted(components)
    messages = {
        name: {
            "name": name,
            "summary": _summary(struct),
            "payload": {
                "allOf": [
                    {"$ref": "#/components/schemas/CloudEvent"},
                    {"type": "object", "required": ["data"], "properties": {"type": {"const": name}, "data": schema}},
                ]
            },
        }
        for (name, struct), schema in zip(types().items(), schemas_of, strict=True)
    }
    envelope = {
        "type": "object",
        "required": [name for name in ATTRIBUTES if name not in OPTIONAL],
        "properties": {name: {"type": "string", "description": text} for name, text in ATTRIBUTES.items()},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Leitbake events",
            "version": "1.0.0",
            "description": f"{MODE}.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {
            f"receive.{topic.name}": {"action": "receive", "channel": {"$ref": f"#/channels/{topic.name}"}}
            for topic in TOPICS
        },
        "components": {
            "messages": messages,
            "schemas": {"CloudEvent": envelope} | components,
        },
    }


def _sorted(schema: Any) -> Any:
    """The same schema with its words in order: they come out of a set, so they would differ from run to run."""
    if isinstance(schema, dict):
        return {key: sorted(part) if key == "enum" else _sorted(part) for key, part in schema.items()}
    return [_sorted(part) for part in schema] if isinstance(schema, list | tuple) else schema


def _channel(topic: Topic) -> dict[str, Any]:
    names = [name for name in types() if topic_of(name) is topic]
    kafka = {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": kafka},
    }


def markdown() -> str:
    """docs/events.md."""
    lines = [
        "# Events",
        "",
        "Made from `shared/contracts` by `python -m shared.contracts.catalogue`. The full schemas are in",
        "[asyncapi.json](asyncapi.json). Records are",
        f"{MODE}: one JSON object, the members below in `data`, and beside it",
        "",
        *(f"- `{name}`: {text}" for name, text in ATTRIBUTES.items()),
    ]
    for topic in TOPICS:
        kept = "the current state per key" if topic.compacted else "for ever" if topic.retained else "by age"
        lines += ["", f"## {topic.name}", "", f"Key: {topic.key}. Partitions: {topic.partitions}. Kept: {kept}.", ""]
        for name, struct in types().items():
            if topic_of(name) is topic:
                lines += [f"- `{name}`: {_summary(struct)}", f"  Members: {_members(struct)}."]
    return "\n".join(lines) + "\n"


def _summary(struct: type[Contract]) -> str:
    own = struct.__dict__.get("__doc__") or ""
    name = struct.__name__
    return inspect.cleandoc(own).partition("\n\n")[0].replace("\n", " ") or f"{name}."


def _members(struct: type[Contract]) -> str:
    fields = msgspec.structs.fields(struct)
    return ", ".join(f"`{field.encode_name}`" for field in fields) or "none"


def write() -> None:
    DOCS.mkdir(exist_ok=True)
    (DOCS / "events.md").write_text(markdown())
    (DOCS / "asyncapi.json").write_text(json.dumps(asyncapi(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write()
