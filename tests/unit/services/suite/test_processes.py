"""Children that end are started again, later each time, and given up when they cannot be kept up."""

import sys
import time
from pathlib import Path

import pytest

from services.suite.processes import DEATHS, Children, GaveUpError

DIES = [sys.executable, "-S", "-c", "raise SystemExit(3)"]
LIVES = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


class Hand:
    """A clock moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def over(children: Children) -> None:
    deadline = time.monotonic() + 10
    while children.ended() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def starts(children: Children) -> int:
    [child] = children._children
    return child.process.pid


def test_a_child_that_ends_is_started_again_later_each_time_and_then_given_up(tmp_path: Path) -> None:
    hand, told = Hand(), list[str]()
    children = Children(tmp_path / "processes.json", tmp_path, elapsed=hand)
    children.start("work", DIES, {})
    for number in range(DEATHS - 1):
        over(children)
        before = starts(children)
        children.mend(told.append)
        assert len(told) == number + 1
        children.mend(told.append)
        assert starts(children) == before  # not yet
        hand.now += 0.5 * 2**number
        children.mend(told.append)
        assert starts(children) != before
        assert str(starts(children)) in (tmp_path / "processes.json").read_text()
    assert told[0].startswith("the part work ended (3); it is started again in 0.5 s; see ")
    over(children)
    with pytest.raises(GaveUpError, match=r"the part work ended .3. 5 times within a minute"):
        children.mend(told.append)
    children.stop()


def test_deaths_of_more_than_a_minute_ago_are_forgiven(tmp_path: Path) -> None:
    hand, told = Hand(), list[str]()
    children = Children(tmp_path / "processes.json", tmp_path, elapsed=hand)
    children.start("work", DIES, {})
    for _ in range(DEATHS + 2):
        over(children)
        children.mend(told.append)
        hand.now += 60
        children.mend(told.append)
    assert all("in 0.5 s" in line for line in told)
    children.stop()


def test_a_child_that_lives_is_left_alone(tmp_path: Path) -> None:
    children = Children(tmp_path / "processes.json", tmp_path)
    children.start("serve", LIVES, {})
    before = starts(children)
    children.mend(pytest.fail)
    assert starts(children) == before
    children.stop()
    assert not (tmp_path / "processes.json").exists()
