import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.web.logs import configure_logging


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:], root.level = handlers, level


def test_our_lines_and_those_of_libraries_are_json_with_the_request_id() -> None:
    stream = io.StringIO()
    configure_logging("INFO", stream)
    structlog.contextvars.bind_contextvars(request_id="abcdefgh")
    structlog.get_logger("a").info("permit_approved", permit="p1")
    structlog.get_logger("a").debug("too_fine")
    logging.getLogger("library").warning("Straße %s", 7)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["level"], line["request_id"]) for line in lines] == [
        ("permit_approved", "info", "abcdefgh"),
        ("Straße 7", "warning", "abcdefgh"),
    ]
    assert lines[0]["permit"] == "p1"
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert "Straße" in stream.getvalue()


def test_a_crash_keeps_its_traceback_in_one_line() -> None:
    stream = io.StringIO()
    configure_logging("INFO", stream)
    try:
        _ = 1 // int("0")
    except ZeroDivisionError:
        structlog.get_logger("a").exception("request_crashed")
    (line,) = stream.getvalue().splitlines()
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def test_kafka_pythons_finest_lines_are_never_written_for_they_hold_the_password() -> None:
    stream = io.StringIO()
    configure_logging("DEBUG", stream)
    logging.getLogger("kafka.net.connection").debug("Request 3: auth_bytes=open-sesame")
    assert "open-sesame" not in stream.getvalue()
