"""`partnerhub init` and `partnerhub check`: from nothing to sources that answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.invocation import AsJson, configuration
from partnerhub.cli.output import answer, prose, table
from partnerhub.cli.stream_errors import next_commands

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from partnerhub.config import HubConfig

PARALLEL_CHECKS: Final = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """What one source's check came to. state: ok, limited (scopes missing), wait or broken."""

    source: str
    connector: str
    state: str
    account: str = ""
    pinned_account: str = ""
    missing_scopes: tuple[str, ...] = ()
    happened: str = ""
    do: str = ""


def init(context: typer.Context, as_json: AsJson = False) -> None:
    """Write a commented partnerhub.yaml and create its warehouse."""
    from partnerhub.config import load_config
    from partnerhub.config.template import TEMPLATE
    from warehouse.schema import migrate

    path = context.obj.config_path.absolute()
    write_new(path, TEMPLATE)
    config = load_config(path)
    migrate(config.warehouse_url)
    data = {"config": str(path), "warehouse": config.warehouse_label}

    def show(console: Console) -> None:
        console.print(f"Wrote {path} and created {config.warehouse_label}.", markup=False, soft_wrap=True)
        console.print(
            "→ Put your sources in, then run `partnerhub check` and `partnerhub sync`.", markup=False
        )

    answer(data, show, as_json=as_json)


def write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet. Raises FixSetup rather than overwrite one."""
    from connectors.errors import FixSetup

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise FixSetup(
            code="file_exists",
            do="Edit it, or name another with `partnerhub --config other.yaml init`.",
            happened=f"{path} is already there and stays as it is.",
        ) from error
    except OSError as error:
        raise FixSetup(
            code="cannot_write", do="Choose a folder you may write to.", happened=f"{path} cannot be written."
        ) from error


def check(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Sources to check; all by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the configuration and every source's credentials, scopes, reachability and account."""
    config = configuration(context)
    names = chosen(config, sources)
    pins = pinned(config)
    with ThreadPoolExecutor(max_workers=PARALLEL_CHECKS) as pool:
        found = list(pool.map(lambda name: check_source(config, name, pins.get(name, "")), names))
    data = {
        "config": str(config.path),
        "warehouse": config.warehouse_label,
        "sources": [asdict(each) for each in found],
    }
    answer(data, lambda console: show_checks(console, config, found), as_json=as_json)
    raise typer.Exit(check_exit_code(found))


def chosen(config: HubConfig, sources: list[str] | None) -> list[str]:
    """The named sources, or all. Raises a usage error that names the nearest for an unknown one."""
    from partnerhub.config.problems import closest

    for name in sources or ():
        if name not in config.sources:
            raise typer.BadParameter(
                f"There is no source `{name}` in {config.path.name}. {closest(name, config.sources)}"
            )
    return list(dict.fromkeys(sources)) if sources else list(config.sources)


def pinned(config: HubConfig) -> dict[str, str]:
    """The accounts pinned at the first sync; none before it."""
    from partnerhub.cli.invocation import existing
    from warehouse.errors import WarehouseError
    from warehouse.queries.streams import pinned_accounts

    try:
        with existing(config.warehouse_url).session() as connection:
            return pinned_accounts(connection)
    except WarehouseError:
        return {}


def check_source(config: HubConfig, name: str, pin: str) -> Checked:
    """Ask one source; its errors become its line, so that they stop no other."""
    from connectors.errors import RetryLater, SyncError, WaitForQuota

    connector = config.sources[name].connector
    try:
        result = config.connector(name).check()
    except (RetryLater, WaitForQuota) as error:
        return Checked(name, connector, "wait", pinned_account=pin, happened=error.happened, do=error.do)
    except SyncError as error:
        return Checked(name, connector, "broken", pinned_account=pin, happened=error.happened, do=error.do)
    except Exception as error:  # noqa: BLE001  # one broken connector never hides the others
        happened = f"The connector failed unexpectedly ({type(error).__name__})."
        return Checked(name, connector, "broken", pinned_account=pin, happened=happened, do="Report this.")
    if pin and result.account != pin:
        happened = (
            f"These credentials lead to account {result.account}, but this source was filled from {pin}."
        )
        do = "Use the credentials of the former account, or give this one a source name of its own."
        return Checked(name, connector, "broken", result.account, pin, happened=happened, do=do)
    state = "limited" if result.missing_scopes else "ok"
    do = (
        f"Grant {', '.join(result.missing_scopes)}, or leave those streams out."
        if result.missing_scopes
        else ""
    )
    happened = "Some streams may not be read." if result.missing_scopes else ""
    return Checked(name, connector, state, result.account, pin, result.missing_scopes, happened, do)


def check_exit_code(found: list[Checked]) -> int:
    """0 when every source answers fully, 3 when a person must act, 4 when it is enough to wait."""
    states = {each.state for each in found}
    if states & {"broken", "limited"}:
        return exit_codes.NEEDS_PERSON
    return exit_codes.INCOMPLETE if "wait" in states else exit_codes.COMPLETE


def show_checks(console: Console, config: HubConfig, found: list[Checked]) -> None:
    """A table, then what to do."""
    marks = {"ok": "✓ ok", "limited": "! limited", "wait": "… not now", "broken": "✗ broken"}
    console.print(f"✓ {config.path.name} is right; the warehouse is {config.warehouse_label}.", markup=False)
    if not found:
        console.print(
            f"→ There are no sources yet: put one into {config.path}.", markup=False, soft_wrap=True
        )
        return
    rows = [
        (each.source, each.connector, marks[each.state], each.account, each.pinned_account) for each in found
    ]
    console.print(table(("source", "connector", "state", "account", "pinned to"), rows))
    for each in found:
        if each.happened:
            prose(console, f"{each.source}: {each.happened} → {each.do}")
    for line in next_commands(each.source for each in found if each.state in ("broken", "limited")):
        prose(console, line)
    if check_exit_code(found) == exit_codes.COMPLETE:
        console.print("→ Next: `partnerhub sync`.", markup=False)
