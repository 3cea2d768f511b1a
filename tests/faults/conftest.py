"""Cities on either log, servers of their own that may be broken, and how long each recovery took."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from shared.settings import Settings
from tests.conftest import RECOVERED
from tests.faults.city import KEY, City

Recovered = Callable[[str, float], None]


@pytest.fixture
def city(request: pytest.FixtureRequest, city_url: Callable[[], str]) -> Iterator[City]:
    """On the log that the parameter names."""
    bootstrap = request.getfixturevalue("kafka") if request.param == "kafka" else ""
    made = City(settings_of(city_url(), bootstrap))
    yield made
    made.close()


def settings_of(url: str, bootstrap: str) -> Settings:
    """Topics of its own: a given broker keeps those of earlier runs."""
    prefix = f"{uuid.uuid4().hex[:12]}." if bootstrap else ""
    return Settings(database_url=url, master_key=KEY, kafka_bootstrap=bootstrap, kafka_prefix=prefix)


@pytest.fixture
def recovered(request: pytest.FixtureRequest) -> Recovered:
    """Note how many seconds it took until all was as it should be again."""
    log = request.node.callspec.params.get("city") or request.node.callspec.params.get("stand")

    def note(what: str, seconds: float) -> None:
        request.node.user_properties.append((RECOVERED, f"{seconds:6.1f} s  {log}: {what}"))

    return note
