"""The house of every service's pages and API: one factory, so that no service forgets a lock."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from argon2 import PasswordHasher
from flask import Flask, Response, send_file
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.clock import Clock, WallClock
from shared.db.pool import Database
from shared.settings import Settings
from shared.web.accounts import Accounts
from shared.web.api import ProblemApi, make_api
from shared.web.api_page import api_page
from shared.web.assets import STATIC, Assets, cache_control, send_built
from shared.web.auth import csrf_token, current_actor, public, register_auth
from shared.web.buckets import Buckets, Rate
from shared.web.doors import limits
from shared.web.health import Check, health
from shared.web.keys import ApiKeys
from shared.web.lateness import Lateness, Look
from shared.web.login import login
from shared.web.metrics import Metrics
from shared.web.notes import notes
from shared.web.problems import register_problems
from shared.web.security import register_begin, register_rates
from shared.web.shell import EXTENSION, Shell
from shared.words import thousands

log = structlog.get_logger()

TEMPLATES = Path(__file__).parent / "templates"
FILES = Rate(per_s=1_000, burst=10_000)


class House(Flask):
    def send_static_file(self, filename: str) -> Response:
        answer = send_built(self, filename) or super().send_static_file(filename)
        answer.headers["Cache-Control"] = cache_control(filename)
        answer.vary.add("Accept-Encoding")
        return answer

    def log_exception(self, exc_info: object) -> None:
        """Once, as one JSON line with its traceback; the answer tells nothing but the request id."""
        log.error("request_crashed", exc_info=exc_info)


def create_app(
    name: str,
    settings: Settings,
    web: Database,
    *,
    url_prefix: str,
    title: str = "",
    checks: Sequence[Check] = (),
    looks: Sequence[Look] = (),
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    static: Path = STATIC,
    hasher: PasswordHasher | None = None,
) -> Flask:
    """An app with locks, problems, log-in, health, OpenAPI and the page shell; services add blueprints.

    ``web`` holds keys and accounts (migrations: ``WEB_MIGRATIONS``) and is opened on first use. Pages go through
    ``app.register_blueprint``, documented API blueprints through ``api_of(app).register_blueprint``. Health,
    ``openapi.json`` and its page ``api`` stand under ``url_prefix``; ``/login``, ``/logout``, ``/hinweise``,
    ``/static`` are the same in every service. Behind a gateway any service may answer those. ``looks``: how far those
    are whose work the pages show.
    """
    app = House(name, template_folder=str(TEMPLATES), static_folder=str(static), static_url_path="/static")
    clock = clock or WallClock()
    app.extensions[EXTENSION] = Shell(
        name=name,
        settings=settings,
        clock=clock,
        keys=ApiKeys(web, clock),
        accounts=Accounts(web, clock, session_hours=settings.session_hours, hasher=hasher),
        buckets=Buckets(clock),
        metrics=metrics or Metrics(),
        assets=Assets(static),
        lateness=Lateness(looks, clock),
    )
    _configure(app, settings)
    register_begin(app)
    register_auth(app)
    register_rates(app)
    register_problems(app)
    _add_pages(app, settings)
    app.register_blueprint(health(checks), url_prefix=url_prefix)
    api = app.extensions["leitbake-api"] = make_api(app, title or f"Leitbake: {name}", url_prefix)
    app.register_blueprint(api_page(api, api.spec.title.removeprefix("Leitbake: ")), url_prefix=url_prefix)
    return app


def api_of(app: Flask) -> ProblemApi:
    """Where documented API blueprints are registered."""
    found: ProblemApi = app.extensions["leitbake-api"]
    return found


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.cookie_secret,
        SESSION_COOKIE_NAME="leitbake",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of Flask's default provider
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the same
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    here: Shell = app.extensions[EXTENSION]
    app.jinja_env.filters["thousands"] = thousands
    app.jinja_env.globals.update(
        asset=here.assets.url,
        asset_parts=here.assets.parts,
        csrf_token=csrf_token,
        current_actor=current_actor,
        settings=settings,
        shell=here,
    )


def _add_pages(app: Flask, settings: Settings) -> None:
    public(limits(rate=FILES)(app.view_functions["static"]))
    app.register_blueprint(login)
    app.register_blueprint(notes)
    arms = settings.city_arms
    if arms:

        @app.get("/wappen.svg")
        @public
        def city_arms() -> Response:
            return send_file(Path(arms).resolve(), mimetype="image/svg+xml", max_age=3600)
