"""One master key, and a key of its own for every purpose: what signs cookies can open no box."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derive(master_key: bytes, purpose: str) -> bytes:
    """32 bytes for ``purpose`` (HKDF-SHA256, RFC 5869); the same input gives the same key for ever."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"leitbake {purpose}".encode()).derive(master_key)
