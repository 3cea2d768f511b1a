"""All metrics of the suite: name, kind, meaning, labels; typos fail the type check."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]
MetricName: TypeAlias = Literal[
    "http_requests_total",
    "http_request_seconds",
    "log_ins_total",
    "pings_total",
    "pings_rejected_total",
    "consumer_lag_seconds",
    "outbox_age_seconds",
    "parked_messages",
]


class Metric(NamedTuple):
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()


METRICS: Mapping[MetricName, Metric] = {
    "http_requests_total": Metric("counter", "requests answered", ("endpoint", "method", "status")),
    "http_request_seconds": Metric("histogram", "seconds from request to answer", ("endpoint",)),
    "log_ins_total": Metric("counter", "log-ins of people", ("outcome",)),
    "pings_total": Metric("counter", "pings taken by the door", ("source",)),
    "pings_rejected_total": Metric("counter", "pings that the door refused", ("source", "reason")),
    "consumer_lag_seconds": Metric("gauge", "age of the oldest record not yet handled", ("group",)),
    "outbox_age_seconds": Metric("gauge", "age of the oldest event not yet on the log"),
    "parked_messages": Metric("gauge", "messages parked with their reason", ("group",)),
}
MAKERS = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}


class Metrics:
    """The metrics of one process; made once by its composition root. Thread-safe.

    gunicorn runs one worker process with threads per service, so a scrape sees everything.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._made: dict[MetricName, Counter | Gauge | Histogram] = {
            name: MAKERS[metric.kind](f"leitbake_{name}", metric.meaning, metric.labels, registry=self._registry)
            for name, metric in METRICS.items()
        }

    def count(self, name: MetricName, amount: float = 1, **labels: str) -> None:
        child = self._child(name, labels)
        if not isinstance(child, Counter):
            raise TypeError(f"{name} is no counter")
        child.inc(amount)

    def set(self, name: MetricName, value: float, **labels: str) -> None:
        child = self._child(name, labels)
        if not isinstance(child, Gauge):
            raise TypeError(f"{name} is no gauge")
        child.set(value)

    def observe(self, name: MetricName, seconds: float, **labels: str) -> None:
        child = self._child(name, labels)
        if not isinstance(child, Histogram):
            raise TypeError(f"{name} is no histogram")
        child.observe(seconds)

    def render(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self._registry)

    def _child(self, name: MetricName, labels: Mapping[str, str]) -> Counter | Gauge | Histogram:
        return self._made[name].labels(**labels) if labels else self._made[name]
