"""Apache Kafka without Docker: one KRaft node on loopback, from jars that Maven fetches once. Needs Java 17 and Maven.

``python -m deploy.kafka.broker --data DIR --port N`` runs it in the foreground; tests and ``make run KAFKA=1`` use
``running_broker``. For development: production runs the official image (docker-compose.yml).
"""

import argparse
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
JARS = HERE / "jars"
NEEDS = ("java", "mvn")
START_S = 120.0
STOP_S = 15.0
HEAP = "-Xmx512m"
LOOPBACK = "127.0.0.1"

PROPERTIES = """
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={data}/log
num.partitions=1
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.message.timestamp.after.max.ms=9223372036854775807
"""
LOGGING = """
status=ERROR
appender.file.type=File
appender.file.name=file
appender.file.fileName={data}/server.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %c %m%n
rootLogger.level=WARN
rootLogger.appenderRef.file.ref=file
"""


class BrokerError(Exception):
    """Kafka cannot be fetched or does not start; the message says why."""


def missing() -> list[str]:
    """Which of the programs it needs are not there."""
    return [name for name in NEEDS if shutil.which(name) is None]


def fetch_jars() -> Path:
    """The folder of jars, fetched once; raises ``BrokerError``."""
    if not (JARS / "complete").exists():
        command = ["mvn", "--batch-mode", "--quiet", "--file", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        done = subprocess.run(  # noqa: S603  # fixed words and our own folder
            [*command, f"-DoutputDirectory={JARS}", "-DincludeScope=runtime"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BrokerError(f"Maven cannot fetch Apache Kafka: {done.stdout[-2000:]}")
        (JARS / "complete").touch()
    return JARS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = LOOPBACK) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


class Broker:
    """A broker on ``data`` (made and formatted if new). ``start``, ``kill`` and ``stop`` may follow each other.

    ``more``: properties after ours, which go before them; they may name ``{port}``, ``{controller}`` and ``{data}``.
    ``host`` and ``within``, the words before its command: where it runs in a network of its own.
    """

    def __init__(
        self, data: Path, port: int, more: str = "", *, host: str = LOOPBACK, within: Sequence[str] = ()
    ) -> None:
        self.data, self.port, self._more = data.absolute(), port, more
        self._host, self._within = host, within
        self.bootstrap = f"{host}:{port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers; raises ``BrokerError``."""
        properties = (PROPERTIES + self._more).format(
            host=self._host, port=self.port, controller=free_port(), data=self.data
        )
        self._write("server.properties", properties)
        self._write("log4j2.properties", LOGGING.format(data=self.data))
        if not (self.data / "log" / "meta.properties").exists():
            self._format()
        # No JVM option stands for a password or an outside address.
        self.process = subprocess.Popen(  # noqa: S603  # fixed words and our own folder
            [*self._within, *self._java("kafka.Kafka"), str(self.data / "server.properties")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def kill(self) -> None:
        """At once; what the operating system has not written yet, it still writes."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _write(self, name: str, text: str) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / name).write_text(text)

    def _java(self, main: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.data / 'log4j2.properties'}"
        return ["java", HEAP, logging, "-cp", f"{fetch_jars()}/*", main]

    def _format(self) -> None:
        tool = self._java("kafka.tools.StorageTool")
        node = subprocess.run([*tool, "random-uuid"], capture_output=True, text=True, check=True)  # noqa: S603  # as above
        command = [
            *tool,
            "format",
            "--standalone",
            "-t",
            node.stdout.strip(),
            "-c",
            str(self.data / "server.properties"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # as above
        if done.returncode:
            raise BrokerError(f"Kafka cannot format its folder: {done.stderr[-2000:]}{done.stdout[-2000:]}")

    def _wait(self) -> None:
        process, end = self.process, time.monotonic() + START_S
        assert process is not None  # noqa: S101  # start has made it
        while time.monotonic() < end:
            if process.poll() is not None:
                raise BrokerError(f"Kafka ended at once; {self.data / 'server.log'} tells more")
            if answers(self.port, self._host):
                return
            time.sleep(0.1)
        self.kill()
        raise BrokerError(f"Kafka did not open port {self.port} within {START_S:.0f} s")


@contextmanager
def running_broker(data: Path, port: int | None = None, more: str = "") -> Iterator[Broker]:
    broker = Broker(data, port or free_port(), more)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def main() -> int:
    arguments = argparse.ArgumentParser(description="Apache Kafka on loopback, from Maven's jars")
    arguments.add_argument("--data", type=Path, required=True, help="folder of its log")
    arguments.add_argument("--port", type=int, default=9092)
    options = arguments.parse_args()
    if lacking := missing():
        print(f"Kafka without Docker needs {' and '.join(lacking)}", file=sys.stderr)  # noqa: T201  # a command speaks
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with running_broker(options.data, options.port) as broker:
        print(f"Kafka answers at {broker.bootstrap}", flush=True)  # noqa: T201  # as above
        while not stop.wait(0.5):
            if broker.process is None or broker.process.poll() is not None:
                print("Kafka ended by itself", file=sys.stderr)  # noqa: T201  # as above
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
