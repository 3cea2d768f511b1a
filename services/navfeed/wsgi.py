"""gunicorn's entry to the doors of the feed service: ``services.navfeed.wsgi:create()``."""

from flask import Flask

from services.navfeed.bootstrap import alone
from shared.process import doors


def create() -> Flask:
    return doors(alone)
