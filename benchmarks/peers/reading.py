"""``eventsourcing`` 9.5: all notifications in their order, as its projections read them. ``reading.py URL``."""

import json
import os
import sys
import time

from appends import Works, environment
from eventsourcing.application import Application

EVENTS = 30_000
EACH = 500
PAGE = 1_000


def main(url: str) -> None:
    os.environ.update(environment(url))
    app: Application = Application()
    for _ in range(EVENTS // EACH):
        works = Works()
        for _ in range(EACH - 1):
            works.note("Parkstraße, road_closed, both")
        app.save(works)
    began, seen, start = time.perf_counter(), 0, 1
    while page := app.recorder.select_notifications(start, PAGE):
        seen, start = seen + len(page), page[-1].id + 1
    print(json.dumps({"rate": seen / (time.perf_counter() - began)}))
    app.close()


if __name__ == "__main__":
    main(sys.argv[1])
