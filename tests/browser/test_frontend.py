"""The front end's own checks: strict types, and its unit tests on node."""

import os
import re
import subprocess
from pathlib import Path

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


def test_the_slimmed_style_sheet_has_every_class_that_a_page_uses(bundles: None) -> None:  # noqa: ARG001  # it is read
    pages = [path for folder in ("services", "shared/web/templates") for path in Path(folder).rglob("*.html")]
    used = {name for page in pages for name in re.findall(r"\bkern-[a-z_-]+[a-z](?![\w{-])", page.read_text())}
    (built,) = frontend.DIST.glob("main-*.css")
    whole = frontend.FOLDER / "node_modules/@kern-ux/native/dist/kern.min.css"
    styled, left = (set(re.findall(r"\.(kern-[\w-]+)", sheet.read_text())) for sheet in (whole, built))
    assert len(used & styled) > 40
    assert used & styled - left == set()
