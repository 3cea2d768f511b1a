"""The ops pages as an app of their own: beside the doors in one process, or alone in a container."""

from flask import Flask

from services.suite.ops.application.rebuilding import Rebuilds
from services.suite.ops.application.watched import Watch
from services.suite.ops.web import pages
from services.suite.ops.web.pages import Ops
from shared.clock import Clock
from shared.db.pool import Database
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.health import database_check


def ops_app(watch: Watch, settings: Settings, web: Database, clock: Clock) -> Flask:
    """Pages under ``/ops``; ``web`` holds keys and accounts. Ready when the accounts can be read: it tells the rest."""
    app = create_app("ops", settings, web, url_prefix="/ops", title="Leitbake: Betrieb", checks=[database_check(web)])
    app.register_blueprint(pages.blueprint(Ops(watch, Rebuilds(watch), clock)))
    return app
