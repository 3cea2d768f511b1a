"""A city's works and lights, made up by seed: a day for backtests, or a living city for the demo.

``day`` and ``demo`` make a ``Scenario``; ``write`` puts it into files, ``pings`` gives its messages, ``drive`` plays
it against a clock. Nothing here knows the services: what it makes goes in at their public doors.
"""

from services.suite.simulate.day import day
from services.suite.simulate.demo import demo
from services.suite.simulate.files import depots, devices_csv, permits, truth, write
from services.suite.simulate.live import DoorClosedError, drive
from services.suite.simulate.pings import pings
from services.suite.simulate.scenario import Scenario, Signal
from services.suite.simulate.stretches import TooFewStreetsError

__all__ = [
    "DoorClosedError",
    "Scenario",
    "Signal",
    "TooFewStreetsError",
    "day",
    "demo",
    "depots",
    "devices_csv",
    "drive",
    "permits",
    "pings",
    "truth",
    "write",
]
