from collections.abc import Callable

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from deploy.logins import SCHEMAS, ensure
from shared.db.pool import options

OPENED = {"permits": {"permits"}, "ops": {"permits", "beacons", "navfeed"}}


def opens(login: str, schema: str) -> bool:
    """Whether a service of that schema could work with the log-in."""
    try:
        with psycopg.connect(login, options=options(schema)) as connection:
            connection.execute("SELECT name FROM migrations")
    except psycopg.OperationalError as error:
        return "permission denied to set role" not in str(error)
    return True


@pytest.mark.parametrize("name", sorted(OPENED))
def test_a_login_opens_its_own_schemas_and_what_all_share(city_url: Callable[[], str], name: str) -> None:
    url = city_url()
    login = make_conninfo(url, user=f"test_{name}", password="x")
    for _ in range(2):
        ensure(url, name, login)
    for schema in ("permits", "beacons", "navfeed", "web", "log"):
        assert opens(login, schema) == (schema in OPENED[name] | {"web", "log"})
    with psycopg.connect(url) as owner:
        owner.execute(f"REVOKE {', '.join(f'leitbake_{schema}' for schema in SCHEMAS[name])} FROM test_{name}")
        owner.execute(f"DROP ROLE test_{name}")
