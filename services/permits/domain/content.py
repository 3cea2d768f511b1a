"""What a case orders: the public permit and what stays inside the house."""

from typing import Any

import msgspec

from shared.contracts.permits import Permit


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``permit`` is public as a whole once approved; the rest never leaves the service.

    ``notes``: a clerk's or source's words per measure key. ``extra``: imported properties that we do not know, per
    measure key. ``conditions``: Auflagen.
    """

    permit: Permit
    notes: dict[str, str] = {}
    extra: dict[str, dict[str, Any]] = {}
    conditions: tuple[str, ...] = ()
