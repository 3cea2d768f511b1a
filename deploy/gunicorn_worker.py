"""gunicorn's threads. What it refuses before the application sees it is a problem, in German, like every other error.

gunicorn has no setting for its own answers, but takes a worker of one's own (docs/decisions/0013).
"""

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from shared.web.german import words

STATUS: dict[type[Exception], HTTPStatus] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
    # A header that the application tried to send is its own fault.
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:  # noqa: ARG002  # gunicorn's
        """Called where no answer has begun; the connection closes after it."""
        refused = isinstance(exc, errors.ParseException)
        status = STATUS.get(type(exc), HTTPStatus.BAD_REQUEST if refused else HTTPStatus.INTERNAL_SERVER_ERROR)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("request_crashed", exc_info=exc)
        else:
            self.log.warning("request_refused %s", type(exc).__name__)  # who asked is personal data
        with suppress(OSError):  # nobody waits for it any more
            write_nonblock(client, answer(status))


def answer(status: HTTPStatus) -> bytes:
    """The whole answer as it goes over the wire."""
    said = words(status)
    body = {"type": "about:blank", "title": said.title, "status": status, "detail": said.detail}
    data = json.dumps(body, ensure_ascii=False).encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(data)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
    ]
    return "\r\n".join([*head, "", ""]).encode() + data
