"""A live sample of a product, laid out for people: the first entry of a document that may hold thousands."""

import re
import threading
from typing import NamedTuple

import msgspec
from lxml import etree

from services.navfeed.application.documents import Served
from services.navfeed.web.told import Told

MAX_LINES = 120
NUMBERS = re.compile(r"\[\s+(-?[\d.eE+-]+(?:,\s+-?[\d.eE+-]+)*)\s+\]")


class Sample(NamedTuple):
    """``entries``: how many the document holds, of which ``text`` shows the first; ``more``: lines left off."""

    text: str
    entries: int
    more: int


class Samples:
    """The sample of each product's newest document, made once per publication. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, tuple[Served, Sample]] = {}

    def of(self, product: str, served: Served, media_type: str, note: Told) -> Sample:
        with self._lock:
            known = self._of.get(product)
            if known is None or known[0] is not served:
                known = self._of[product] = served, sample(served.data, media_type, note.entries)
            return known[1]


def sample(data: bytes, media_type: str, entries: str = "") -> Sample:
    """``data`` laid out, with only the first of its ``entries``; what is neither JSON nor XML stays as it is."""
    if media_type.endswith("json"):
        text, found = _json(data, entries)
    elif media_type.endswith("xml"):
        text, found = _xml(data, entries)
    else:
        text, found = data.decode(errors="replace"), 0
    lines = text.splitlines()
    return Sample("\n".join(lines[:MAX_LINES]), found, max(0, len(lines) - MAX_LINES))


def _json(data: bytes, entries: str) -> tuple[str, int]:
    document = msgspec.json.decode(data)
    items = document.get(entries, []) if isinstance(document, dict) else []
    if items:
        document[entries] = items[:1]
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return NUMBERS.sub(_on_one_line, text), len(items)


def _on_one_line(match: re.Match[str]) -> str:
    """A position is read at a glance, not in four lines."""
    return f"[{', '.join(part.strip() for part in match[1].split(','))}]"


def _xml(data: bytes, entries: str) -> tuple[str, int]:
    root = etree.fromstring(data)
    found = list(root.iter(f"{{*}}{entries}")) if entries else []
    for surplus in found[1:]:
        parent = surplus.getparent()
        if parent is not None:
            parent.remove(surplus)
    etree.cleanup_namespaces(root)
    etree.indent(root, "  ")
    return etree.tostring(root, encoding="unicode"), len(found)
