import pytest
from click.testing import CliRunner

from services.suite.commands.topics import topics


def test_the_log_in_postgresql_needs_no_topics_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEITBAKE_KAFKA_BOOTSTRAP", raising=False)
    said = CliRunner().invoke(topics, ["ensure"])
    assert said.exit_code == 2
    assert "LEITBAKE_KAFKA_BOOTSTRAP" in said.output
