"""`partnerhub user`, `keys` and `audit`: who may sign in, which programs may ask, and what was done."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.access.roles import Permission, Role
from partnerhub.access.secrets import KEY_DAYS
from partnerhub.cli.invocation import AsJson, Limit, configuration, warehouse
from partnerhub.cli.output import answer, printable, table
from partnerhub.cli.stewardship import now_text, user

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.commands.accounts import By
    from warehouse.queries.accounts import Account, Key
    from warehouse.queries.audit import Chain

LOCAL: Final = "http://127.0.0.1:8000"
Login = Annotated[str, typer.Argument(help="E-mail address, as it signs in.")]
Roles = Annotated[list[Role], typer.Option("--role", help="What they are here; again for more than one.")]

accounts = typer.Typer(help="Who may sign in to the pages, and as what.", no_args_is_help=True)
keys = typer.Typer(help="Keys by which programs ask the API.", no_args_is_help=True)
audit = typer.Typer(help="What was done and seen, and whether the log of it is whole.", no_args_is_help=True)


@accounts.command("add")
def add(
    context: typer.Context, login: Login, roles: Roles,
    name: Annotated[str, typer.Option("--name", help="As others read it; the address without it.")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Id of an organization: they see nothing else.")
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Open an account and print a link that signs in once, within a day."""
    from partnerhub.access.sign_in import make_link
    from warehouse.commands.accounts import add_account

    address = checked_login(login)
    with warehouse(context).session() as connection, connection.transaction():
        add_account(connection, address, name or address, [str(role) for role in roles], only, by())
        secret = make_link(connection, address, by())
    show_link(context, address, secret, as_json=as_json)


@accounts.command("link")
def link(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Print a new link that signs in once, within a day; older ones end."""
    from partnerhub.access.sign_in import make_link

    address = checked_login(login)
    with warehouse(context).session() as connection, connection.transaction():
        secret = make_link(connection, address, by())
    show_link(context, address, secret, as_json=as_json)


@accounts.command("ls")
def ls(context: typer.Context, as_json: AsJson = False) -> None:
    """List who may sign in."""
    from warehouse.queries.accounts import accounts as every

    with warehouse(context).session() as connection:
        found = every(connection)

    def show(console: Console) -> None:
        if not found:
            console.print("Nobody may sign in yet: `partnerhub user add you@company.example --role admin`.")
            return
        columns = ("login", "name", "roles", "signs in", "last seen (UTC)")
        console.print(table(columns, [account_row(each) for each in found]))

    answer({"accounts": [account_data(each) for each in found]}, show, as_json=as_json)


@accounts.command("roles")
def roles_of(context: typer.Context, login: Login, roles: Roles, as_json: AsJson = False) -> None:
    """Give other roles; every session of theirs ends, so that no old right outlives it."""
    from warehouse.commands.accounts import set_roles

    address = checked_login(login)
    with warehouse(context).session() as connection, connection.transaction():
        set_roles(connection, address, [str(role) for role in roles], by())
    said(
        f"{address} is {', '.join(roles)} now and signs in again.",
        {"login": address, "roles": roles},
        as_json=as_json,
    )


@accounts.command("disable")
def disable(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Let nobody sign in with it any more; open sessions end at once."""
    from warehouse.commands.accounts import disable_account

    address = checked_login(login)
    with warehouse(context).session() as connection, connection.transaction():
        disable_account(connection, address, by())
    said(f"{address} cannot sign in any more.", {"login": address, "disabled": True}, as_json=as_json)


@accounts.command("sign-out")
def sign_out(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """End every session of somebody, and links they did not use; they may sign in again."""
    from warehouse.commands.accounts import end_sessions

    address = checked_login(login)
    with warehouse(context).session() as connection, connection.transaction():
        ended = end_sessions(connection, address, by())
    said(f"{address} is signed out everywhere.", {"login": address, "sessions": ended}, as_json=as_json)


@accounts.command("enable")
def enable(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Let somebody sign in again who was disabled."""
    from warehouse.commands.accounts import enable_account

    address = checked_login(login)
    with warehouse(context).session() as connection, connection.transaction():
        enable_account(connection, address, by())
    said(f"{address} may sign in again.", {"login": address, "disabled": False}, as_json=as_json)


@keys.command("add")
def add_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for, so that somebody can end it later.")],
    allow: Annotated[list[Permission], typer.Option("--allow", help="What it may do; again for more.")],
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How long it works.")] = KEY_DAYS,
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it, once."""
    from connectors.record import utc_text
    from partnerhub.access.sign_in import make_key, moment

    now = by()
    ends = utc_text(moment(now.now) + timedelta(days=days))
    with warehouse(context).session() as connection, connection.transaction():
        shown = make_key(connection, name, allow, ends, now)

    def show(console: Console) -> None:
        console.print("The key, shown this once:", markup=False)
        console.print(shown, markup=False, soft_wrap=True)
        console.print(
            "→ send it as `Authorization: Bearer …`; `partnerhub keys ls` lists keys.", markup=False
        )

    answer({"key": shown, "expires_at": ends}, show, as_json=as_json)


@keys.command("ls")
def ls_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """List the keys; never their secrets."""
    from warehouse.queries.accounts import keys as every

    with warehouse(context).session() as connection:
        found = every(connection)

    def show(console: Console) -> None:
        if not found:
            console.print("No program has a key yet: `partnerhub keys add NAME --allow partners:read`.")
            return
        columns = ("id", "for", "may", "until", "last used (UTC)")
        console.print(table(columns, [key_row(each) for each in found]))

    answer({"keys": [key_data(each) for each in found]}, show, as_json=as_json)


@keys.command("end")
def end(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(help="Id, as `keys ls` shows it.")],
    as_json: AsJson = False,
) -> None:
    """End a key at once."""
    from warehouse.commands.accounts import end_key

    with warehouse(context).session() as connection, connection.transaction():
        end_key(connection, key_id, by())
    said(f"The key {key_id} opens nothing any more.", {"key_id": key_id, "ended": True}, as_json=as_json)


def account_row(each: Account) -> tuple[str, ...]:
    """An account as a line."""
    way = "disabled" if each.disabled_at else "by password" if each.password_hash else "by link"
    return each.login, each.name, ", ".join(each.roles), way, minute(each.seen_at)


def key_row(each: Key) -> tuple[str, ...]:
    """A key as a line."""
    until = "ended" if each.ended_at else (each.expires_at or "")[:10]
    return each.key_id, each.name, ", ".join(each.permissions), until, minute(each.seen_at)


def minute(text: str | None) -> str:
    """`2026-10-14 09:00`, or never."""
    return text[:16].replace("T", " ") if text else "never"


def said_of(detail: str) -> str:
    """The facts of an entry; nothing for none."""
    return "" if detail == "{}" else detail


def by() -> By:
    """Who runs this command, for the audit log."""
    from warehouse.commands.accounts import By

    return By(f"cli:{user()}", now_text())


def checked_login(login: str) -> str:
    """An address in lower case. Raises a usage error for what is none."""
    address = login.strip().casefold()
    name, _, domain = address.partition("@")
    if not name or "." not in domain or any(character.isspace() for character in address):
        raise typer.BadParameter(f"`{login}` is not an e-mail address.")
    return address


def show_link(context: typer.Context, login: str, secret: str, *, as_json: bool) -> None:
    """Print a sign-in link."""
    origin = configuration(context, with_settings=False).web.public_url or LOCAL
    shown = f"{origin}/sign-in/{secret}"

    def show(console: Console) -> None:
        console.print(f"Signs {login} in once, until this time tomorrow:", markup=False)
        console.print(shown, markup=False, soft_wrap=True)

    answer({"login": login, "link": shown}, show, as_json=as_json)


def said(line: str, data: dict[str, Any], *, as_json: bool) -> None:
    """One sentence, or its facts."""
    answer(
        data, lambda console: console.print(printable(line), markup=False, soft_wrap=True), as_json=as_json
    )


def account_data(each: Account) -> dict[str, Any]:
    """An account for programs: without anything of its password."""
    scope = None if each.organizations is None else sorted(each.organizations)
    return {
        "login": each.login, "name": each.name, "roles": each.roles, "organizations": scope,
        "has_password": each.password_hash is not None, "disabled_at": each.disabled_at, "seen_at": each.seen_at,
    }  # fmt: skip


def key_data(each: Key) -> dict[str, Any]:
    """A key for programs, without its secret."""
    return {name: value for name, value in each._asdict().items() if name != "secret_hash"}


@audit.command("verify")
def verify(
    context: typer.Context,
    expected: Annotated[
        str, typer.Option("--expect", help="A hash kept elsewhere, which must be in the log.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Compute every hash of the log again; exit 1 where something was changed, removed or put in."""
    from warehouse.queries.audit import verified

    with warehouse(context).session() as connection:
        chain = verified(connection, expected=expected)
    whole = chain.broken_at is None

    def show(console: Console) -> None:
        for line in whole_words(chain) if whole else broken_words(chain):
            console.print(line, markup=False, soft_wrap=True)

    answer(chain._asdict(), show, as_json=as_json)
    if not whole:
        raise typer.Exit(1)


def whole_words(chain: Chain) -> list[str]:
    """A log that holds together."""
    return [
        f"{chain.entries:,} entries, all as they were written.",
        f"Newest: {chain.newest}",
        "→ keep it elsewhere; `partnerhub audit verify --expect HASH` then notices a cut end, too.",
    ]


def broken_words(chain: Chain) -> list[str]:
    """A log somebody changed."""
    return [
        f"Entry {chain.broken_at:,}: {chain.why}. {chain.entries:,} before it are as they were written.",
        "→ compare with the newest backup; whoever can write to the database can do this.",
    ]


@audit.command("tail")
def tail(
    context: typer.Context,
    subject: Annotated[str, typer.Option("--of", help="Only of this subject, as `organization:<id>`.")] = "",
    limit: Limit = 30, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the newest entries."""
    from warehouse.queries.audit import latest

    with warehouse(context).session() as connection:
        found = latest(connection, subject=subject, limit=limit)
    data = [each._asdict() | {"detail": json.loads(each.detail)} for each in found]

    def show(console: Console) -> None:
        if not found:
            console.print("Nothing was written yet.")
            return
        rows = (
            (each.number, minute(each.happened_at), each.actor, each.verb, each.subject, said_of(each.detail))
            for each in found
        )
        console.print(table(("#no.", "when (UTC)", "who", "what", "to", ""), rows))

    answer({"entries": data}, show, as_json=as_json)
