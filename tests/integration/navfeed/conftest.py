"""The feed's doors on a database of their own; tests publish through the sink of the publisher."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import services.navfeed.bootstrap as navfeed
from services.navfeed.domain.feature import Feature
from shared.clock import WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog
from shared.settings import Settings
from tests.support.feed import IMPRINT, publish


class City:
    """A built feed service and the client at its doors."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self.navfeed = navfeed.build(url, "de-mainz", IMPRINT)
        self.web = Database(url, "web")
        self.log: EventLog = open_log(url, WallClock())
        self.settings = Settings(master_key=bytes(32), data_dir=data_dir, requests_per_s=100_000)
        self.app: Flask = self.new_app()
        self.client: FlaskClient = self.app.test_client()

    def new_app(self) -> Flask:
        """As another process would build it."""
        return self.navfeed.app(self.log, self.settings, self.web)

    def publish(self, *now: Feature, cause: str = "cause-1") -> int:
        with self.navfeed.database.transaction() as tx:
            publish(self.navfeed.ledger, self.navfeed.rendering, tx, now, cause=cause)
        position = self.navfeed.ledger.position()
        return position[0] if position else 0

    def close(self) -> None:
        for thread in threading.enumerate():
            if thread.name == "sse":  # ends by itself once nobody listens
                thread.join()
        self.navfeed.database.close()
        self.web.close()
        self.log.close()


@pytest.fixture
def city(city_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    monkeypatch.setattr("services.navfeed.application.documents.CHECK_S", 0.0)
    made = City(city_url(), tmp_path)
    yield made
    made.close()
