"""Quix Streams on the pings of ``benchmarks.pings``: per light the last 24 fixes and their mean, kept in its state.

``quix.py BOOTSTRAP TOPIC COUNT FOLDER`` prints ``{"rate": pings per second}``. Its state lies in RocksDB with a
changelog topic, its offsets in Kafka; exactly-once off, as by its default.
"""

import json
import logging
import sys
import time
from typing import Any

from quixstreams import Application, State
from quixstreams.models import JSONDeserializer

KEPT = 24


def main(bootstrap: str, topic_name: str, count: int, folder: str) -> None:
    logging.disable(logging.WARNING)
    app = Application(
        broker_address=bootstrap,
        consumer_group=f"quix-{time.time_ns()}",
        auto_offset_reset="earliest",
        state_dir=folder,
        loglevel=None,
        commit_every=10_000,
    )
    topic = app.topic(topic_name, value_deserializer=JSONDeserializer(), key_deserializer="str")
    seen, began = 0, 0.0

    def locate(event: dict[str, Any], state: State) -> None:
        nonlocal seen, began
        ping = event.get("data", {})
        if "lon" not in ping:
            return
        if not seen:
            began = time.perf_counter()
        fixes = state.get("fixes", [])
        fixes.append((ping["lon"], ping["lat"]))
        del fixes[:-KEPT]
        state.set("fixes", fixes)
        state.set("centre", (sum(f[0] for f in fixes) / len(fixes), sum(f[1] for f in fixes) / len(fixes)))
        seen += 1
        if seen >= count:
            app.stop()

    frame = app.dataframe(topic)
    frame.update(locate, stateful=True)
    app.run()
    print(json.dumps({"rate": seen / (time.perf_counter() - began)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
