"""gunicorn's entry to the doors of the service of lights: ``services.beacons.wsgi:create()``."""

from flask import Flask

from services.beacons.bootstrap import alone
from shared.process import doors


def create() -> Flask:
    return doors(alone)
