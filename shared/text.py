"""Characters that no text of ours may hold, whoever typed it."""

import re

# Controls but for tab and line breaks, halves of characters, and what turns the direction of reading: with it a name
# shows as another one (https://trojansource.codes).
UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class UnfitTextError(ValueError):
    """A name holds a control, a bidirectional control or half a character."""


def fit(text: str) -> str:
    """``text`` itself; raises ``UnfitTextError``."""
    if unfit(text):
        raise UnfitTextError("the text holds control characters")
    return text


def unfit(text: str) -> bool:
    """Whether ``text`` holds a control, a bidirectional control or half a character."""
    return UNFIT.search(text) is not None
