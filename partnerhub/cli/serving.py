"""`partnerhub serve`: the pages, on this machine, for whoever has an account; a proxy shows them to others."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing, log_to_stderr
from partnerhub.cli.output import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from partnerhub.config import HubConfig
    from partnerhub.web.wiring import Likely, Meant, Wiring
    from warehouse.commands.enter import Entry
    from warehouse.database import Connection, Database

LOOPBACK: Final = "127.0.0.1"
Workers: TypeAlias = Annotated[
    int,
    typer.Option("--workers", min=0, max=64, help="Processes that answer; 0: as many as cores, 4 at most."),
]
SITE: Final = "instance_url"
"""The setting that is also where people open its records."""
Outcome = TypeVar("Outcome")
Before = TypeVar("Before")
After = TypeVar("After")


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What people do on the pages, done as the commands do it."""

    config: HubConfig

    def carry_out(self, now: str, command: Callable[[Connection], Outcome]) -> Outcome:
        """Run a command and publish what it touched, in one transaction."""
        from partnerhub.cli.stewardship import carried_out
        from partnerhub.web.wiring import PAGES_WAIT

        return carried_out(self.config, now, command, waits=PAGES_WAIT)[0]

    def act(
        self,
        now: str,
        command: Callable[[Connection], Before],
        outcome: Callable[[Connection, Before], After],
        *,
        dry_run: bool = False,
    ) -> After:
        """Run a command, publish what it touched and look at the outcome, in one transaction."""
        from partnerhub.cli.acting import acted_by
        from partnerhub.web.wiring import PAGES_WAIT

        return acted_by(self.config, now, command, outcome, dry_run=dry_run, waits=PAGES_WAIT)


@dataclass(frozen=True, slots=True)
class EntriesLanded:
    """What people enter on the pages, landed as `partnerhub log` lands it."""

    config: HubConfig

    def enter(self, now: str, entry: Entry, actor: str) -> str:
        """Land an entry and publish it; returns the key of its record."""
        from partnerhub.web.wiring import PAGES_WAIT
        from pipelines.entering import enter_now

        database = replace(existing(self.config.warehouse_url), waits=PAGES_WAIT)
        return enter_now(database, self.config, entry, actor=actor, now=now)

    def enter_all(self, now: str, entries: Sequence[Entry], actor: str) -> list[str]:
        """Land several as one act, and publish them; returns the keys of their records."""
        from partnerhub.web.wiring import PAGES_WAIT
        from pipelines.entering import enter_all_now

        database = replace(existing(self.config.warehouse_url), waits=PAGES_WAIT)
        return enter_all_now(database, self.config, entries, actor=actor, now=now)


def wiring_of(config: HubConfig) -> Wiring:
    """The pages of this hub."""
    from partnerhub.cli.list_checks import ListsChecked
    from partnerhub.cli.served_settings import SettingsShown
    from partnerhub.config.intervals import due_of
    from partnerhub.web.wiring import Wiring
    from pipelines.recall import Recollection
    from pipelines.settings import policy_of, publish_settings, stage_settings
    from pipelines.supervision.asked import taker_at_work

    return Wiring(
        config.warehouse_url, lambda: due_of(config), config.web.public_url, CarriedOut(config), sites_of(config),
        SettingsShown(config),
        mail_levels=mail_levels_of(config), entries=EntriesLanded(config), lists=ListsChecked(config),
        likely=likely_of(config),
        recall=Recollection(stage_settings(config), publish_settings(config)), policy=policy_of(config),
        taker=taker_at_work,
    )  # fmt: skip


def likely_of(config: HubConfig) -> Likely:
    """Which organizations something said may mean, by the rules of this hub."""

    def found(connection: Connection, said: Mapping[str, str]) -> Sequence[Meant]:
        from pipelines.resolve.likely import likely
        from pipelines.settings import policy_of

        return likely(connection, said, policy_of(config), config.default_region)

    return found


def mail_levels_of(config: HubConfig) -> dict[str, str]:
    """Source → how much of its mail others than the mailbox's owner see, where the settings say so."""
    found = {name: source.mail_visibility for name, source in config.sources.items()}
    return {name: level for name, level in found.items() if level is not None}


def sites_of(config: HubConfig) -> dict[str, str]:
    """Source → address of its web pages, where the settings have it."""
    found = {name: source.settings.get(SITE) for name, source in config.sources.items()}
    return {name: site for name, site in found.items() if isinstance(site, str)}


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1.")] = 8000,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Show the pages in a browser, to whoever has an account; on this machine only, a proxy shows them to others."""
    from partnerhub.cli.server_processes import Answering, answer_on, usual_workers
    from pipelines.golden.finding import make_findable
    from pipelines.supervision.asked import taking
    from pipelines.watching import watched

    config = configuration(context, with_settings=False)
    database = existing(config.warehouse_url)
    require_free(port)
    log_to_stderr(debug=context.obj.debug)
    make_findable(database)
    tell(config, database, port, as_json=as_json)
    answering = Answering(config.path, workers or usual_workers(), debug=context.obj.debug)
    with (
        bound_to(port) as bound,
        watched(config.warehouse_url),
        taking(config.path, config.warehouse_url),
    ):
        answer_on(bound, answering)


def tell(config: HubConfig, database: Database, port: int, *, as_json: bool) -> None:
    """Say where the pages are, and whether anybody can sign in."""
    address = f"http://{LOOPBACK}:{port}"
    with database.session() as connection:
        found = connection.one("SELECT count(*) FROM user_account WHERE disabled_at IS NULL")
    people = int(found[0]) if found else 0

    def show(console: Console) -> None:
        public = f", and at {config.web.public_url} for others" if config.web.public_url else ""
        console.print(f"The pages are at {address}{public} (Ctrl-C ends it).", markup=False, soft_wrap=True)
        if not people:
            do = (
                "Nobody can sign in yet: `partnerhub user add you@company.example --role admin` makes a link."
            )
            console.print(do, markup=False, soft_wrap=True)

    answer({"url": address, "accounts": people}, show, as_json=as_json)


def bound_to(port: int) -> socket.socket:
    """A socket that has the port; whoever answers listens. Raises a usage error when something else has it."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except OSError as error:
        bound.close()
        raise typer.BadParameter(f"Port {port} is in use. Choose another with --port.") from error
    return bound


def require_free(port: int) -> None:
    """Raise a usage error when something else listens there."""
    bound_to(port).close()
