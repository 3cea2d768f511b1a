"""How long the works queue takes with 10,000 cases: ``python -m benchmarks.queue``.

The cases come in as a city imports them; what is measured is the whole answer of a page, as a browser gets it. Beside
it stands the page of one case: the same door, log-in and shell, and one stream read.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from shared.clock import from_micros
from shared.db.embedded import embedded_postgres
from shared.web.logs import configure_logging
from tests.integration.permits.desk import START_US, Caller, World, world
from tests.support.crowd import CASES, DISTRICTS, files

ROUNDS = 15
PAGES = {
    "first page": "/permits/",
    "page 100": "/permits/?seite=100",
    "last page": "/permits/?seite=200",
    "compact": "/permits/?dichte=kompakt",
    "search": "/permits/?q=rhein",
    "open": "/permits/?status=open",
    "a district": f"/permits/?ortsteil={DISTRICTS[0]}",
    "all at once": f"/permits/?ortsteil={DISTRICTS[0]}&status=open&q=kanal&seite=2",
    "on site": "/permits/?vorort=not_set_up",
}


def main() -> None:
    configure_logging("WARNING")
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as url, world(url) as made:
        seconds = fill(made)
        print(f"{CASES} cases taken in within {seconds:.0f} s")
        browser = made.session("clerk")
        case = made.key("clerk").get("/permits?page_size=1").get_json()["items"][0]["id"]
        for name, path in {"one case": f"/permits/{case}", **PAGES}.items():
            times = [answered(browser, path) for _ in range(ROUNDS)]
            print(f"{name:12} median {statistics.median(times):6.1f} ms, slowest {max(times):6.1f} ms")


def fill(made: World) -> float:
    began = time.perf_counter()
    clerk: Caller = made.key("clerk")
    for body in files(from_micros(START_US)):
        clerk.post("/imports?format=geojson", body)
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
