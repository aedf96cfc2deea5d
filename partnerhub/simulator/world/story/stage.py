"""Puts hand-written people, organizations and what was said into a world. Ids lie beyond all drawn ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from partnerhub.simulator.world.accounts import ACCOUNT_TYPE
from partnerhub.simulator.world.decks import Deck, Slide
from partnerhub.simulator.world.model import (
    Activity,
    CrmCompany,
    Human,
    Mail,
    Org,
    OrgRole,
    SheetRow,
    Staff,
    World,
)
from partnerhub.simulator.world.records import COMPANY_TYPE
from partnerhub.simulator.world.sales import SalesAccount, SalesContact
from partnerhub.simulator.world.sales_ids import sales_id

FIRST = 90_000
"""Numbers of the story begin here; a drawn world stays far below."""
Address = tuple[str, str]


class Stage:
    """A world to which a story is added. Every method adds one thing and returns it; nothing drawn is changed."""

    def __init__(self, world: World) -> None:
        """`world` is edited in place."""
        self.world = world
        self._given = FIRST

    def number(self) -> int:
        """The next number of the story."""
        self._given += 1
        return self._given

    def ago(self, days: float, hour: int | None = None, minute: int = 0) -> datetime:
        """A moment at least so many days ago, and less than a day more: at that hour, or to the minute."""
        then = self.world.now - timedelta(days=days)
        if hour is None:
            return then
        at = then.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return at if at <= then else at - timedelta(days=1)

    def staff(self, name: str, *, mailbox: bool = False, left_days: int | None = None) -> Staff:
        """A colleague; `left_days` ago somebody left."""
        number = len(self.world.staff) + 1
        email = f"{name.lower().replace(' ', '.')}@{self.world.own_domain}"
        left = None if left_days is None else self.ago(left_days).date()
        found = Staff(f"owner-{number}", name, email, "Partnerships", mailbox, left)
        self.world.staff[found.id] = found
        return found

    def org(self, role: OrgRole, name: str, domains: list[str], place: tuple[str, ...], **more: Any) -> Org:
        """An organization. place: street, post code, city, region, country, telephone."""
        street, postcode, city, region, country, phone = place
        found = Org(
            id=f"org-{self.number()}",
            role=role,
            name=name,
            aliases=[name],
            domains=domains,
            phone=phone,
            street=street,
            city=city,
            region=region,
            postcode=postcode,
            country=country,
            industry=more.pop("industry", "RENEWABLES_ENVIRONMENT"),
            employees=more.pop("employees", 120),
            tier=more.pop("tier", None),
            partner_type=more.pop("partner_type", "reseller" if role == "partner" else None),
            owner_id=more.pop("owner_id", "owner-1"),
            created_at=self.ago(more.pop("known_days", 700)),
            **more,
        )
        self.world.orgs[found.id] = found
        return found

    def human(self, org: Org, name: str, email: str, title: str, *, in_crm: bool = True) -> Human:
        """Somebody who works there."""
        given, _, family = name.rpartition(" ")
        found = Human(f"hum-{self.number()}", org.id, given, family, [email], None, title, in_crm)
        self.world.humans[found.id] = found
        return found

    def company(self, org: Org, name: str | None = None, *, days: float = 60, **more: Any) -> CrmCompany:
        """A HubSpot company, complete unless `more` says otherwise; touched `days` ago."""
        typed: dict[str, Any] = {
            "domain": org.domains[0] if org.domains else None,
            "phone": org.phone,
            "street": org.street,
            "city": org.city,
            "region": org.region,
            "postcode": org.postcode,
            "country": org.country,
            "company_type": COMPANY_TYPE[org.role],
        }
        found = CrmCompany(
            id=str(8_000_000_000 + 7919 * (self.number() - FIRST)),
            org_id=org.id,
            name=name or org.name,
            created_at=org.created_at,
            modified_at=self.ago(days, 15),
            **(typed | more),
        )
        self.world.companies[found.id] = found
        return found

    def account(self, org: Org, name: str | None = None, *, days: float = 60, **more: Any) -> SalesAccount:
        """A Salesforce account, complete unless `more` says otherwise; touched `days` ago."""
        typed: dict[str, Any] = {
            "website": f"https://www.{org.domains[0]}" if org.domains else None,
            "phone": org.phone,
            "street": org.street,
            "city": org.city,
            "region": org.region,
            "postcode": org.postcode,
            "country": org.country,
            "account_type": ACCOUNT_TYPE[org.role],
            "tier": org.tier,
            "annual_value_minor": None,
            "currency": "EUR",
            "owner_id": org.owner_id,
            "parent_id": None,
        }
        found = SalesAccount(
            id=sales_id("account", self.number()),
            org_id=org.id,
            name=name or org.name,
            created_at=org.created_at,
            modified_at=self.ago(days, 14),
            **(typed | more),
        )
        self.world.sales.accounts[found.id] = found
        return found

    def contact(self, human: Human, account: SalesAccount | None, *, days: float = 60) -> SalesContact:
        """The person as a Salesforce contact; without an account, one that hangs on nothing."""
        org = self.world.orgs[human.org_id]
        found = SalesContact(
            id=sales_id("contact", self.number()),
            human_id=human.id,
            account_id=account.id if account else None,
            given_name=human.given_name,
            family_name=human.family_name,
            email=human.emails[0],
            phone=human.phone,
            title=human.title,
            company=None,
            owner_id=org.owner_id,
            created_at=org.created_at + timedelta(days=2),
            modified_at=self.ago(days, 14),
        )
        self.world.sales.contacts[found.id] = found
        return found

    def row(self, org: Org, **cells: str) -> SheetRow:
        """A row of the partner list."""
        columns = dict.fromkeys(self.world.sheet[0].values, "") if self.world.sheet else {}
        found = SheetRow(f"row-{self.number()}", org.id, columns | cells)
        self.world.sheet.append(found)
        return found

    def mail(
        self,
        org: Org | None,
        sender: Human | Staff | Address,
        to: list[Human | Staff | Address],
        subject: str,
        text: str,
        sent_at: datetime,
        *,
        answers: Mail | None = None,
        cc: list[Human | Staff] | None = None,
        kind: str = "person",
    ) -> Mail:
        """A mail; with `answers` it continues that mail's thread and quotes it."""
        number, writer = self.number(), address_of(sender)
        found = Mail(
            id=f"mail-{number}",
            kind=kind,
            org_id=org.id if org else None,
            message_id=f"<story.{number}@{writer[1].rpartition('@')[2]}>",
            in_reply_to=answers.message_id if answers else None,
            references=[*answers.references, answers.message_id or ""] if answers else [],
            sent_at=sent_at,
            sender=writer,
            to=[address_of(each) for each in to],
            cc=[address_of(each) for each in cc or []],
            subject=f"Re: {answers.subject.removeprefix('Re: ')}" if answers else subject,
            text=text,
            quoted=quoted(answers) if answers else None,
        )
        self.world.mails.append(found)
        return found

    def log(
        self,
        org: Org,
        kind: str,
        subject: str,
        text: str,
        at: datetime,
        people: list[Human] | None = None,
        owner_id: str | None = None,
    ) -> Activity:
        """Something a colleague logged in HubSpot."""
        found = Activity(
            id=str(51_000_000_000 + 4099 * (self.number() - FIRST)),
            kind=kind,  # type: ignore[arg-type]
            org_id=org.id,
            contact_ids=[human.id for human in people or [] if human.in_crm],
            deal_id=None,
            owner_id=owner_id or org.owner_id,
            happened_at=at,
            subject=subject,
            text=text,
            status={"call": "COMPLETED", "meeting": "COMPLETED", "task": "NOT_STARTED"}.get(kind),
        )
        self.world.activities[found.id] = found
        return found

    def deck(
        self,
        org: Org | None,
        path: str,
        slides: list[Slide],
        values: dict[str, str],
        at: datetime,
        **more: Any,
    ) -> Deck:
        """A file in the folder of decks, titled as its first slide."""
        found = Deck(
            id=f"deck-{self.number()}",
            path=path,
            org_id=org.id if org else None,
            title=slides[0].title,
            author_id=org.owner_id if org else "owner-1",
            saved_at=at,
            slides=slides,
            values=values,
            **more,
        )
        self.world.decks.append(found)
        return found


def address_of(person: Human | Staff | Address) -> Address:
    """Display name and address."""
    if isinstance(person, Human):
        return f"{person.given_name} {person.family_name}", person.emails[0]
    return (person.name, person.email) if isinstance(person, Staff) else person


def quoted(mail: Mail) -> str:
    """The mail as the next one quotes it."""
    line = f"On {mail.sent_at:%d %b %Y at %H:%M}, {mail.sender[0]} wrote:"
    return "\n".join([line, *(f"> {text}".rstrip() for text in mail.text.split("\n"))])
