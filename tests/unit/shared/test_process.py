import os
import signal
from pathlib import Path

import pytest

from shared.process import DEAD_S, STUCK_S, beating
from shared.projection.worker import Part


def test_a_worker_is_alive_until_one_of_its_parts_is_stuck(tmp_path: Path) -> None:
    alive, now = tmp_path / "alive", [0.0]

    def stuck() -> bool:
        """While this part is in its step, time passes and the beat comes."""
        beat.step()
        assert alive.exists()
        alive.unlink()
        now[0] += STUCK_S
        beat.step()
        return True

    first, _idle, beat = beating([Part("first", stuck), Part("idle", lambda: False)], alive, lambda: now[0])
    assert first.step() is True
    assert not alive.exists()
    beat.step()
    assert alive.exists()


def test_a_worker_whose_part_comes_to_no_end_ends_itself(tmp_path: Path) -> None:
    now, ended = [0.0], list[tuple[int, int]]()

    def stuck() -> bool:
        now[0] += DEAD_S - 1
        beat.step()
        assert not ended
        now[0] += 1
        beat.step()
        return True

    part, beat = beating([Part("stuck", stuck)], tmp_path / "alive", lambda: now[0], lambda *how: ended.append(how))
    part.step()
    assert ended == [(os.getpid(), signal.SIGKILL)]


def test_a_step_that_fails_is_no_step_that_is_stuck(tmp_path: Path) -> None:
    alive, now = tmp_path / "alive", [0.0]

    def failing() -> bool:
        raise ConnectionError

    part, beat = beating([Part("failing", failing)], alive, lambda: now[0])
    with pytest.raises(ConnectionError):
        part.step()
    now[0] += 2 * STUCK_S
    beat.step()
    assert alive.exists()
