"""The published language stays readable: a golden file for every version that was ever published."""

import json
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from shared.clock import from_micros, rfc3339, to_micros
from shared.contracts import REGISTRY, catalogue
from shared.events.codec import PoisonError, UnknownTypeError, decode, encode, follow_up
from shared.events.envelope import Event

GOLDEN = Path(__file__).parents[3] / "golden"
FILES = sorted(GOLDEN.glob("*.json"))


def event(type_name: str, data: bytes) -> Event:
    return Event(id="1", type=type_name, stream="x:1", version=1, time=1, recorded=2, data=data)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_published_once_can_be_read_for_ever(file: Path) -> None:
    golden = json.loads(file.read_text())
    fact = decode(event(file.stem, json.dumps(golden["data"]).encode()))
    assert type(fact).__name__ == golden["struct"]
    assert json.loads(encode(fact)) == golden["newest"]


def test_every_published_type_has_its_golden_file() -> None:
    assert {file.stem for file in FILES} >= set(catalogue.types())


def test_unknown_members_are_ignored_and_wrong_ones_are_poison() -> None:
    name = "de.leitbake.permit.works_started.v1"
    data = b'{"at":"2026-03-02T06:00:00Z","later":{"x":1}}'
    assert decode(event(name, data)) == REGISTRY[name](at=from_micros(1_772_431_200_000_000))
    with pytest.raises(PoisonError):
        decode(event(name, b'{"at":"yesterday"}'))
    with pytest.raises(UnknownTypeError):
        decode(event("de.leitbake.permit.works_started.v9", data))


def test_documents_are_those_of_the_code() -> None:
    assert (catalogue.DOCS / "events.md").read_text() == catalogue.markdown()
    assert json.loads((catalogue.DOCS / "asyncapi.json").read_text()) == catalogue.asyncapi()


def test_a_decision_taken_twice_has_the_same_id() -> None:
    payload = REGISTRY["de.leitbake.permit.progressed.v1"]()
    one, two = (
        follow_up(payload, decider="d", stream="permit:1", version=1, decided=at, cause=None) for at in (10, 20)
    )
    other = follow_up(payload, decider="d", stream="permit:1", version=2, decided=10, cause=None)
    assert one.id == two.id != other.id


def test_times_keep_their_microseconds_and_need_an_offset() -> None:
    assert rfc3339(1_772_431_200_000_001) == "2026-03-02T06:00:00.000001Z"
    assert to_micros(from_micros(-1)) == -1
    with pytest.raises(ValueError, match="offset"):
        to_micros(msgspec.convert("2026-03-02T06:00:00", type=datetime))
