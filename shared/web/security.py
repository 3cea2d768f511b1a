"""Around every request: its id, its limits, and the headers that keep pages and data where they belong."""

import io
import re
import time
import uuid
from typing import IO, Any

import structlog
from flask import Flask, Response, current_app, g, request

from shared.db.patience import be_patient
from shared.web.buckets import subject_of
from shared.web.doors import Door, door_of
from shared.web.problems import ProblemError
from shared.web.shell import shell

log = structlog.get_logger()

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)
PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()"
HSTS = "max-age=31536000"
ANSWER_S = 8.0  # a statement of a door never takes so long, but for locks; with the wait for a connection, it is 13 s
SHUT = Door(roles=frozenset())


def register_begin(app: Flask) -> None:
    """First of all: later steps read ``g.request_id`` and ``g.door``."""
    app.before_request(_begin)
    app.before_request(_limit_body)
    app.after_request(_finish)
    app.teardown_request(_end)


def register_rates(app: Flask) -> None:
    """After the log-in, since a key's own bucket follows it from address to address."""
    app.before_request(_limit_rate)


def _begin() -> None:
    be_patient(ANSWER_S)
    offered = request.headers.get("X-Request-Id", "")
    g.request_id = offered if SANE_ID.fullmatch(offered) else uuid.uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    found = door_of(current_app, request.endpoint, request.method) if request.endpoint else None
    g.door = found or SHUT


def _end(_: BaseException | None) -> None:
    be_patient(None)


def _limit_body() -> None:
    limit: int = g.door.body_bytes
    request.max_form_memory_size = limit
    if request.content_length is None:
        request.environ["wsgi.input"] = Bounded(request.environ["wsgi.input"], limit)
    elif request.content_length > limit:
        raise _too_large(limit)


class Bounded(io.RawIOBase):
    """A body in chunks that names no length; raises 413 beyond ``limit`` bytes.

    werkzeug 3.1 hands out the first ``max_content_length`` bytes of such a body as if that were all: half of the pings
    would have been lost without an error.
    """

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._limit, self._left = stream, limit, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._limit)
        buffer[: len(data)] = data
        return len(data)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, detail=f"Höchstens {limit} Byte sind hier erlaubt.", limit=limit)


def _limit_rate() -> None:
    """One bucket per key, account or address; endpoints with a rate of their own have a bucket of their own."""
    here, rate = shell(), g.door.rate
    actor = g.get("actor")
    who = subject_of(request.remote_addr) if actor is None or actor.via == "nobody" else f"{actor.via}:{actor.id}"
    subject = f"{request.endpoint}:{who}" if rate else who
    rate = rate or here.rate
    taken = here.buckets.take(subject, rate)
    g.rate_headers = {
        "RateLimit-Policy": f'"default";q={rate.burst};w={max(1, round(rate.burst / rate.per_s))}',
        "RateLimit": f'"default";r={taken.remaining};t={taken.wait_s}',
    }
    if taken.wait_s:
        raise ProblemError(429, headers={"Retry-After": str(taken.wait_s)})


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = "; ".join((*DIRECTIVES, f"frame-ancestors {_frames()}"))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["X-Request-Id"] = g.get("request_id", "")
    if request.is_secure:
        headers["Strict-Transport-Security"] = HSTS
    for name, value in g.get("rate_headers", {}).items():
        headers[name] = value
    _cache(response)
    _note(response)
    return response


def _frames() -> str:
    """Who may show this in a frame: nobody, but for the embedded form of a page, which acts on no session."""
    embedded = "door" in g and g.door.embed and "embed" in request.args
    return (embedded and shell().settings.embed_origins) or "'none'"


def _cache(response: Response) -> None:
    """What somebody sees who is known, nobody else may see from a cache."""
    if g.get("actor") is not None and g.actor.via != "nobody" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"


def _note(response: Response) -> None:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    endpoint, metrics = request.endpoint or "unknown", shell().metrics
    metrics.count("http_requests_total", endpoint=endpoint, method=_method(), status=str(response.status_code))
    metrics.observe("http_request_seconds", seconds, endpoint=endpoint)
    log.info(
        "request_served",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )


def _method() -> str:
    """Methods come from outside: unknown ones share a label, else a scanner could make labels without end."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return request.method if request.method in known else "other"
