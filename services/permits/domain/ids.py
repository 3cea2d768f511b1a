"""Identifiers for life, derived and never drawn: the same input gives the same id on every machine."""

import re
import uuid

_NAMESPACE = uuid.UUID("6c656974-6261-6b65-8000-000000000002")
_PREFIX = re.compile(r"[a-z0-9-]{1,47}")
_DIGITS = 16  # hexadecimal, 64 bit: one collision in a million measures is less likely than 1 in 10 million


def permit_id(namespace: str, source: str, permit_number: str) -> str:
    """The id of an imported permit: a uuid, the same whenever ``source`` names ``permit_number`` again."""
    return str(uuid.uuid5(_NAMESPACE, f"permit|{namespace}|{source}|{permit_number}"))


def measure_id(namespace: str, permit: str, key: str) -> str:
    """The public id of measure ``key`` of permit id ``permit``: ``<namespace>-<16 hex digits>``.

    A digest, so that no file number shows. Raises ``ValueError`` for a namespace that is no ``[a-z0-9-]{1,47}``.
    """
    if not _PREFIX.fullmatch(namespace):
        raise ValueError(f"namespace {namespace!r} is not [a-z0-9-]{{1,47}}")
    return f"{namespace}-{uuid.uuid5(_NAMESPACE, f'measure|{permit}|{key}').hex[:_DIGITS]}"
