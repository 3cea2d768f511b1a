"""Bytes with everything HTTP knows to avoid sending them: ETag, Last-Modified, 304, HEAD, gzip (RFC 9110, 9111)."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from flask import Request, Response

from shared.clock import Micros, from_micros

LIVE = "public, no-cache"
PAST = "public, max-age=31536000, immutable"


class Served(Protocol):
    """``tag``: the same for the same bytes, in every process and for life."""

    data: bytes
    published_at: datetime

    @property
    def tag(self) -> str: ...

    @property
    def gzipped(self) -> bytes: ...


def answer(request: Request, served: Served, *, media_type: str, now: Micros, cache: str = LIVE) -> Response:
    """The document, or 304. ``now`` tells whether more may be published in the second of ``published_at``."""
    zipped = request.accept_encodings["gzip"] > 0
    response = Response(status=200, content_type=media_type)
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache
    response.set_etag(f"{served.tag}-gzip" if zipped else served.tag)
    response.last_modified = modified(served.published_at, from_micros(now))
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(served.gzipped if zipped else served.data)
    response.make_conditional(request)
    return response


def tagged(request: Request, data: bytes, content_type: str, cache: str = LIVE) -> Response:
    """Bytes that were made for this request, or 304."""
    response = Response(data, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.add_etag()
    response.make_conditional(request)
    return response


def modified(published_at: datetime, now: datetime) -> datetime:
    """HTTP dates have whole seconds, and a second may see two publications.

    So a second is not named before it is over: who asks again by date alone misses nothing.
    """
    second = published_at.astimezone(UTC).replace(microsecond=0)
    return second if now >= second + timedelta(seconds=1) else second - timedelta(seconds=1)
