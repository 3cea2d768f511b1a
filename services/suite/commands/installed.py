"""The services of this installation, for commands that look into them."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from services.suite import demo
from services.suite.city_services import Services, build_all
from services.suite.database import database_url, require_city, require_schema
from shared.clock import WallClock
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog
from shared.settings import read_settings

console = Console(highlight=False)


@contextmanager
def city() -> Iterator[tuple[Services, EventLog, str]]:
    """The services of this installation, their log, and the database's address; raises ``NoCityError``."""
    require_city()
    demo.use_kept_settings(read_settings().data_dir)
    settings = read_settings()
    with database_url(settings) as url:
        require_schema(url)
        yield build_all(settings, url), open_log(url, WallClock(), settings), url
