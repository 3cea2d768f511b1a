"""What a screenshot shows."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from playwright.sync_api import Page

Fault = Literal["worker", "database"] | None


class State(NamedTuple):
    """``account``: a log-in of the demo (``sachbearbeitung firma bauhof leitstelle``), None: nobody.

    ``prepare`` acts on the page at ``path`` before the picture is taken; it may also go elsewhere, or break something
    with ``page.route`` and load again. ``fault``: what stands still meanwhile, for real: the workers (for over a
    minute, so the feed and all views are behind) or PostgreSQL. ``crowded``: of the city with ten thousand cases, which
    ``sachbearbeitung`` alone works in.
    """

    name: str
    path: str
    account: str | None = None
    prepare: Callable[[Page], None] | None = None
    fault: Fault = None
    crowded: bool = False
