from hypothesis import given
from hypothesis import strategies as st

from shared.projection.timers import Timers


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abcd"))), st.lists(st.integers(0, 9)))
def test_each_entry_comes_once_when_its_beat_has_come_by_beat_and_key(
    entries: list[tuple[int, str]], beats: list[int]
) -> None:
    timers, waiting = Timers(), sorted(entries)
    for due, key in entries:
        timers.add(due, key)
    for beat in [*beats, 9]:
        due_now = [entry for entry in waiting if entry[0] <= beat]
        assert timers.take(beat) == [key for _, key in due_now]
        waiting = [entry for entry in waiting if entry[0] > beat]
