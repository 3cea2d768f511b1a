"""Why a command is refused, in words for the person who gave it."""

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing wrong with an input: ``field`` is a path as in ``measures[0].end``, ``sentence`` is German."""

    field: str
    sentence: str


class RefusedError(Exception):
    """The command cannot be carried out; nothing has happened.

    ``code`` is stable and for machines, ``sentence`` German and for people. With ``field`` the input is wrong and may
    be corrected; without, the state of the case forbids it. ``problems`` lists all that is wrong with a content.
    """

    def __init__(self, code: str, sentence: str, field: str | None = None, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.problems = problems


class OtherRequestError(RefusedError):
    """An idempotency key came again with another request; nothing has happened."""

    def __init__(self) -> None:
        super().__init__("key_reused", "Unter diesem Schlüssel wurde schon eine Anfrage mit anderem Inhalt gestellt.")
