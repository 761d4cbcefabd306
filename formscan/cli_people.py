"""``formscan people``: accounts and roles; and how the other commands ask who is there."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, Final

import typer

from formscan.app import Application
from formscan.cli_parts import AsJson, Db, Home, print_rows, settings_of
from formscan.errors import AccessError, SignInError
from formscan.model.people import Account, Permission, Person, Role

PASSWORD_VARIABLE: Final = "FORMSCAN_PASSWORD"
CODE_VARIABLE: Final = "FORMSCAN_CODE"
NEW_PASSWORD_VARIABLE: Final = "FORMSCAN_NEW_PASSWORD"

people_app = typer.Typer(no_args_is_help=True, help="Accounts and roles.")

Login = Annotated[str, typer.Argument(help="Login name.")]
Roles = Annotated[list[Role], typer.Option("--role", help="May be given several times.")]


def enter(core: Application) -> None:
    """Sign in where the database has accounts.

    The name is ``FORMSCAN_PERSON`` or the login name; the password is asked for, or taken from
    ``FORMSCAN_PASSWORD`` (and ``FORMSCAN_CODE`` for a second factor) where a script runs the command.

    Raises:
        AccessError: Where nobody could be signed in.
    """
    if core.alone or core.person.id:
        return
    name = core.settings.person
    password = os.environ.get(PASSWORD_VARIABLE) or _asked(f"Password of {name}")
    try:
        core.sign_in(name, password, os.environ.get(CODE_VARIABLE, ""))
    except SignInError as error:
        if error.code != "access.code_needed":
            raise
        core.sign_in(name, password, _asked("Code"))


@people_app.command("list")
def people_list(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """List accounts."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(Permission.ADMINISTER)
        _show([_row(account) for account in core.store.accounts.all()], as_json)


@people_app.command("add")
def people_add(
    login: Login,
    role: Roles,
    name: Annotated[str, typer.Option(help="Full name; default the login name.")] = "",
    source: Annotated[str, typer.Option(help="local, ldap or oidc.")] = "local",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Make an account; the first one must be an administrator's."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        person = Person(login, name or login, frozenset(role))
        password = _new_password(login) if source == "local" else None
        account = core.store.accounts.add(person, password, core.person.id, source=source)
    _show([_row(account)], as_json)


@people_app.command("roles")
def people_roles(login: Login, role: Roles, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Give an account other roles, in place of those it has."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        account = core.store.accounts.set_roles(login, role, core.person.id)
    _show([_row(account)], as_json)


@people_app.command("password")
def people_password(login: Login, home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """Set a password: one's own, or as administrator another's."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.store.accounts.set_password(login, _new_password(login), core.person.id)
        account = core.store.accounts.get(login)
    _show([_row(account)], as_json)


@people_app.command("lock")
def people_lock(
    login: Login,
    open_again: Annotated[bool, typer.Option("--open", help="Open it again.")] = False,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Lock an account; its name stays behind what was done."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        core.store.accounts.set_active(login, open_again, core.person.id)
        account = core.store.accounts.get(login)
    _show([_row(account)], as_json)


@people_app.command("codes")
def people_codes(
    drop: Annotated[bool, typer.Option("--off", help="Switch one-time codes off again.")] = False,
    login: Annotated[str, typer.Option(help="Whose, to switch off as supervisor or administrator.")] = "",
    home: Home = None,
    db: Db = "",
) -> None:
    """Set up one-time codes (TOTP) for oneself: shows the secret, asks for a code, shows recovery codes."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        me, accounts = core.person.id, core.store.accounts
        if drop:
            whose = login or me
            code = "" if whose != me else os.environ.get(CODE_VARIABLE) or _asked("Code")
            accounts.drop_second_factor(whose, me, code)
            sys.stdout.write("One-time codes are off.\n")
            return
        made = accounts.enrol(me, me)
        sys.stdout.write(f"Type this into the authenticator: {made.secret}\nor open: {made.url}\n")
        accounts.confirm_enrolment(me, made, _asked("Code it shows"), me)
    sys.stdout.write("One-time codes are on. Each of these works once without the device; keep them safe:\n")
    sys.stdout.write("".join(f"  {code}\n" for code in made.recovery))


def _row(account: Account) -> dict[str, Any]:
    return {
        "login": account.person.id,
        "name": account.person.name,
        "roles": sorted(role.value for role in account.person.roles),
        "source": account.source,
        "active": account.active,
        "second_factor": account.second_factor,
    }


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if not rows and not as_json:
        sys.stdout.write("No accounts: one person works with this database.\n")
        return
    told = [
        {k: v if as_json or not isinstance(v, list) else ", ".join(v) for k, v in row.items()} for row in rows
    ]
    print_rows(told, as_json, "Accounts")


def _asked(what: str, *, twice: bool = False) -> str:
    """A line typed unseen.

    Raises:
        AccessError: ``access.no_terminal`` where nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise AccessError("access.no_terminal", variable=PASSWORD_VARIABLE)
    return str(typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))


def _new_password(login: str) -> str:
    return os.environ.get(NEW_PASSWORD_VARIABLE) or _asked(f"New password of {login}", twice=True)
