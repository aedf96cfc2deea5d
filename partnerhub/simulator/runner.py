"""Starts every vendor over one world, and says how a hub is configured to read them."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from partnerhub.simulator.hubspot.simulator import PORTAL_ID, HubSpotSimulator
from partnerhub.simulator.imap import ImapSimulator
from partnerhub.simulator.serving import Serving
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.model import World

SHEET_FILE, CONFIG_FILE = "partners.xlsx", "partnerhub.yaml"
SHEET_SOURCE, CRM_SOURCE, MAIL_SOURCE_PREFIX = "partner_list", "hubspot", "mail"
DEFAULT_REGION = "DE"


class Simulator(Serving):
    """HubSpot, a mail server and a spreadsheet over one world. A context manager; starting it twice is harmless.

    world: edits to it after the start do not show; edit `hubspot`, `imap` or the file instead. directory: where the
    spreadsheet lies, and `partnerhub.yaml` once `write_config` was called. Port 0 takes a free one. latency_seconds is
    added to every answer of every server.
    """

    def __init__(
        self,
        world: World,
        directory: Path,
        hubspot_port: int = 0,
        imap_port: int = 0,
        latency_seconds: float = 0.0,
    ) -> None:
        """Prepare; nothing listens and nothing is written before `start`."""
        self.world = world
        self.directory = directory
        self.hubspot = HubSpotSimulator(
            world, hubspot_port, portal_id=PORTAL_ID + world.seed, latency_seconds=latency_seconds
        )
        self.imap = ImapSimulator(world, port=imap_port)
        self.imap.faults.latency_seconds = latency_seconds
        self._running = False

    @property
    def sheet_path(self) -> Path:
        """The spreadsheet."""
        return self.directory / SHEET_FILE

    def start(self) -> Self:
        """Write the spreadsheet and serve; returns once both servers accept connections."""
        if not self._running:
            write_sheet(self.world, self.sheet_path)
            self.hubspot.start()
            self.imap.start()
            self._running = True
        return self

    def stop(self) -> None:
        """Close both servers; files stay."""
        if self._running:
            self.imap.stop()
            self.hubspot.stop()
            self._running = False

    def mail_sources(self) -> dict[str, str]:
        """Source name → mailbox address, one for every colleague whose mailbox is read."""
        owners = [staff for staff in self.world.staff.values() if staff.has_mailbox]
        return {f"{MAIL_SOURCE_PREFIX}_{staff.email.split('.')[0]}": staff.email for staff in owners}

    def write_config(self, warehouse: str = "sqlite:///warehouse.db") -> Path:
        """Write `partnerhub.yaml` beside the spreadsheet and return its path."""
        path = self.directory / CONFIG_FILE
        path.write_text(self.partnerhub_yaml(warehouse), encoding="utf-8")
        return path

    def partnerhub_yaml(self, warehouse: str = "sqlite:///warehouse.db") -> str:
        """A configuration that reads these vendors; only valid while they run, because it names their ports.

        The tokens and passwords in it are the simulator's published ones.
        """
        mail = "".join(self._mail_yaml(name, address) for name, address in self.mail_sources().items())
        return f"""\
# Written for the simulator: every server it names is on this machine, every password in it is made up.
warehouse: {warehouse}
own_domains: [{self.world.own_domain}]
default_region: {DEFAULT_REGION}

sources:
  {SHEET_SOURCE}:
    connector: sheets
    path: {SHEET_FILE}
    schedule: "0 6 * * *"
  {CRM_SOURCE}:
    connector: hubspot
    base_url: {self.hubspot.url}
    token: {self.hubspot.token}
    requests_per_second: 0
    searches_per_second: 0
    schedule: "*/30 * * * *"
{mail}
partners:
  - source: {SHEET_SOURCE}
  - source: {CRM_SOURCE}
    where:
      account_type: [PARTNER]
"""

    def _mail_yaml(self, name: str, address: str) -> str:
        """The source of one mailbox."""
        return f"""\
  {name}:
    connector: imap
    host: {self.imap.host}
    port: {self.imap.port}
    ssl: false
    mailbox: {address}
    password: {self.imap.password(address)}
    bodies: all
    schedule: "*/15 * * * *"
"""
