"""Clients of kafka-python that say why no broker took them, and leave nothing behind when none did."""

import time
from collections.abc import Mapping
from typing import Any

from kafka.errors import AuthorizationError, KafkaConnectionError, KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.connection import KafkaConnection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from shared.eventlog.port import LogUnavailableError

MOST = 3
LOG_IN = "the broker ended the connection at the log-in: name, password or mechanism is not what it knows"

# Left alone, it waits longer each time, up to 30 s, for connections that nobody answers. No client takes these two.
PATIENCE = {"socket_connection_setup_timeout_ms": 5_000, "socket_connection_setup_timeout_max_ms": 5_000}
AWAY_S = 1.0
LACKING = "the brokers do not let our log-in do that; deploy/kafka/rights.py lists what it needs"


class Manager(KafkaConnectionManager):  # type: ignore[misc]  # the library ships no types
    """Remembers why connections failed: a client that tried in vain for its whole time only says that it did."""

    def __init__(self, net: NetworkSelector, **config: Any) -> None:
        self.whys: dict[str, None] = {}
        super().__init__(net, **config, **PATIENCE)

    def get_connection(self, *args: Any, **settings: Any) -> KafkaConnection:
        connection = super().get_connection(*args, **settings)
        if not self.bootstrapped:
            connection.init_future.add_errback(lambda error: self._note(connection, error))
        return connection

    def _note(self, connection: KafkaConnection, error: Exception) -> None:
        """A broker says what was wrong with a log-in and hangs up; kafka-python 3.0 forgets what came with the end."""
        hung_up = isinstance(error, KafkaConnectionError) and connection.broker_version_data is not None
        self.whys[LOG_IN if hung_up and connection.sasl_enabled else str(error)] = None


def unavailable(error: KafkaError) -> LogUnavailableError:
    """What to tell of it; a right that our log-in lacks is said to be one."""
    if isinstance(error, AuthorizationError):
        return LogUnavailableError(f"Kafka: {LACKING}: {error}")
    return LogUnavailableError(f"Kafka: {error}")


def begun(client: Any, **settings: Any) -> Any:
    """A client of kafka-python's; where no broker takes it, its thread and sockets are ended before it raises."""
    nets: list[KafkaNetClient] = []
    managers: list[Manager] = []

    def net(**config: Any) -> KafkaNetClient:
        selector = NetworkSelector(**config)
        managers.append(Manager(selector, **config))
        nets.append(KafkaNetClient(selector, managers[-1], **config))
        return nets[-1]

    try:
        return client(**settings, kafka_client=net)
    except KafkaError as error:
        for it in nets:
            it.close()
        if whys := [why for manager in managers for why in manager.whys]:
            raise KafkaConnectionError(f"{error} ({'; '.join(whys[:MOST])})") from error
        raise


class Knocker:
    """Begins clients of ``settings`` for many who wait for one. Not thread-safe: they wait behind a lock of theirs.

    Whoever waited while another one tried in vain is told so at once: doors have many threads.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings, self._away_until = settings, 0.0

    def begun(self, client: Any, **more: Any) -> Any:
        """Raises ``LogUnavailableError``."""
        if time.monotonic() < self._away_until:
            raise LogUnavailableError("Kafka: could not be reached a moment ago")
        try:
            return begun(client, **self._settings, **more)
        except KafkaError as error:
            self._away_until = time.monotonic() + AWAY_S
            raise unavailable(error) from error
