"""What the lights say of a case."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.permits.application.onsite import Site
from services.permits.web.onsite_words import sentence

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lights", "words"), [(0, "steht noch"), (1, "steht noch, 1 Warnleuchte"), (2, "steht noch, 2 Warnleuchten")]
)
def test_lights_are_counted(lights: int, words: str) -> None:
    said: dict[str, Any] = dict.fromkeys(Site._fields)
    site = Site(**said | {"state": "overrunning", "since": NOW, "lights": lights})
    assert sentence(site, NOW) == f"Die Frist ist vorbei, die Arbeitsstelle {words}"
