"""The front end's own checks: strict types, and its unit tests on node."""

import os
import subprocess

import pytest

from services.suite import frontend


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_front_end_passes_its_own_checks(bundles: None, script: str) -> None:  # noqa: ARG001  # npm ci has run
    npm, environment = frontend.npm()
    ended = subprocess.run(
        [*npm, "run", script],
        cwd=frontend.FOLDER,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
