"""The feed is open data: every site may read it from a browser."""

from flask import Response
from flask.blueprints import Blueprint

EXPOSED = "ETag, Last-Modified, Content-Length, Content-Range, Accept-Ranges, Retry-After"
ASKED = "If-None-Match, If-Modified-Since, Range, Last-Event-ID, Cache-Control"


def open_to_all(doors: Blueprint) -> None:
    doors.after_request(_allow)


def _allow(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = ASKED
    response.headers["Access-Control-Max-Age"] = "86400"
    return response
