"""``leitbake accounts|keys``: who may come in."""

from typing import cast, get_args

import click

from services.suite.commands.installed import city, console
from shared.clock import WallClock
from shared.db.pool import Database
from shared.text import UnfitTextError
from shared.web.accounts import Accounts, LoginTakenError, WeakPasswordError
from shared.web.actor import UnknownScopeError
from shared.web.doors import Role
from shared.web.keys import ApiKeys

UNFIT = "a scope is devices:… or organisation:…, and no text holds control characters"


@click.group()
def accounts() -> None:
    """Accounts: who may log in to the pages."""


@accounts.command("create")
@click.argument("login")
@click.argument("role", type=click.Choice(get_args(Role)))
@click.option("--name", required=True, help="Shown in the page head.")
@click.option("--scope", "scopes", multiple=True, help="organisation:NAME: contractors of one share their cases.")
@click.password_option(help="At least 10 characters; asked for when not given.")
def create_account(login: str, role: str, name: str, scopes: tuple[str, ...], password: str) -> None:
    """Let LOGIN in with ROLE."""
    with city() as (_, _log, url):
        known = Accounts(Database(url, "web"), WallClock(), session_hours=1)
        try:
            known.create(login, password, cast("Role", role), name, scopes)
        except LoginTakenError as error:
            raise click.ClickException(f"there is an account {login} already") from error
        except WeakPasswordError as error:
            raise click.ClickException("the password is too short") from error
        except (UnknownScopeError, UnfitTextError) as error:
            raise click.BadParameter(UNFIT) from error
    console.print(f"{login} may log in as {role}")


@click.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@click.argument("role", type=click.Choice(get_args(Role)))
@click.option("--scope", "scopes", multiple=True, help="E.g. devices:LT-* for a key of lights.")
@click.option("--note", help="What it is for.", required=True)
def create_key(role: str, scopes: tuple[str, ...], note: str) -> None:
    """Make a key with ROLE and print it, this once."""
    with city() as (_, _log, url):
        try:
            made = ApiKeys(Database(url, "web"), WallClock()).create(cast("Role", role), note, scopes)
        except (UnknownScopeError, UnfitTextError) as error:
            raise click.BadParameter(UNFIT) from error
    click.echo(made.token)


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret."""
    with city() as (_, _log, url):
        for key in ApiKeys(Database(url, "web"), WallClock()).all():
            state = "revoked" if key.revoked_at else "in force"
            console.print(f"{key.id}  {key.role:<10}  {state:<8}  {' '.join(key.scopes)}  {key.label}")


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """End a key at once (within a second in running processes)."""
    with city() as (_, _log, url):
        if not ApiKeys(Database(url, "web"), WallClock()).revoke(key_id):
            raise click.ClickException(f"no key {key_id} that is in force")
