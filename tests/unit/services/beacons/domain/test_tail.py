from hypothesis import given
from hypothesis import strategies as st

from services.beacons.domain import tail as packed
from services.beacons.domain.tail import Fix

FIXES: st.SearchStrategy[Fix] = st.tuples(
    st.integers(0, 2_000),
    st.integers(-1_800_000_000, 1_800_000_000),
    st.integers(-900_000_000, 900_000_000),
    st.integers(2, 200),
    st.sampled_from([0, packed.MOVING]),
)


def filled(fixes: list[Fix]) -> bytearray:
    tail = bytearray()
    for fix in fixes:
        packed.insert(tail, fix)
    return tail


@given(st.lists(FIXES, max_size=30), st.randoms(use_true_random=False))
def test_a_tail_is_a_set_sorted_by_time_whatever_the_order_of_arrival(fixes: list[Fix], shuffled: object) -> None:
    other = list(fixes) + fixes[:3]
    shuffled.shuffle(other)  # type: ignore[attr-defined]  # hypothesis hands out a Random without saying so
    tail = filled(fixes)
    assert filled(other) == tail
    times = [fix[0] for fix in packed.between(tail, 0, packed.length(tail))]
    assert times == sorted(times)
    assert len({time // packed.SLOT_SECONDS for time in times}) == len(times)


@given(st.lists(FIXES, min_size=1, max_size=30))
def test_of_each_slot_the_earliest_fix_is_kept_as_it_was(fixes: list[Fix]) -> None:
    slots: dict[int, Fix] = {}
    for fix in fixes:
        slot = fix[0] // packed.SLOT_SECONDS
        slots[slot] = min(slots.get(slot, fix), fix)
    tail = filled(fixes)
    assert packed.between(tail, 0, packed.length(tail)) == [slots[slot] for slot in sorted(slots)]


def test_what_the_stay_marked_does_not_make_a_fix_another_one() -> None:
    fix = (1_000, 82_700_000, 500_000_000, 12, 0)
    tail = filled([fix])
    packed.mark(tail, 0, packed.FAR)
    assert packed.insert(tail, fix) is None
    assert packed.at(tail, 0)[4] == packed.FAR


def test_insert_tells_where_the_fix_went() -> None:
    tail = filled([(0, 1, 1, 2, 0), (500, 1, 1, 2, 0)])
    assert packed.insert(tail, (250, 1, 1, 2, 0)) == 1
    assert packed.insert(tail, (900, 1, 1, 2, 0)) == 3
    assert packed.insert(tail, (490, 1, 1, 2, 0)) == 2
    assert packed.length(tail) == 4


def test_errors_combine_accuracy_and_resolution_within_bounds() -> None:
    assert packed.error_units(3.0, 4.0) == 10
    assert packed.error_units(None, None) == 20
    assert packed.error_units(0.0, None) == 2
    assert packed.error_units(5_000.0, None) == 200
