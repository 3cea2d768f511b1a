"""The doors of all three services behind one origin, as the gateway shows them."""

from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from services.suite.city_services import build_all
from services.suite.ops.app import ops_app
from services.suite.ops.application.watched import watch
from shared.clock import WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.settings import Settings, read_settings
from shared.web.logs import configure_logging

GUNICORN = ["services.suite.server:create()", "--config=python:deploy.gunicorn_conf"]


def create() -> Any:
    """The WSGI application, built in the worker after the fork."""
    settings = read_settings()
    configure_logging(settings.log_level)
    return behind_one_origin(apps(settings, settings.database_url))


def apps(settings: Settings, url: str) -> dict[str, Flask]:
    """The application of each service by what its addresses begin with; navfeed has all that is left."""
    clock = WallClock()
    services = build_all(settings, url)
    log, web = open_log(url, clock, settings), Database(url, "web")
    return {
        "/ops": ops_app(watch(services, log), settings, web, clock),
        "/permits": services.permits.app(log, settings, web),
        "/beacons": services.beacons.app(log, settings, web),
        "": services.navfeed.app(log, settings, web),
    }


def behind_one_origin(built: dict[str, Flask]) -> Any:
    """One WSGI application of all."""
    mounts = {prefix: _below(app, prefix) for prefix, app in built.items() if prefix}
    return DispatcherMiddleware(built[""], mounts)


def _below(app: Flask, prefix: str) -> Any:
    """A service knows its full addresses: give back what the dispatcher cut off."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        environ["SCRIPT_NAME"] = environ["SCRIPT_NAME"].removesuffix(prefix)
        environ["PATH_INFO"] = prefix + environ["PATH_INFO"]
        return app(environ, start_response)

    return call
