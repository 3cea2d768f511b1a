"""What people and importers ask for, in the imperative; ``decisions`` says what becomes of it."""

from datetime import datetime

import msgspec

from services.permits.domain.content import Content
from services.permits.domain.people import Actor, Sealed


class Command(msgspec.Struct, frozen=True, kw_only=True):
    actor: Actor


class Submit(Command, frozen=True, kw_only=True):
    """Apply. The file number in ``content.permit`` may be empty: an applicant has none. ``source``: an import."""

    content: Content
    personal: Sealed | None = None
    received_via: str = "online"
    received_at: datetime | None = None
    source: str | None = None
    digest: str | None = None


class Draft(Command, frozen=True, kw_only=True):
    """Keep an application that is not handed in yet."""

    content: Content
    personal: Sealed | None = None
    received_via: str = "online"
    received_at: datetime | None = None


class Approve(Command, frozen=True, kw_only=True):
    """Order. ``content`` replaces what was submitted, ``permit_number`` completes it."""

    content: Content | None = None
    permit_number: str | None = None
    reason: str | None = None


class Reject(Command, frozen=True, kw_only=True):
    reason: str


class Withdraw(Command, frozen=True, kw_only=True):
    reason: str | None = None


class Report(Command, frozen=True, kw_only=True):
    """Something seen on the street at ``at``; None: now."""

    at: datetime | None = None


class Start(Report, frozen=True, kw_only=True):
    """Works began."""


class End(Report, frozen=True, kw_only=True):
    """Works ended and the street is free."""


class RevertStart(Command, frozen=True, kw_only=True):
    """The reported start was wrong: works have not begun."""

    reason: str | None = None


class RevertEnd(Command, frozen=True, kw_only=True):
    """The reported end was wrong: works are where they were before it."""

    reason: str | None = None


class Interrupt(Report, frozen=True, kw_only=True):
    """Works rest."""

    reason: str | None = None


class Resume(Report, frozen=True, kw_only=True):
    """Works go on."""


class Extend(Command, frozen=True, kw_only=True):
    """Move the end of ``measures`` (ids) to ``end``, or ask for it. None named: those that end last.

    ``end`` None: what was asked for.
    """

    end: datetime | None = None
    measures: tuple[str, ...] = ()
    reason: str | None = None


class RefuseExtension(Command, frozen=True, kw_only=True):
    """The end stays where it is."""

    reason: str


class Amend(Command, frozen=True, kw_only=True):
    """Replace the content of an order, or of an application that nobody has decided yet.

    Ordered measures that are missing now end by it; known keys keep their ids.
    """

    content: Content
    reason: str | None = None
    personal: Sealed | None = None
    digest: str | None = None


class Revoke(Command, frozen=True, kw_only=True):
    reason: str


class Erase(Command, frozen=True, kw_only=True):
    """Note that the personal data is gone; its key was destroyed before (``Office.erase``)."""
