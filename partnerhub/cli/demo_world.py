"""The folder of a demo: which world it shows, on which ports, so that the simulator can serve the same one again."""

from __future__ import annotations

import json
import shutil
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnerhub.simulator.runner import Simulator
    from partnerhub.simulator.world.model import World

FOLDER: Final = Path(".demo")
HUBSPOT_PORT, IMAP_PORT, SALESFORCE_PORT, JIRA_PORT, ASANA_PORT = 8741, 8742, 8743, 8744, 8745
DEFAULT_PARTNERS, DEFAULT_SEED = 400, 1
WORLD_FILE: Final = "world.json"
OURS: Final = (
    "partnerhub.yaml",
    "partners.xlsx",
    "clock.txt",
    "decks",
    "certificate",
    "control.json",
    "warehouse.db",
    "warehouse.db-wal",
    "warehouse.db-shm",
    WORLD_FILE,
)


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """What decides a simulated world, and where it is served. now: the world's present, ISO 8601.

    partners: how many are drawn; the cast of the story comes on top.
    """

    seed: int
    partners: int
    now: str
    hubspot_port: int = HUBSPOT_PORT
    imap_port: int = IMAP_PORT
    salesforce_port: int = SALESFORCE_PORT
    jira_port: int = JIRA_PORT
    asana_port: int = ASANA_PORT

    def generate(self) -> World:
        """The world with the story in it; the same one every time."""
        from partnerhub.simulator.world.generate import generate_world
        from partnerhub.simulator.world.story import place_story

        world = generate_world(self.seed, self.partners, datetime.fromisoformat(self.now))
        place_story(world)
        return world

    def simulator(self, folder: Path) -> Simulator:
        """The vendors over this world, not started."""
        from partnerhub.simulator.runner import Ports, Simulator

        ports = Ports(
            self.hubspot_port, self.imap_port, self.salesforce_port, self.jira_port, self.asana_port
        )
        return Simulator(self.generate(), folder, ports)

    def save(self, folder: Path) -> None:
        """Write it into the demo's folder."""
        (folder / WORLD_FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def stored_world(folder: Path) -> DemoWorld | None:
    """The world of a demo's folder; None when there is none."""
    path = folder / WORLD_FILE
    return DemoWorld(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def vendors_away(folder: Path) -> bool:
    """Whether this is a demo's folder and nobody serves its vendors."""
    world = stored_world(folder)
    if world is None:
        return False
    with suppress(OSError), socket.create_connection(("127.0.0.1", world.hubspot_port), timeout=1):
        return False
    return True


def new_world(seed: int, partners: int, *, any_port: bool = False) -> DemoWorld:
    """A world of this hour. any_port: take free ports where the usual ones are in use."""
    from datetime import UTC

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0).isoformat()
    usual = (HUBSPOT_PORT, IMAP_PORT, SALESFORCE_PORT, JIRA_PORT, ASANA_PORT)
    return DemoWorld(seed, partners, now, *((free_port(port) for port in usual) if any_port else usual))


def free_port(wanted: int) -> int:
    """The port, or any free one when it is in use."""
    for port in (wanted, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as server:
                return int(server.getsockname()[1])
        except OSError:
            continue
    return 0


def emptied(folder: Path) -> Path:
    """The demo's folder without the files of a former demo. Raises FixSetup for a folder that is something else."""
    from connectors.errors import FixSetup

    if folder.exists() and any(folder.iterdir()) and not (folder / WORLD_FILE).is_file():
        raise FixSetup(
            code="not_a_demo",
            do="Choose another folder with --dir.",
            happened=f"{folder} holds something that is not a demo, and stays as it is.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return folder
