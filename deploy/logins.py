"""Log-ins of the compose file's containers: each opens its own service's schema and the two that all share.

``python -m deploy.logins FOLDER``, after the migrations, as the database's owner. FOLDER holds ``<name>_database_url``
of each log-in as ``make-secrets`` made it; again changes nothing but a password that was changed there.
"""

import sys
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from shared.db.pool import role_of
from shared.settings import read_settings

# `web` holds keys and accounts, `log` the name of the log. Who looks after all of it sees all of it.
SHARED = ("web", "log")
SCHEMAS = {
    "permits": ("permits", *SHARED),
    "beacons": ("beacons", *SHARED),
    "navfeed": ("navfeed", *SHARED),
    "ops": ("permits", "beacons", "navfeed", *SHARED),
}


def ensure(owner_url: str, name: str, url: str) -> None:
    """Make the log-in that ``url`` names, with its password, a member of its service's roles and of no others."""
    known = conninfo.conninfo_to_dict(url)
    login = sql.Identifier(str(known["user"]))
    wanted = {role_of(schema) for schema in SCHEMAS[name]}
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET LOCAL client_min_messages = error")
        there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (known["user"],)).fetchone()
        verb = sql.SQL("ALTER" if there else "CREATE")
        password = sql.Literal(known["password"])
        connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, login, password))
        for role in {role_of(schema) for schemas in SCHEMAS.values() for schema in schemas}:
            word = sql.SQL("GRANT {} TO {}" if role in wanted else "REVOKE {} FROM {}")
            connection.execute(word.format(sql.Identifier(role), login))


def main() -> None:
    """Make all log-ins."""
    owner_url, folder = read_settings().database_url, Path(sys.argv[1])
    for name in SCHEMAS:
        ensure(owner_url, name, (folder / f"{name}_database_url").read_text().strip())


if __name__ == "__main__":
    main()
