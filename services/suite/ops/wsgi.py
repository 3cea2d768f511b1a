"""gunicorn's entry to the ops pages alone: ``services.suite.ops.wsgi:create()``."""

from flask import Flask

from services.suite.city_services import build_all
from services.suite.ops.app import ops_app
from services.suite.ops.application.watched import watch
from shared.clock import WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.settings import read_settings
from shared.web.logs import configure_logging


def create() -> Flask:
    """To be made in gunicorn's worker after the fork; its log-in must be a member of every service's role."""
    settings, clock = read_settings(), WallClock()
    configure_logging(settings.log_level)
    url = settings.database_url
    watched = watch(build_all(settings, url), open_log(url, clock, settings))
    return ops_app(watched, settings, Database(url, "web"), clock)
