"""What a person sent with a form that could not be taken now: it goes along, so that nobody has to type it again.

It travels in the pages themselves; nothing is stored, and the server believes nothing of it: it comes back as any form.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
from flask import request

Fields = list[tuple[str, str]]
NEVER = ("csrf_token", "password", "kept")


def sent() -> Fields:
    """The fields of this request's form; none where another site's page sent it, who could put words into a mouth."""
    if request.method != "POST" or urlsplit(request.headers.get("Origin", "")).netloc != request.host:
        return []
    return [(name, text) for name, text in request.form.items(multi=True) if name not in NEVER]


def packed(fields: Iterable[tuple[str, str]]) -> str:
    """As one hidden field's value."""
    return msgspec.json.encode(list(fields)).decode()


def unpacked(text: str) -> Fields:
    """What ``packed`` made; nothing where it is something else."""
    try:
        return msgspec.json.decode(text, type=Fields) if text else []
    except msgspec.DecodeError:
        return []
