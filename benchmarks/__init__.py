"""Figures as ratios inside one run; ``docs/benchmarks.md`` has them.

A benchmark that is told to end unwinds, so that its servers end with it.
"""

import signal
import sys

signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
