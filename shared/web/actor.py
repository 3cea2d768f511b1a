"""Who is at the door."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.web.doors import Role

Via: TypeAlias = Literal["nobody", "key", "session"]
SCOPED: frozenset[Role] = frozenset({"public", "device", "contractor", "subscriber"})
SCOPE = re.compile(r"(devices|organisation):[!-~]{1,128}|district:[^\x00-\x1f*]{1,80}")


class UnknownScopeError(ValueError):
    """Neither ``devices:…``, ``organisation:…`` nor ``district:…`` (an Ortsteil of a clerk): it would mean nothing."""


def checked(scopes: Sequence[str]) -> list[str]:
    """``scopes`` themselves; raises ``UnknownScopeError``."""
    for scope in scopes:
        if not SCOPE.fullmatch(scope):
            raise UnknownScopeError(scope)
    return list(scopes)


@dataclass(frozen=True)
class Actor:
    """``id`` is opaque (a key's or an account's); ``name`` is for the page head only, never for events or logs.

    ``scopes``: ``kind:value``, a trailing ``*`` standing for any rest: ``devices:LT-*``, ``organisation:tiefbau-gmbh``.
    ``district:Altstadt`` narrows nothing: it says whose Ortsteil that is.
    """

    role: Role
    id: str
    scopes: tuple[str, ...] = ()
    name: str = ""
    via: Via = "nobody"

    def has(self, *roles: Role) -> bool:
        """Whether this is one of ``roles``; admin is everybody."""
        return self.role in roles or self.role == "admin"

    def allows(self, kind: str, value: str) -> bool:
        """Whether the scopes reach ``value``. Staff without a scope of this kind reach all, others nothing."""
        patterns = self.patterns(kind)
        if not patterns:
            return self.role not in SCOPED
        return any(value == it or (it.endswith("*") and value.startswith(it[:-1])) for it in patterns)

    def patterns(self, kind: str) -> list[str]:
        """The values of this kind, in the order in which they were given."""
        return [scope.partition(":")[2] for scope in self.scopes if scope.partition(":")[0] == kind]


ANYONE = Actor("public", "anyone")
