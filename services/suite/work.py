"""The worker process: the parts of the chosen services, each on a thread of its own."""

from collections.abc import Sequence

from services.suite.city_services import build_all
from services.suite.database import database_url
from shared.clock import WallClock
from shared.eventlog.opening import open_log, upkeep
from shared.projection.worker import gather_rarely, run, stop_on_signals
from shared.settings import Settings


def run_worker(settings: Settings, names: Sequence[str]) -> None:
    """Until SIGTERM or SIGINT; raises what an unexpected error of a part was."""
    stop = stop_on_signals()
    gather_rarely()
    with database_url(settings) as url:
        log = open_log(url, WallClock(), settings)
        services = build_all(settings, url)
        parts = [part for name in names for part in services.named(name).parts(log)]
        databases = [services.permits.database, services.beacons.database, services.navfeed.database]
        run([*parts, upkeep(log, WallClock(), settings, databases)], stop)
