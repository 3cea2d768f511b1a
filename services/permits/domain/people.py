"""Who acts and who is named: opaque ids outside, names only inside a sealed box."""

from typing import Annotated, Literal

import msgspec

Role = Literal["applicant", "contractor", "clerk", "importer", "system"]
OpaqueId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class Actor(msgspec.Struct, frozen=True):
    """Who did it: a role and a user id that tells nobody's name."""

    role: Role
    id: OpaqueId


class Personal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The personal fields of a case in clear: lives in commands' inputs and pages, never in an event.

    ``responsible_phone`` is reachable 24 h, ``responsible_proof`` says how that person has proved to know how works are
    secured (MVAS 99); ``client``: whom the applicant works for; ``more`` keeps what an import brought and what looks
    personal.
    """

    applicant_name: str | None = None
    applicant_email: str | None = None
    applicant_phone: str | None = None
    responsible_name: str | None = None
    responsible_phone: str | None = None
    responsible_proof: str | None = None
    client: str | None = None
    more: dict[str, str] = {}


class Sealed(msgspec.Struct, frozen=True):
    """``Personal`` encrypted under the key of ``person``; ``box`` is base64. Unreadable once the key is destroyed."""

    person: OpaqueId
    box: str
