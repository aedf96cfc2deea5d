"""What the world is made of. Plain mutable data: vendors serve projections of it, tests edit it.

Every thing has a world id (`org-00017`); the truth of an evaluation is the map from source record to world id. All
times are aware UTC datetimes. One seed gives one world, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from partnerhub.simulator.world.decks import Deck
from partnerhub.simulator.world.projects import Projects
from partnerhub.simulator.world.sales import Sales

OrgRole = Literal["partner", "customer", "supplier", "newsletter", "prospect"]


@dataclass(slots=True)
class Org:
    """One real organization. `aliases` are other spellings that sources use; `domains[0]` is its main domain."""

    id: str
    role: OrgRole
    name: str
    aliases: list[str]
    domains: list[str]
    phone: str
    street: str
    city: str
    region: str
    postcode: str
    country: str
    industry: str
    employees: int
    tier: str | None
    partner_type: str | None
    owner_id: str
    parent_id: str | None = None
    registry: tuple[str, str] | None = None
    created_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))


@dataclass(slots=True)
class Human:
    """One real person; `org_id` is the present employer, `emails[0]` the address at work (free-mail possible).

    in_crm: whether someone entered the person as a CRM contact; drawn people only where the org has a CRM company.
    """

    id: str
    org_id: str
    given_name: str
    family_name: str
    emails: list[str]
    phone: str | None
    title: str
    in_crm: bool = True


@dataclass(slots=True)
class Staff:
    """One of our own colleagues: `owner-3`, with the mailbox the hub reads, if any.

    left_at: the day somebody left the company; every system shows the account as inactive from then on.
    """

    id: str
    name: str
    email: str
    team: str
    has_mailbox: bool
    left_at: date | None = None


@dataclass(slots=True)
class WorldDeal:
    """One deal. `history` lists (stage, since), oldest first; amounts are minor units."""

    id: str
    org_id: str
    name: str
    amount_minor: int
    currency: str
    stage: str
    close_date: date
    owner_id: str
    contact_ids: list[str]
    history: list[tuple[str, datetime]]
    created_at: datetime


@dataclass(slots=True)
class Mail:
    """One mail as it was sent. Copies lie in the mailbox of every colleague among sender and receivers.

    kind: person, auto_reply, bounce, newsletter, invite, internal. `org_id` is the truth: whom it concerns, or None;
    `other_org_ids` names further organizations that take part in the same conversation. bounced: the address a bounce
    says could not be reached.
    """

    id: str
    kind: str
    org_id: str | None
    message_id: str | None
    in_reply_to: str | None
    references: list[str]
    sent_at: datetime
    sender: tuple[str, str]
    to: list[tuple[str, str]]
    cc: list[tuple[str, str]]
    subject: str
    text: str
    quoted: str | None = None
    html: bool = False
    attachments: list[tuple[str, str, bytes]] = field(default_factory=list)
    charset: str = "utf-8"
    other_org_ids: list[str] = field(default_factory=list)
    bounced: str | None = None


@dataclass(slots=True)
class Activity:
    """One engagement logged in the CRM: note, call, meeting, email, task or ticket."""

    id: str
    kind: Literal["note", "call", "meeting", "email", "task", "ticket"]
    org_id: str
    contact_ids: list[str]
    deal_id: str | None
    owner_id: str
    happened_at: datetime
    subject: str
    text: str
    status: str | None = None
    mail_id: str | None = None


@dataclass(slots=True)
class CrmCompany:
    """A company record as typed into the CRM: one Org may have none, one or two of them (a duplicate).

    company_type: the CRM's own type as somebody chose it: PARTNER, CUSTOMER, VENDOR, PROSPECT, OTHER, or None.
    tier: what stands in the CRM where it is not the organization's own tier.
    """

    id: str
    org_id: str
    name: str
    domain: str | None
    phone: str | None
    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    created_at: datetime
    modified_at: datetime
    archived_at: datetime | None = None
    merged_into: str | None = None
    company_type: str | None = None
    tier: str | None = None


@dataclass(slots=True)
class SheetRow:
    """A row of the partner list kept in a spreadsheet, as someone typed it."""

    id: str
    org_id: str
    values: dict[str, str]


@dataclass(slots=True)
class World:
    """The whole world at one moment, `now`. Ids are unique across lists."""

    seed: int
    now: datetime
    own_domain: str
    orgs: dict[str, Org]
    humans: dict[str, Human]
    staff: dict[str, Staff]
    companies: dict[str, CrmCompany]
    deals: dict[str, WorldDeal]
    activities: dict[str, Activity]
    mails: list[Mail]
    sheet: list[SheetRow]
    sales: Sales = field(default_factory=Sales)
    projects: Projects = field(default_factory=Projects)
    decks: list[Deck] = field(default_factory=list)
