"""From the world to what somebody typed into HubSpot: objects, their associations, owners."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, time, timedelta
from typing import Final

from partnerhub.simulator.hubspot.store import Properties, Store, iso
from partnerhub.simulator.world.model import Activity, CrmCompany, Human, Mail, Org, Staff, World, WorldDeal

KINDS: Final = {
    "note": "notes",
    "call": "calls",
    "meeting": "meetings",
    "email": "emails",
    "task": "tasks",
    "ticket": "tickets",
}
"""World activity → HubSpot object."""

TYPES: Final = {
    "PARTNER": "PARTNER",
    "CUSTOMER": "OTHER",
    "VENDOR": "VENDOR",
    "PROSPECT": "PROSPECT",
    "OTHER": "OTHER",
}
"""The world's company type → HubSpot's own options, among which there is no customer: that is a lifecycle stage."""

LIFECYCLES: Final = {"CUSTOMER": "customer", "PROSPECT": "opportunity", "PARTNER": "other"}

FIRST_CONTACT: Final = 30_000_000_000
FIRST_OWNER: Final = 70_000_000


class Projection:
    """Fills a store from a world and remembers which record shows which thing of the world.

    world_ids: kind → record id → world id: the truth an evaluation compares with. record_ids: world id → record id.
    """

    def __init__(self, world: World, store: Store) -> None:
        """Projects at once."""
        self.world = world
        self.store = store
        self.world_ids: dict[str, dict[str, str]] = {}
        self.record_ids: dict[str, int] = {}
        self.companies_of: dict[str, list[int]] = {}
        self._mails: dict[str, Mail] = {mail.id: mail for mail in world.mails}
        for company in world.companies.values():
            self._company(company)
        for human in world.humans.values():
            if human.in_crm:
                self._contact(human)
        for deal in world.deals.values():
            self._deal(deal)
        for activity in world.activities.values():
            self._activity(activity)
        self._parents()
        self._merges()
        store.owners = [self._owner(staff) for staff in world.staff.values()]

    def _place(
        self,
        kind: str,
        world_id: str,
        number: int,
        properties: Properties,
        *,
        created: datetime,
        updated: datetime,
        archived: datetime | None = None,
    ) -> int:
        self.store.put(kind, number, properties, created_at=created, updated_at=updated, archived_at=archived)
        self.world_ids.setdefault(kind, {})[str(number)] = world_id
        self.record_ids[world_id] = number
        return number

    def _company(self, company: CrmCompany) -> None:
        org = self.world.orgs[company.org_id]
        number = numeric(company.id, 9_000_000_000)
        properties = company_properties(company, org)
        properties["hubspot_owner_id"] = self._owner_id(org.owner_id)
        self._place(
            "companies",
            company.id,
            number,
            properties,
            created=company.created_at,
            updated=company.modified_at,
            archived=company.archived_at,
        )
        if company.archived_at is None and company.merged_into is None:
            self.companies_of.setdefault(org.id, []).append(number)

    def _contact(self, human: Human) -> None:
        org = self.world.orgs[human.org_id]
        company = next(iter(self.companies_of.get(org.id, [])), None)
        seen = self.store.objects["companies"][company].created_at if company else org.created_at
        properties = {
            "firstname": human.given_name,
            "lastname": human.family_name,
            "email": human.emails[0] if human.emails else None,
            "hs_additional_emails": ";".join(human.emails[1:]) or None,
            "phone": human.phone,
            "jobtitle": human.title,
            "company": None if company else org.name,
            "associatedcompanyid": str(company) if company else None,
            "hubspot_owner_id": self._owner_id(org.owner_id),
        }
        number = self._place(
            "contacts", human.id, numeric(human.id, FIRST_CONTACT), properties, created=seen, updated=seen
        )
        if company:
            self.store.associate(("contacts", "companies"), number, company)

    def _deal(self, deal: WorldDeal) -> None:
        closed = deal.stage in ("closedwon", "closedlost")
        properties: Properties = {
            "dealname": deal.name,
            "amount": f"{deal.amount_minor // 100}.{deal.amount_minor % 100:02d}".removesuffix(".00"),
            "deal_currency_code": deal.currency,
            "pipeline": "default",
            "dealstage": deal.stage,
            "dealtype": "newbusiness",
            "closedate": iso(datetime.combine(deal.close_date, time(12), UTC)),
            "hs_is_closed": str(closed).lower(),
            "hs_is_closed_won": str(deal.stage == "closedwon").lower(),
            "hubspot_owner_id": self._owner_id(deal.owner_id),
            **{f"hs_v2_date_entered_{stage}": iso(since) for stage, since in deal.history},
        }
        updated = max([deal.created_at, *(since for _, since in deal.history)])
        number = self._place(
            "deals",
            deal.id,
            numeric(deal.id, 17_000_000_000),
            properties,
            created=deal.created_at,
            updated=updated,
        )
        self._attach("deals", number, deal.org_id, deal.contact_ids, None)

    def _activity(self, activity: Activity) -> None:
        kind = KINDS[activity.kind]
        properties = activity_properties(
            activity, self._mails.get(activity.mail_id or ""), self.world.own_domain
        )
        properties["hubspot_owner_id"] = self._owner_id(activity.owner_id)
        number = numeric(activity.id, 52_000_000_000)
        self._place(
            kind, activity.id, number, properties, created=activity.happened_at, updated=activity.happened_at
        )
        self._attach(kind, number, activity.org_id, activity.contact_ids, activity.deal_id)

    def _attach(
        self, kind: str, number: int, org_id: str, contact_ids: list[str], deal_id: str | None
    ) -> None:
        """Associate with the organization's first company, the contacts known here and the deal."""
        for company in self.companies_of.get(org_id, [])[:1]:
            self.store.associate((kind, "companies"), number, company)
        for contact in contact_ids:
            if contact in self.record_ids:
                self.store.associate((kind, "contacts"), number, self.record_ids[contact])
        if deal_id in self.record_ids:
            self.store.associate((kind, "deals"), number, self.record_ids[deal_id])

    def _parents(self) -> None:
        for org in self.world.orgs.values():
            for child in self.companies_of.get(org.id, []):
                for parent in self.companies_of.get(org.parent_id or "", [])[:1]:
                    self.store.associate(("companies", "companies"), child, parent)
                    self.store.objects["companies"][child].properties["hs_parent_company_id"] = str(parent)

    def _merges(self) -> None:
        """Records the world calls merged are gone; the winner lists them."""
        for company in self.world.companies.values():
            loser, winner = self.record_ids[company.id], self.record_ids.get(company.merged_into or "")
            if winner is None:
                continue
            del self.store.objects["companies"][loser]
            self.store.merged_into["companies", loser] = winner
            properties = self.store.objects["companies"][winner].properties
            properties["hs_merged_object_ids"] = ";".join(
                filter(None, (properties.get("hs_merged_object_ids"), str(loser)))
            )

    def _owner_id(self, staff_id: str) -> str | None:
        return str(numeric(staff_id, FIRST_OWNER)) if staff_id in self.world.staff else None

    def _owner(self, staff: Staff) -> dict[str, object]:
        """A user; whoever left the company is archived."""
        number = numeric(staff.id, FIRST_OWNER)
        given, _, family = staff.name.partition(" ")
        self.world_ids.setdefault("owners", {})[str(number)] = staff.id
        since = iso(datetime(2022, 1, 10, 9, tzinfo=UTC))
        return {
            "id": str(number),
            "email": staff.email,
            "type": "PERSON",
            "firstName": given,
            "lastName": family,
            "userId": number - 50_000_000,
            "userIdIncludingInactive": number - 50_000_000,
            "createdAt": since,
            "updatedAt": since,
            "archived": staff.left_at is not None,
        }


def numeric(world_id: str, base: int) -> int:
    """A HubSpot id for a world id: the id itself when it is a number, else made from the number it ends in."""
    if world_id.isdecimal():
        return int(world_id)
    tail = world_id.rpartition("-")[2]
    return base + (int(tail) if tail.isdecimal() else zlib.crc32(world_id.encode()))


def company_properties(company: CrmCompany, org: Org) -> Properties:
    """What the company record says; organization facts only where a CRM would hold them."""
    kind = company.company_type or org.role.upper()
    partner = org.role == "partner"
    return {
        "name": company.name,
        "domain": company.domain,
        "website": company.domain,
        "phone": company.phone,
        "address": company.street,
        "city": company.city,
        "state": company.region,
        "zip": company.postcode,
        "country": company.country,
        "industry": org.industry,
        "numberofemployees": str(org.employees),
        "type": TYPES.get(kind, "OTHER"),
        "lifecyclestage": LIFECYCLES.get(kind, "lead"),
        "hs_analytics_num_page_views": str(zlib.crc32(company.id.encode()) % 500),
        "partner_tier": company.tier or (org.tier if partner else None),
        "partner_type": org.partner_type if partner else None,
        "commercial_register_number": org.registry[1] if org.registry else None,
    }


def activity_properties(activity: Activity, mail: Mail | None, own_domain: str) -> Properties:
    """What an engagement says, in the properties of its kind."""
    happened, status = iso(activity.happened_at), activity.status
    later = iso(activity.happened_at + timedelta(minutes=45))
    done = happened if status == "COMPLETED" else None
    by_kind: dict[str, Properties] = {
        "note": {"hs_note_body": f"<p>{activity.text}</p>"},
        "call": {
            "hs_call_title": activity.subject,
            "hs_call_body": activity.text,
            "hs_call_direction": "OUTBOUND",
            "hs_call_duration": "900000",
            "hs_call_status": status,
        },
        "meeting": {
            "hs_meeting_title": activity.subject,
            "hs_meeting_body": activity.text,
            "hs_meeting_start_time": happened,
            "hs_meeting_end_time": later,
            "hs_meeting_outcome": status,
            "hs_i_cal_uid": f"{mail.id}@{own_domain}" if mail else None,
        },
        "email": _email(activity, mail, own_domain),
        "task": {
            "hs_task_subject": activity.subject,
            "hs_task_body": activity.text,
            "hs_task_status": status,
            "hs_task_priority": "MEDIUM",
            "hs_task_type": "TODO",
            "hs_task_completion_date": done,
        },
        "ticket": {
            "subject": activity.subject,
            "content": activity.text,
            "hs_pipeline": "0",
            "hs_pipeline_stage": status,
            "hs_ticket_priority": "MEDIUM",
            "closed_date": later if status == "4" else None,
        },
    }
    timed: Properties = {} if activity.kind == "ticket" else {"hs_timestamp": happened}
    return {**timed, **by_kind[activity.kind]}


def _email(activity: Activity, mail: Mail | None, own_domain: str) -> Properties:
    """A logged e-mail; with the addresses and the Message-ID of the mail it is a copy of."""
    properties: Properties = {
        "hs_email_subject": activity.subject,
        "hs_email_text": activity.text,
        "hs_email_status": activity.status,
    }
    if mail is None:
        return {**properties, "hs_email_direction": "EMAIL"}
    ours = mail.sender[1].endswith(f"@{own_domain}")
    return {
        **properties,
        "hs_email_direction": "EMAIL" if ours else "INCOMING_EMAIL",
        "hs_email_message_id": mail.message_id,
        "hs_email_from_email": mail.sender[1],
        "hs_email_to_email": ";".join(address for _, address in mail.to),
        "hs_email_cc_email": ";".join(address for _, address in mail.cc) or None,
    }
