"""What doors answered."""

import json
from typing import Any

from werkzeug.test import TestResponse


def said(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.data)
