"""gunicorn's entry to the doors of the permit service: ``services.permits.wsgi:create()``."""

from flask import Flask

from services.permits.bootstrap import build
from shared.process import doors


def create() -> Flask:
    return doors(build)
