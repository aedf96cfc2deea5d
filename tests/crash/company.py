"""A small company whose every stream takes three pages and more, and a hub that reads it without Dagster.

HubSpot, two mailboxes (bodies only of mail with known organizations, so that back-filling has work) and the partner
list. The simulators are only read while a hub is killed, so one company serves all kills.
"""

from __future__ import annotations

from contextlib import chdir, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from partnerhub.config import HubConfig, load_config
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.imap import INBOX, ImapSimulator
from partnerhub.simulator.sheets import write_sheet
from partnerhub.simulator.world.generate import generate_world
from tests.oracles import Truth, served_by_hubspot, served_by_imap, served_by_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnerhub.simulator.world.model import World

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SEED, PARTNERS = 11, 4
STREAMS = ("companies", "contacts", "deals", "emails", "companies_to_companies", "contacts_to_companies")
SHEET = "partners.csv"
CONFIG = """\
warehouse: {warehouse}
own_domains: [{own}]
default_region: DE
clock: 2026-10-01T00:00:00+00:00
sources:
  partner_list: {{connector: sheets, path: {sheet}}}
  hubspot:
    connector: hubspot
    token: {token}
    base_url: {hubspot}
    requests_per_second: 0
    searches_per_second: 0
    first_wait_seconds: 0
    list_page_size: {hubspot_page}
    search_page_size: {hubspot_page}
    streams: [{streams}]
"""
MAILBOX = """\
  {name}:
    connector: imap
    host: {host}
    port: {port}
    ssl: false
    mailbox: {mailbox}
    password: {password}
    bodies: attached
    page_size: {mail_page}
"""
RULES = """\
partners:
  - {source: partner_list}
  - {source: hubspot, where: {account_type: [PARTNER]}}
"""


class Company:
    """The running simulators, and what they hold."""

    def __init__(self, folder: Path, world: World, hubspot: HubSpotSimulator, imap: ImapSimulator) -> None:
        """`folder` holds the partner list and a configuration for every warehouse."""
        self.folder, self.world, self.hubspot, self.imap = folder, world, hubspot, imap
        owners = [one.email for one in world.staff.values() if one.has_mailbox]
        self.mailboxes = {f"mail_{one.split('.')[0]}": one for one in owners[:2]}
        write_sheet(world, folder / SHEET)

    @property
    def served(self) -> Truth:
        """What the hub is to hold."""
        wanted = {("hubspot", name) for name in STREAMS}
        crm = {key: truth for key, truth in served_by_hubspot(self.hubspot).items() if key in wanted}
        mail: dict[tuple[str, str], object] = {}
        for name, mailbox in self.mailboxes.items():
            mail |= served_by_imap(self.imap, mailbox, name)
        return {**crm, **served_by_sheet(self.world), **mail}  # type: ignore[dict-item]

    def config(self, warehouse: str, name: str) -> HubConfig:
        """The configuration of a hub with the given warehouse."""
        head = CONFIG.format(
            warehouse=warehouse,
            own=self.world.own_domain,
            sheet=SHEET,
            token=self.hubspot.token,
            hubspot=self.hubspot.url,
            hubspot_page=self.pages_of(max(len(self.hubspot.store.listed("contacts", archived=False)), 3)),
            streams=", ".join(STREAMS),
        )
        boxes = [
            MAILBOX.format(
                name=source,
                host=self.imap.host,
                port=self.imap.port,
                mailbox=mailbox,
                password=self.imap.password(mailbox),
                mail_page=self.pages_of(len(self.imap.messages(mailbox))),
            )
            for source, mailbox in self.mailboxes.items()
        ]
        path = self.folder / f"{name}.yaml"
        path.write_text("".join([head, *boxes, RULES]))
        return load_config(path)

    def pages_of(self, records: int) -> int:
        """A page size that makes three pages of so many records."""
        return max(1, -(-records // 3))

    def goes_on(self) -> None:
        """The company a little later: changed, archived, merged, new, and rows that are gone from the list."""
        store = self.hubspot.store
        store.advance(timedelta(minutes=10))
        one, two, three, four = (found.id for found in store.listed("companies", archived=False)[:4])
        store.update("companies", one, name="Renamed GmbH")
        store.archive("companies", two)
        store.merge("companies", three, four)
        for number in range(5):
            store.add("contacts", {"email": f"new-{number}@news.example", "lastname": f"New {number}"})
        mailbox = next(iter(self.mailboxes.values()))
        for message in self.imap.messages(mailbox)[:1]:
            self.imap.append(
                mailbox, INBOX, message.raw.replace(b"Message-ID: <", b"Message-ID: <again."), NOW
            )
        self.world.sheet.pop()
        write_sheet(self.world, self.folder / SHEET)
        store.advance(timedelta(minutes=10))


@contextmanager
def company_in(folder: Path) -> Iterator[Company]:
    """The company, running; the working directory is its folder."""
    world = generate_world(SEED, PARTNERS, NOW)
    with HubSpotSimulator(world) as hubspot, ImapSimulator(world) as imap, chdir(folder):
        yield Company(folder, world, hubspot, imap)
