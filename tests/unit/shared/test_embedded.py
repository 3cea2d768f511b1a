import json
import os
from pathlib import Path

from shared.db.embedded import embedded_postgres


def test_users_that_were_killed_do_not_keep_the_server_up(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with embedded_postgres(folder):
        users = folder / ".handle_pids.json"
        assert os.getpid() in json.loads(users.read_text())
    users.write_text("[999999999]")
    with embedded_postgres(folder):
        assert json.loads(users.read_text()) == [os.getpid()]
    assert not (folder / "postmaster.pid").exists()
