"""Real parts for the tests: PostgreSQL from the wheel, once per session; a schema of its own per test."""

import itertools
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import Phase, settings
from jinja2 import FileSystemBytecodeCache

from deploy.kafka import broker
from shared.clock import Clock, SteeredClock
from shared.db.embedded import embedded_postgres
from shared.db.migrate import KERNEL, migrate
from shared.db.pool import Connection, Database, role_of
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.port import EventLog
from shared.eventlog.postgres import PostgresLog
from shared.web.app import House
from tests.support import compose

LOG_MIGRATIONS = Path(__file__).parent.parent / "shared" / "eventlog" / "migrations"
START_US = 1_772_431_200_000_000  # 2026-03-02T06:00:00Z
RECOVERED = "recovered after"

# How fast the machine is proves nothing.
settings.register_profile("unhurried", deadline=None)
# Where a test shall fail, the smallest example is nobody's business.
settings.register_profile("first-failure", deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
settings.load_profile("unhurried")

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_nothing() -> Iterator[None]:
    """Argon2 is slow on purpose, and every app that is built hashes once."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("shared.web.accounts.PasswordHasher", cheap)
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Not by every app that a test builds."""
    with pytest.MonkeyPatch.context() as patch:
        compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(House, "jinja_options", {**House.jinja_options, "bytecode_cache": compiled})
        yield


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """It waits for no disk: nobody turns this server off, and who crashes one has one of its own."""
    with embedded_postgres(tmp_path_factory.mktemp("postgres")) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {name} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url


class ClosingDatabase(Database):
    """Closes what a crash or a zombie of a test left open."""

    def __init__(self, url: str, schema: str) -> None:
        super().__init__(url, schema)
        self._own: list[Connection] = []

    def connect(self) -> Connection:
        self._own.append(super().connect())
        return self._own[-1]

    def close(self) -> None:
        for connection in self._own:
            connection.close()
        super().close()


@pytest.fixture
def new_database(postgres_url: str) -> Iterator[Callable[[Path], Database]]:
    """Makes databases with fresh schemas from a folder of migrations."""
    made: list[Database] = []

    def make(migrations: Path) -> Database:
        schema = f"t{next(_numbers)}"
        migrate(postgres_url, schema, [migrations])
        made.append(ClosingDatabase(postgres_url, schema))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def database(new_database: Callable[[Path], Database]) -> Database:
    return new_database(KERNEL)


@pytest.fixture
def clock() -> SteeredClock:
    return SteeredClock(START_US)


@pytest.fixture
def postgres_log(new_database: Callable[[Path], Database], clock: SteeredClock) -> PostgresLog:
    return PostgresLog(new_database(LOG_MIGRATIONS), clock)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Kafka: a given one, else the compose file's, else one from Maven's jars.

    Without an engine, and without Java and Maven, it is a counted skip.
    """
    folder = tmp_path_factory.mktemp("kafka")
    match kafka_from():
        case "given":
            yield os.environ["LEITBAKE_TEST_KAFKA"]
        case "docker compose":
            with compose.kafka(folder) as address:
                yield address
        case "Maven":
            with broker.running_broker(folder) as running:
                yield running.bootstrap
        case _:
            lacking = " and ".join(broker.missing())
            pytest.skip(f"Kafka without a container engine needs {lacking}; or set LEITBAKE_TEST_KAFKA")


@cache
def kafka_from() -> Literal["given", "docker compose", "Maven", "nowhere"]:
    """Where this session's Kafka comes from."""
    if os.environ.get("LEITBAKE_TEST_KAFKA"):
        return "given"
    if compose.kafka_is_to_be_had():
        return "docker compose"
    return "nowhere" if broker.missing() else "Maven"


@pytest.fixture
def new_kafka_log(kafka: str) -> Iterator[Callable[[Clock], KafkaLog]]:
    """Makes logs with topics of their own, whose log times are the given clock's."""
    made: list[KafkaLog] = []

    def make(clock: Clock) -> KafkaLog:
        prefix = f"{uuid.uuid4().hex[:12]}."  # a given broker keeps the topics of earlier runs
        made.append(KafkaLog({"bootstrap_servers": kafka}, clock, prefix=prefix, times="CreateTime"))
        return made[-1]

    yield make
    for log in made:
        log.close()


@pytest.fixture
def kafka_log(new_kafka_log: Callable[[Clock], KafkaLog], clock: SteeredClock) -> KafkaLog:
    return new_kafka_log(clock)


@pytest.fixture(params=["postgres", "kafka"])
def either_log(request: pytest.FixtureRequest) -> EventLog:
    """Law 11: what holds on one log holds on the other."""
    log: EventLog = request.getfixturevalue(f"{request.param}_log")
    return log


@pytest.fixture(scope="session")
def city_template(postgres_url: str) -> str:
    """A database with every schema of the suite, to be copied."""
    from services.suite.database import migrate_all  # noqa: PLC0415  # unit tests need no suite

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_city")
    migrate_all(at_database(postgres_url, "template_city"))
    return "template_city"


@pytest.fixture(scope="session")
def city_url(postgres_url: str, city_template: str) -> Callable[[], str]:
    """Makes databases of a whole suite, each its own."""
    from services.suite.database import SCHEMAS  # noqa: PLC0415  # as above

    def make() -> str:
        name = f"city_{next(_numbers)}"
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {city_template}")
            roles = ", ".join(map(role_of, SCHEMAS))
            connection.execute(f"GRANT CREATE ON DATABASE {name} TO {roles}")  # a copy does not bring them along
        return at_database(postgres_url, name)

    return make


def at_database(url: str, name: str) -> str:
    """The same server's address, another database."""
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


def data_folder() -> Path:
    """The folder of test inputs that nobody here wrote; it need not exist."""
    return Path(os.environ.get("LEITBAKE_TESTDATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which real parts took part, and what was left out, where everybody sees it."""
    browser = "yes" if shutil.which("chromium") or shutil.which("google-chrome") else "no (install chromium)"
    data = "yes" if data_folder().is_dir() else "no (set LEITBAKE_TESTDATA)"
    skipped = terminalreporter.stats.get("skipped", [])
    passed = terminalreporter.stats.get("passed", [])
    recoveries = [line for report in passed for name, line in report.user_properties if name == RECOVERED]
    if recoveries:
        terminalreporter.section(RECOVERED)
        terminalreporter.write_line("\n".join(recoveries))
    write = terminalreporter.write_line
    terminalreporter.section("real parts")
    write("PostgreSQL: yes, 18 from the wheel")
    lacking = f"no (install {' and '.join(broker.missing())}, or start a container engine)"
    write(f"Kafka: {lacking if kafka_from() == 'nowhere' else f'yes, {kafka_from()}'}")
    write(f"Browser: {browser}")
    write(f"Test data: {data}")
    write(f"Left out: {len(skipped)} tests" if skipped else "Left out: nothing")
    if "not long" in terminalreporter.config.option.markexpr:
        write("Left to make test-long: servers that crash, full disks, poison, the compose file, axe on every page")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """CI provides everything, so a skip there is a failure that nobody would notice otherwise."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
