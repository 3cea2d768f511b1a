"""How long the works queue takes with 10,000 cases: ``python -m benchmarks.queue``.

The cases come in as an import does; what is measured is the whole answer of a page, as a browser gets it.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.db.embedded import embedded_postgres
from tests.integration.permits.desk import Caller, World, world
from tests.integration.permits.test_imports import collection, feature

CASES, PER_FILE, ROUNDS = 10_000, 500, 9
PAGES = {
    "first page": "/permits/",
    "page 100": "/permits/?seite=100",
    "last page": "/permits/?seite=200",
    "compact": "/permits/?dichte=kompakt",
    "search": "/permits/?q=rhein",
    "open": "/permits/?status=open",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as url, world(url) as made:
        seconds = fill(made)
        print(f"{CASES} cases taken in within {seconds:.0f} s")
        browser = made.session("clerk")
        for name, path in PAGES.items():
            times = [answered(browser, path) for _ in range(ROUNDS)]
            print(f"{name:12} median {statistics.median(times):6.1f} ms, slowest {max(times):6.1f} ms")


def fill(made: World) -> float:
    began = time.perf_counter()
    clerk: Caller = made.key("clerk")
    for first in range(0, CASES, PER_FILE):
        features: Sequence[Any] = [feature(f"B-{number:05}") for number in range(first, first + PER_FILE)]
        clerk.post("/imports?format=geojson", collection(*features))
    return time.perf_counter() - began


def answered(browser: Any, path: str) -> float:
    """Milliseconds until the page is there."""
    began = time.perf_counter()
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "Vorgänge" in answer.text
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
