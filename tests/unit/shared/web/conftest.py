"""Apps without a database: whatever asks for one finds it away."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask

from shared.clock import SteeredClock
from shared.db.pool import Database
from shared.settings import Settings
from shared.web.app import create_app

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOWHERE = "postgresql://127.0.0.1:1/none"


@pytest.fixture
def away() -> Iterator[Database]:
    database = Database(NOWHERE, "web", timeout_s=0.1)
    yield database
    database.close()


@pytest.fixture
def make_app(away: Database, clock: SteeredClock) -> Callable[..., Flask]:
    def make(*, settings: Settings | None = None, **more: Any) -> Flask:
        settings = settings or Settings(master_key=bytes(32))
        return create_app("toy", settings, away, url_prefix="/toy", clock=clock, hasher=CHEAP, **more)

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()
