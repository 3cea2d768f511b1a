"""What is applied, what is parked."""

from shared.eventlog.port import Partition, Record
from shared.events.codec import PoisonError
from shared.projection.streams import Streams
from tests.support.toys import LEFT, said


def test_a_record_outside_of_streams_that_cannot_be_applied_is_parked_and_ends_nothing() -> None:
    streams, applied = Streams("toy", {}, {}), list[int]()

    def apply(record: Record) -> None:
        if record.offset == 1:
            raise PoisonError("nobody knows its type")
        applied.append(record.offset)

    for offset in range(3):
        streams.offer(Record(Partition(LEFT.name, 0), offset, offset, said("a", offset)), apply)
    assert applied == [0, 2]
    assert [(it.record.offset, it.reason) for it in streams.effects().parked] == [(1, "nobody knows its type")]
