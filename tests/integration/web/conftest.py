"""An app on real keys and accounts, with doors for the roles and a clock that the test moves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from shared.clock import SteeredClock
from shared.db.pool import Database
from shared.settings import Settings
from shared.web.accounts import Accounts
from shared.web.app import create_app
from shared.web.auth import current_actor, public, requires
from shared.web.doors import Role
from shared.web.keys import WEB_MIGRATIONS, ApiKeys
from shared.web.shell import EXTENSION, Shell

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ALL: tuple[Role, ...] = ("device", "contractor", "clerk", "fleet", "ops", "admin", "subscriber")


@pytest.fixture
def web(new_database: Callable[[Path], Database]) -> Database:
    return new_database(WEB_MIGRATIONS)


@pytest.fixture
def app(web: Database, clock: SteeredClock) -> Flask:
    app = create_app("toy", Settings(master_key=bytes(32)), web, url_prefix="/toy", clock=clock, hasher=CHEAP)

    def who() -> dict[str, object]:
        actor = current_actor()
        return {"role": actor.role, "id": actor.id, "scopes": actor.scopes, "via": actor.via}

    app.add_url_rule("/toy/open", "open", public(lambda: {"ok": True}), methods=["GET", "POST"])
    app.add_url_rule("/toy/who", "who", public(who), methods=["GET", "POST"])
    for role in ALL:
        app.add_url_rule(f"/toy/{role}", role, requires(role)(lambda: who()), methods=["GET", "POST"])  # noqa: PLW0108  # a door is noted on the function: each needs its own
    return app


@pytest.fixture
def shell(app: Flask) -> Shell:
    found: Shell = app.extensions[EXTENSION]
    return found


@pytest.fixture
def keys(shell: Shell) -> ApiKeys:
    return shell.keys


@pytest.fixture
def accounts(shell: Shell) -> Accounts:
    return shell.accounts
