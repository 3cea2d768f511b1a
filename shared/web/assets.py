"""Hashed file names of the front-end build; without a build the pages still render, only plainer."""

import json
import mimetypes
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for
from werkzeug.security import safe_join

STATIC = Path(__file__).parent / "static"
DIST = "dist/"
MANIFEST = "dist/manifest.json"
IMMUTABLE = "public, max-age=31536000, immutable"
BRIEF = "public, max-age=300"
ENCODINGS = {"br": ".br", "gzip": ".gz"}


class Assets:
    """Reads ``dist/manifest.json`` of the static folder once: ``{"main.js": ["main-ab12.js", "chunk-cd34.js"]}``."""

    def __init__(self, static: Path = STATIC) -> None:
        manifest = static / MANIFEST
        self._names: dict[str, list[str]] = json.loads(manifest.read_text()) if manifest.exists() else {}

    def url(self, name: str) -> str | None:
        """The address of a built file, or None where it has not been built."""
        return next(iter(self.parts(name)), None)

    def parts(self, name: str) -> list[str]:
        """The addresses of a built script and of all that it imports, for a page that knows that it will want them."""
        return [url_for("static", filename=DIST + file) for file in self._names.get(name, [])]


def cache_control(filename: str) -> str:
    """For ever where the name changes with the content: the build hashes every name but the manifest's."""
    return IMMUTABLE if filename.startswith(DIST) and filename != MANIFEST else BRIEF


def send_built(app: Flask, filename: str) -> Response | None:
    """The smallest form that the build laid beside a file and the browser takes, or None: send the file itself."""
    folder = app.static_folder or ""
    for encoding, suffix in ENCODINGS.items():
        beside = safe_join(folder, filename + suffix)
        if request.accept_encodings.quality(encoding) and beside is not None and Path(beside).is_file():
            answer = send_from_directory(folder, filename + suffix, mimetype=mimetypes.guess_type(filename)[0])
            answer.headers["Content-Encoding"] = encoding
            return answer
    return None
