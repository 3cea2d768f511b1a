"""What may go wrong behind any door of this service, and what is said then."""

from flask import Flask, Response

from shared.eventstore.port import ConcurrencyError
from shared.projection.generations import NoGenerationError
from shared.web.problems import RETRY_S, problem


def register_errors(app: Flask) -> None:
    app.register_error_handler(ConcurrencyError, _raced)
    app.register_error_handler(NoGenerationError, _not_built)


def _raced(_: ConcurrencyError) -> Response:
    return problem(409)


def _not_built(_: NoGenerationError) -> Response:
    """No worker ran yet: an empty fleet would be a lie."""
    answer = problem(503, detail="Die Übersicht der Geräte wird gerade aufgebaut.")
    answer.headers["Retry-After"] = RETRY_S
    return answer
