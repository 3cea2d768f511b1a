"""Ids that follow from a name: whoever says the same thing again says it under the same id."""

import uuid
from hashlib import sha1

NAMESPACE = uuid.UUID("6c656974-6261-6b65-8000-000000000001")


def named(name: str) -> str:
    """``str(uuid.uuid5(NAMESPACE, name))`` (RFC 9562 § 5.5) in a quarter of the time: every ping gets one."""
    digest = sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
