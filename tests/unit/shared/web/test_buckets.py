import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SECOND_US, SteeredClock
from shared.web import buckets as module
from shared.web.buckets import Buckets, Rate, subject_of


def test_a_burst_passes_and_the_next_one_waits_for_its_token() -> None:
    clock = SteeredClock(1_000)
    buckets = Buckets(clock)
    rate = Rate(per_s=1, burst=3)
    assert [buckets.take("a", rate) for _ in range(4)] == [(0, 2), (0, 1), (0, 0), (1, 0)]
    clock.advance(SECOND_US)
    assert buckets.take("a", rate).wait_s == 0
    assert buckets.take("a", rate).wait_s == 1


def test_a_quiet_time_saves_up_no_more_than_the_burst() -> None:
    clock = SteeredClock()
    buckets = Buckets(clock)
    rate = Rate(per_s=1, burst=2)
    buckets.take("a", rate)
    clock.advance(100 * SECOND_US)
    assert [buckets.take("a", rate).wait_s for _ in range(3)] == [0, 0, 1]


def test_subjects_do_not_disturb_each_other() -> None:
    buckets = Buckets(SteeredClock())
    rate = Rate(per_s=1, burst=1)
    assert not buckets.take("a", rate).wait_s
    assert not buckets.take("b", rate).wait_s


def test_slow_rates_say_how_long_to_wait() -> None:
    buckets = Buckets(SteeredClock())
    rate = Rate(per_s=1 / 20, burst=1)
    buckets.take("a", rate)
    assert buckets.take("a", rate).wait_s == 20


@given(st.floats(0.01, 1000), st.integers(1, 50), st.lists(st.integers(0, 3 * SECOND_US), max_size=60))
def test_never_more_than_the_burst_and_what_flowed_in(per_s: float, burst: int, pauses: list[int]) -> None:
    clock = SteeredClock()
    buckets = Buckets(clock)
    passed = 0
    for pause in pauses:
        clock.advance(pause)
        passed += not buckets.take("a", Rate(per_s, burst)).wait_s
    interval = max(1, round(SECOND_US / per_s))
    assert passed <= burst + clock.now() // interval


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_AT", 10)
    clock = SteeredClock()
    buckets = Buckets(clock)
    for number in range(100):
        buckets.take(f"s{number}", Rate(1, 5))
        clock.advance(SECOND_US)
    assert len(buckets._full_at) <= 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "no address", True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one: str | None, other: str, same: bool) -> None:
    assert (subject_of(one) == subject_of(other)) is same
