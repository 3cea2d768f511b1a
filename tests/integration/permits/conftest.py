from collections.abc import Iterator

import pytest

from tests.integration.permits.desk import Browser, Caller, World
from tests.integration.permits.desk import world as make_world


@pytest.fixture
def world(postgres_url: str) -> Iterator[World]:
    with make_world(postgres_url) as made:
        yield made


@pytest.fixture
def clerk(world: World) -> Caller:
    return world.key("clerk")


@pytest.fixture
def contractor(world: World) -> Caller:
    return world.key("contractor")


@pytest.fixture
def browser(world: World) -> Browser:
    return world.session("clerk")
