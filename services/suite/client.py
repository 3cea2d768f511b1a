"""The public doors over HTTP, for simulator, importers and commands: nobody has a back door (law 15)."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

TIMEOUT_S = 60
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class UnreachableError(Exception):
    """Nobody answers, or the door is closed for now (503): keep what you have and send it later."""


class RefusedError(Exception):
    """The door said no; ``status`` and what it said."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status


class Doors(NamedTuple):
    """The suite at ``origin`` (scheme, host, port), with an API key."""

    origin: str
    key: str = ""

    def get(self, path: str) -> Any:
        """The JSON behind ``path``; raises ``UnreachableError`` and ``RefusedError``."""
        return self._ask(urllib.request.Request(self.origin + path, headers=self._headers()))  # noqa: S310  # our origin

    def post(self, path: str, body: bytes, media_type: str, more: Mapping[str, str] = NO_HEADERS) -> Any:
        """Post bytes and return the JSON that is answered; ``more`` headers; raises as ``get``."""
        headers = self._headers() | {"Content-Type": media_type, **more}
        return self._ask(urllib.request.Request(self.origin + path, body, headers))  # noqa: S310  # our origin

    def pings(self, items: list[bytes]) -> int:
        """Send pings as NDJSON and return how many were accepted."""
        answer = self.post("/beacons/api/v1/pings", b"\n".join(items), "application/x-ndjson")
        return int(answer["accepted"])

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})

    def _ask(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # our origin
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            detail = error.read().decode(errors="replace")[:2_000]
            if error.code == 503:
                raise UnreachableError(detail) from error
            raise RefusedError(error.code, detail) from error
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise UnreachableError(str(error)) from error
