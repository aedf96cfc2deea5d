"""`partnerhub demo` and `partnerhub simulator`: the whole product over a made-up company, without a key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from partnerhub.cli import exit_codes
from partnerhub.cli.copyable import program
from partnerhub.cli.demo_world import DEFAULT_PARTNERS, DEFAULT_SEED, FOLDER, emptied, new_world
from partnerhub.cli.invocation import AsJson, existing, log_to_stderr
from partnerhub.cli.output import answer, error_console
from partnerhub.cli.stewardship import now_text, user
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console

    from partnerhub.config import HubConfig
    from partnerhub.simulator.runner import Simulator
    from partnerhub.simulator.truth import Score
    from pipelines.sync import SyncReport
    from warehouse.database import Connection

Folder: TypeAlias = Annotated[Path, typer.Option("--dir", help="Where the demo keeps its files.")]
Seed: TypeAlias = Annotated[int, typer.Option("--seed", help="Another number, another world.")]
Partners: TypeAlias = Annotated[
    int, typer.Option("--partners", min=1, help="How many partners the world has.")
]


PAGES = "http://127.0.0.1:8000"
"""Where `partnerhub serve` shows the pages unless told otherwise."""
GUEST = "you@demo.example"
"""Who signs in to a demo: an administrator, by a link that works once."""


def demo(
    context: typer.Context,
    folder: Folder = FOLDER,
    partners: Partners = DEFAULT_PARTNERS,
    seed: Seed = DEFAULT_SEED,
    as_json: AsJson = False,
) -> None:
    """Simulate a company's CRM, mailboxes and partner list, sync them twice, and show what came out."""
    from partnerhub.cli.syncing import run
    from partnerhub.config import load_config

    log_to_stderr(debug=context.obj.debug)
    say(f"Making up a company with {partners:,} partners ...", as_json=as_json)
    world = new_world(seed, partners, any_port=True)
    with world.simulator(emptied(folder)) as vendors:
        world.save(folder)
        config = load_config(vendors.write_config())
        say("First sync: everything is new.", as_json=as_json)
        first = run(config, None, as_json=as_json)
        say("Second sync: nothing changed, so nothing may change here.", as_json=as_json)
        second = run(config, None, as_json=as_json)
        found = Outcome(folder, config, vendors, first, second)
    answer(found.data(), found.show, as_json=as_json)
    raise typer.Exit(found.exit_code)


def say(line: str, *, as_json: bool) -> None:
    """One line on stderr about what happens now."""
    if not as_json:
        error_console().print(line, style="bold", markup=False)


class Outcome:
    """What came out of a demo: two reports, the match against the world, a few partners."""

    def __init__(
        self, folder: Path, config: HubConfig, vendors: Simulator, first: SyncReport, second: SyncReport
    ) -> None:
        """Read the warehouse."""
        from partnerhub.cli import demo_cards
        from partnerhub.cli.demo_match import score_warehouse
        from partnerhub.simulator.runner import CRM_SOURCE, SHEET_SOURCE
        from warehouse.queries.partners import count_partners, partners_with_most_behind_them

        self.folder, self.config, self.first, self.second = folder, config, first, second
        with existing(config.warehouse_url).session() as connection:
            self.match: Score = score_warehouse(
                connection, vendors.world, SHEET_SOURCE, CRM_SOURCE, vendors.other_sources()
            )
            self.partners = partners_with_most_behind_them(OPERATOR, connection)
            self.partner_count = count_partners(OPERATOR, connection)
            self.headline = demo_cards.headline(connection, config)
            self.cards = demo_cards.cards(connection)
            self.link = guest_link(connection)

    @property
    def landed_again(self) -> int:
        """How many rows the second sync landed; anything but 0 is wrong."""
        return sum(stream.landed for stream in self.second.streams)

    @property
    def exit_code(self) -> int:
        """That of the syncs; 1 when the second one changed anything."""
        return (
            self.first.exit_code or self.second.exit_code or (exit_codes.FAILED if self.landed_again else 0)
        )

    def data(self) -> dict[str, Any]:
        """Everything, for `--json`."""
        from partnerhub.cli.syncing import report_data

        return {
            "config": str(self.folder / "partnerhub.yaml"),
            "first": report_data(self.first),
            "second": report_data(self.second),
            "match": {
                "pair_precision": self.match.pair_precision,
                "pair_recall": self.match.pair_recall,
                "facts_right": self.match.facts_right_share,
                "facts_unattached": self.match.unattached_share,
                "not_partners_on_the_list": len(self.match.list_violations),
                "meets_goal": self.match.meets_goal(),
            },
            "partner_count": self.partner_count,
            "partners": self.partners,
            "sign_in_link": self.link,
            "headline": self.headline.sentence(),
            "cards": [card.data() for card in self.cards],
        }

    def show(self, console: Console) -> None:
        """Tables, the match, what to run next; then what came together and the five partners that need somebody."""
        from partnerhub.cli.demo_cards import show_cards, tools
        from partnerhub.cli.syncing import show_report

        for title, report in (("First sync", self.first), ("Second sync", self.second)):
            console.print(title, style="bold")
            show_report(console, report)
            console.print()
        mark = "✓" if self.landed_again == 0 else "✗"
        console.print(f"{mark} The second sync landed {self.landed_again:,} rows.\n", markup=False)
        console.print("Against what is true in the made-up world", style="bold")
        for line in self.match.lines():
            console.print(f"  {line}", markup=False)
        console.print()
        named = [card.name for card in self.cards] or [str(row["name"]) for row in self.partners]
        show_next(console, self.folder, named)
        console.print(f"\n{self.headline.sentence()}\n", style="bold", markup=False, soft_wrap=True)
        show_cards(console, self.cards, tools(self.config))
        base = f"{program()} --config {self.folder / 'partnerhub.yaml'}"
        console.print("→ In a browser: first", markup=False, soft_wrap=True)
        console.print(f"  {base} serve", markup=False, soft_wrap=True)
        console.print(
            "  then this link, which signs you in once, within a day:", markup=False, soft_wrap=True
        )
        console.print(f"  {self.link}", markup=False, soft_wrap=True)


def guest_link(connection: Connection) -> str:
    """A sign-in link for whoever runs the demo."""
    from partnerhub.access.sign_in import make_link
    from warehouse.commands.accounts import By, add_account

    by = By(f"cli:{user()}", now_text())
    with connection.transaction():
        add_account(connection, GUEST, "You", ["admin"], None, by)
        return f"{PAGES}/sign-in/{make_link(connection, GUEST, by)}"


def show_next(console: Console, folder: Path, partners: list[str]) -> None:
    """Commands that work right now."""
    base = f"{program()} --config {folder / 'partnerhub.yaml'}"
    console.print("What to run next", style="bold")
    lines = [
        (f"{base} signals", "everything that needs somebody, with what it rests on"),
        (f"{base} status", "how every stream stands"),
        (f"{program()} simulator --dir {folder}", "serve the vendors again, in another terminal; then"),
        (f"{base} sync", "as often as you like"),
        (f"{program()} import your.xlsx --dry-run", "look at a spreadsheet of your own"),
    ]
    if partners:
        quoted = partners[0].replace('"', "")
        lines.insert(0, (f'{base} show "{quoted}" --why', "one partner, and where every value is from"))
    for command, meaning in lines:
        console.print(f"  # {meaning}", style="dim", markup=False)
        console.print(f"  {command}", markup=False, soft_wrap=True)
