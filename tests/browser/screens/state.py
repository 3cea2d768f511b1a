"""What a screenshot shows."""

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page


class State(NamedTuple):
    """``account``: a log-in of the demo (``sachbearbeitung firma bauhof leitstelle``), None: nobody.

    ``prepare`` acts on the page at ``path`` before the picture is taken; it may also go elsewhere, or break something
    with ``page.route`` and load again.
    """

    name: str
    path: str
    account: str | None = None
    prepare: Callable[[Page], None] | None = None
