"""`partnerhub simulator`: the made-up vendors in the foreground, and how they are steered while they run."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from partnerhub.cli.copyable import program
from partnerhub.cli.demo_world import DEFAULT_PARTNERS, DEFAULT_SEED, FOLDER, new_world, stored_world
from partnerhub.cli.invocation import AsJson
from partnerhub.cli.output import answer, prose
from partnerhub.cli.trial import Folder, say

if TYPE_CHECKING:
    from rich.console import Console

SERVE: Final = "serve"
ACTIONS: Final = (SERVE, "advance", "break", "mend")
PATIENCE_SECONDS: Final = 60


def simulator(
    action: Annotated[
        str, typer.Argument(help="serve, or what happens to a running one: advance, break, mend.")
    ] = SERVE,
    what: Annotated[
        str, typer.Argument(help="How long for advance (1d), which vendor for break; mend takes one, or all.")
    ] = "",
    folder: Folder = FOLDER,
    partners: Annotated[
        int | None, typer.Option("--partners", min=1, help="A new world of this many.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="A new world from this number.")] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", help='For break, one fault only: "POST */search", or a mail command.'),
    ] = None,
    nth: Annotated[int, typer.Option("--nth", min=1, help="From which such request on.")] = 1,
    kind: Annotated[str | None, typer.Option("--kind", help="401, 429, 503, truncate, reset, …")] = None,
    times: Annotated[int, typer.Option("--times", min=1, help="How many requests it strikes.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Serve the made-up vendors in the foreground until Ctrl-C; from another terminal, make something happen there."""
    if action not in ACTIONS:
        raise typer.BadParameter(f"Write one of {', '.join(ACTIONS)}.", param_hint="ACTION")
    if action == SERVE:
        serve_vendors(folder, partners, seed, as_json=as_json)
    else:
        happened = steer(folder, action, f"{what}{declared(where, nth, kind, times)}")
        answer(
            {"happened": happened}, lambda console: show_happened(console, folder, happened), as_json=as_json
        )


def declared(where: str | None, nth: int, kind: str | None, times: int) -> str:
    """One fault as the simulator takes it, behind the vendor's name; nothing when none is declared."""
    if where is None and kind is None:
        return ""
    words = {"where": (where or "").replace(" ", "_"), "nth": nth, "kind": kind or "", "times": times}
    return "".join(f" {name}={value}" for name, value in words.items() if value)


def serve_vendors(folder: Path, partners: int | None, seed: int | None, *, as_json: bool) -> None:
    """The vendors over the demo's world, or over a new one, with the door through which they are steered."""
    import threading

    from partnerhub.simulator.control import Control
    from partnerhub.simulator.happenings import Happenings, steering
    from partnerhub.simulator.runner import CONFIG_FILE

    stored = stored_world(folder)
    if partners or seed or stored is None:
        former = stored or new_world(DEFAULT_SEED, DEFAULT_PARTNERS)
        world = new_world(seed or former.seed, partners or former.partners)
    else:
        world = stored
    folder.mkdir(parents=True, exist_ok=True)
    with serving(world.simulator(folder)) as vendors:
        path = folder / CONFIG_FILE
        if world != stored or not path.is_file():
            world.save(folder)
            path = vendors.write_config()
        found = {**addresses(vendors), "config": str(path)}
        with Control(steering(Happenings(vendors)), folder):
            answer(found, lambda console: show_served(console, found), as_json=as_json)
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                say("Stopped.", as_json=as_json)


def addresses(vendors: Any) -> dict[str, str]:
    """Vendor → where it is served; decks lie in a folder."""
    served = {name: server for name, server in vendors.servers.items() if name != "imap"}
    found = {name: server.url for name, server in served.items()}
    return found | {"imap": f"{vendors.imap.host}:{vendors.imap.port}", "decks": str(vendors.decks_path)}


def steer(folder: Path, action: str, what: str) -> list[str]:
    """Ask the running simulator; returns what happened there. Raises FixSetup when none runs or it refuses."""
    import requests

    from connectors.errors import FixSetup
    from partnerhub.simulator.control import CONTROL_FILE

    path = folder / CONTROL_FILE
    try:
        door = json.loads(path.read_text(encoding="utf-8"))
        said = requests.post(
            f"{door['url']}/{action}",
            json={"what": what},
            headers={"Authorization": f"Bearer {door['token']}"},
            timeout=PATIENCE_SECONDS,
        )
    except (FileNotFoundError, requests.ConnectionError) as error:
        raise FixSetup(
            code="no_simulator",
            do=f"Run `{program()} simulator --dir {shlex.quote(str(folder))}` in another terminal, then try again.",
            happened="No simulator runs over this folder.",
        ) from error
    answered = said.json()
    if not said.ok:
        raise typer.BadParameter(f"{answered['error']}.".capitalize(), param_hint="WHAT")
    return [str(sentence) for sentence in answered["happened"]]


def show_happened(console: Console, folder: Path, happened: list[str]) -> None:
    """What happened, and the command that reads it."""
    for sentence in happened:
        console.print(sentence, markup=False, soft_wrap=True)
    line = f"→ {program()} --config {shlex.quote(str(folder / 'partnerhub.yaml'))} sync"
    console.print(line, markup=False, soft_wrap=True)


def show_served(console: Console, found: dict[str, str]) -> None:
    """Where the vendors are, and the command that reads them."""
    for name, address in found.items():
        console.print(f"  {name:<11}{address}", markup=False, soft_wrap=True)
    line = f"→ In another terminal: {program()} --config {shlex.quote(found['config'])} sync   (Ctrl-C ends this)"
    console.print(line, markup=False, soft_wrap=True)
    folder = Path(found["config"]).parent
    there = "" if folder == FOLDER else f" --dir {shlex.quote(str(folder))}"
    prose(console, f"→ Let something happen: `{program()} simulator advance 1d{there}`")
    prose(console, f"or `{program()} simulator break hubspot{there}`, then sync again.", indent=2)


def serving(vendors: Any) -> Any:
    """The vendors, started. Raises FixSetup when their ports are in use."""
    from connectors.errors import FixSetup

    try:
        return vendors.start()
    except OSError as error:
        vendors.stop()
        raise FixSetup(
            code="port_in_use",
            do="End the other simulator; it may still run in another terminal.",
            happened="The simulator's ports are in use.",
        ) from error
