"""Starts every vendor over one world, and writes the configuration of a hub that reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from partnerhub.simulator import configuration
from partnerhub.simulator.configuration import CRM_SOURCE, DEFAULT_REGION, MAIL_SOURCE_PREFIX, SHEET_SOURCE
from partnerhub.simulator.hubspot.simulator import PORTAL_ID, HubSpotSimulator
from partnerhub.simulator.imap import ImapSimulator
from partnerhub.simulator.serving import Serving
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.model import World

if TYPE_CHECKING:
    from partnerhub.simulator.asana import AsanaSimulator
    from partnerhub.simulator.jira import JiraSimulator
    from partnerhub.simulator.salesforce import SalesforceSimulator

__all__ = [
    "CONFIG_FILE",
    "CRM_SOURCE",
    "DEFAULT_REGION",
    "EVERYTHING",
    "SHEET_FILE",
    "SHEET_SOURCE",
    "Ports",
    "Simulator",
]

SHEET_FILE, CONFIG_FILE, CLOCK_FILE, DECKS_FOLDER, CERTIFICATE_FOLDER = (
    "partners.xlsx",
    "partnerhub.yaml",
    "clock.txt",
    "decks",
    "certificate",
)
EVERYTHING: Final = ("salesforce", "jira", "asana", "decks")
"""The vendors that can be left out; HubSpot, the mailboxes and the partner list are always there."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the vendors listen on loopback; 0 takes a free port."""

    hubspot: int = 0
    imap: int = 0
    salesforce: int = 0
    jira: int = 0
    asana: int = 0


class Simulator(Serving):
    """All vendors over one world. A context manager; starting it twice is harmless.

    world: edits to it after the start do not show; edit `hubspot`, `imap`, `salesforce`, `jira`, `asana` or the files
    instead. directory: where the spreadsheet, the decks and the world's clock lie, and
    `partnerhub.yaml` once `write_config` was called. latency_seconds is added to every answer of every server.
    vendors: which of `EVERYTHING` are there.
    """

    def __init__(
        self,
        world: World,
        directory: Path,
        ports: Ports = Ports(),
        latency_seconds: float = 0.0,
        vendors: Collection[str] = EVERYTHING,
    ) -> None:
        """Prepare; nothing listens and nothing is written before `start`."""
        self.world = world
        self.directory = directory
        self.ports = ports
        self.latency_seconds = latency_seconds
        self.vendors = tuple(name for name in EVERYTHING if name in vendors)
        self.hubspot = HubSpotSimulator(
            world, ports.hubspot, portal_id=PORTAL_ID + world.seed, latency_seconds=latency_seconds
        )
        self.imap = ImapSimulator(world, port=ports.imap)
        self.imap.faults.latency_seconds = latency_seconds
        self._running = False

    @cached_property
    def salesforce(self) -> SalesforceSimulator:
        """The Salesforce org, projected from the world when first asked for."""
        from partnerhub.simulator.salesforce import SalesforceSimulator

        folder = self.directory / CERTIFICATE_FOLDER
        return SalesforceSimulator(self.world, self.ports.salesforce, self.latency_seconds, directory=folder)

    @cached_property
    def jira(self) -> JiraSimulator:
        """The Jira site, projected from the world when first asked for."""
        from partnerhub.simulator.jira import JiraSimulator

        return JiraSimulator(self.world, self.ports.jira, self.latency_seconds)

    @cached_property
    def asana(self) -> AsanaSimulator:
        """The Asana workspace, projected from the world when first asked for."""
        from partnerhub.simulator.asana import AsanaSimulator

        return AsanaSimulator(self.world, self.ports.asana, self.latency_seconds)

    @property
    def sheet_path(self) -> Path:
        """The spreadsheet."""
        return self.directory / SHEET_FILE

    @property
    def decks_path(self) -> Path:
        """The folder of decks."""
        return self.directory / DECKS_FOLDER

    @property
    def servers(self) -> dict[str, Serving]:
        """Vendor → what serves it, for those that are there; files have no server."""
        others = [name for name in self.vendors if name != "decks"]
        return {"hubspot": self.hubspot, "imap": self.imap, **{name: getattr(self, name) for name in others}}

    def start(self) -> Self:
        """Write the files and serve; returns once every server accepts connections."""
        if not self._running:
            write_sheet(self.world, self.sheet_path)
            self.tell_time(self.world.now)
            if "decks" in self.vendors:
                from partnerhub.simulator.decks import write_decks

                write_decks(self.world, self.decks_path)
            for server in self.servers.values():
                server.start()
            self._running = True
        return self

    def tell_time(self, now: datetime) -> None:
        """Say in a file which moment it is in the world: the hub of `write_config` goes by it."""
        (self.directory / CLOCK_FILE).write_text(f"{now.isoformat()}\n", encoding="utf-8")

    def stop(self) -> None:
        """Close every server; files stay. Harmless when some did not start."""
        for server in reversed(self.servers.values()):
            server.stop()
        self._running = False

    def mail_sources(self) -> dict[str, str]:
        """Source name → mailbox address, one for every colleague whose mailbox is read."""
        owners = [staff for staff in self.world.staff.values() if staff.has_mailbox]
        return {f"{MAIL_SOURCE_PREFIX}_{staff.email.split('.')[0]}": staff.email for staff in owners}

    def other_sources(self) -> dict[str, str]:
        """Vendor → name of its source, for those that can be left out and are there."""
        return {name: name for name in self.vendors}

    def write_config(self, warehouse: str = "sqlite:///warehouse.db") -> Path:
        """Write `partnerhub.yaml` beside the spreadsheet and return its path. The vendors must have been started."""
        path = self.directory / CONFIG_FILE
        path.write_text(self.partnerhub_yaml(warehouse), encoding="utf-8")
        return path

    def partnerhub_yaml(self, warehouse: str = "sqlite:///warehouse.db") -> str:
        """A configuration that reads these vendors; only valid while they run, because it names their ports.

        The tokens and passwords in it are the simulator's published ones.
        """
        optional = {
            "salesforce": lambda: configuration.salesforce_part(self.salesforce),
            "jira": lambda: configuration.jira_part(self.jira),
            "asana": lambda: configuration.asana_part(self.asana),
            "decks": lambda: configuration.decks_part(self.decks_path),
        }
        parts = [
            configuration.head(self.world.own_domain, warehouse, CLOCK_FILE),
            configuration.sheet_part(SHEET_FILE),
            configuration.hubspot_part(self.hubspot),
            *(optional[name]() for name in self.vendors),
            *(
                configuration.mailbox_part(name, address, self.imap)
                for name, address in self.mail_sources().items()
            ),
            configuration.partners_part(salesforce="salesforce" in self.vendors),
        ]
        return "".join(parts)
