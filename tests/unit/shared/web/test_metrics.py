from typing import get_args

import pytest
from flask import Flask

from shared.web.metrics import METRICS, MetricName, Metrics


def test_every_name_is_described() -> None:
    assert set(METRICS) == set(get_args(MetricName))


def test_a_metric_is_used_as_what_it_is() -> None:
    metrics = Metrics()
    metrics.count("pings_total", 3, source="http")
    metrics.set("outbox_age_seconds", 1.5)
    metrics.observe("http_request_seconds", 0.1, endpoint="x")
    text = metrics.render().decode()
    assert 'leitbake_pings_total{source="http"} 3.0' in text
    assert "leitbake_outbox_age_seconds 1.5" in text
    assert 'leitbake_http_request_seconds_count{endpoint="x"} 1.0' in text
    with pytest.raises(TypeError):
        metrics.count("outbox_age_seconds")
    with pytest.raises(TypeError):
        metrics.set("pings_total", 1, source="http")
    with pytest.raises(TypeError):
        metrics.observe("pings_total", 1, source="http")


def test_requests_are_counted_by_endpoint_and_not_by_what_visitors_make_up(app: Flask) -> None:
    client = app.test_client()
    client.get("/toy/healthz")
    client.get("/made/up")
    client.open("/toy/healthz", method="MADEUP")
    text = client.get("/toy/metrics").text
    assert 'endpoint="health.healthz",method="GET",status="200"} 1.0' in text
    assert 'endpoint="unknown",method="GET",status="404"} 1.0' in text
    assert 'endpoint="unknown",method="other",status="405"} 1.0' in text
    assert "made/up" not in text
    assert "MADEUP" not in text
