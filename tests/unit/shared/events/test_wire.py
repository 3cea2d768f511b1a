import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import DAY_US
from shared.events import wire
from shared.events.envelope import Event

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
instants = st.integers(0, 40_000 * DAY_US)
payloads = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(msgspec.json.encode)
events = st.builds(
    Event,
    id=text,
    type=text,
    stream=st.tuples(text.filter(lambda it: ":" not in it), text).map(":".join),
    version=st.integers(0, wire.MAX_VERSION),
    time=instants,
    recorded=instants,
    data=payloads | st.just(b'{ "spaced":1.50}'),
    correlation=text | st.just(""),
    causation=text | st.just(""),
)


@given(events)
def test_what_is_written_is_read_back_byte_for_byte(event: Event) -> None:
    assert wire.read(wire.HEADERS, wire.to_value(event)) == event


@given(events)
def test_the_value_is_a_cloudevent_with_its_payload_inside(event: Event) -> None:
    found = msgspec.json.decode(wire.to_value(event))
    assert found["specversion"] == "1.0"
    assert found["datacontenttype"] == "application/json"
    assert found["data"] == msgspec.json.decode(event.data)
    assert f"{found['source'].removeprefix('/leitbake/')}:{found['subject']}" == event.stream


def test_binary_mode_is_read_too() -> None:
    headers = {
        "ce_id": "9a1f",
        "ce_type": "de.leitbake.permit.approved.v1",
        "ce_source": "/leitbake/permit",
        "ce_subject": "p-1",
        "ce_streamversion": "3",
        "ce_time": "2026-03-02T06:00:00.123456Z",
        "ce_recordedtime": "2026-03-02T06:00:01Z",
        "ce_causationid": "d",
    }
    event = wire.read([(name, it.encode()) for name, it in headers.items()], b'{"a":1}')
    assert (event.id, event.type, event.stream, event.version) == ("9a1f", headers["ce_type"], "permit:p-1", 3)
    assert (event.time, event.recorded) == (1_772_431_200_123_456, 1_772_431_201_000_000)
    assert (event.data, event.correlation, event.causation) == (b'{"a":1}', "", "d")


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b"\xff", b'{"specversion":"1.0"}'])
def test_what_is_no_cloudevent_is_malformed(value: bytes) -> None:
    with pytest.raises(wire.MalformedEnvelopeError):
        wire.read(wire.HEADERS, value)
