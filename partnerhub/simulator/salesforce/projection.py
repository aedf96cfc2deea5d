"""From the world to what somebody typed into Salesforce: users, accounts, people, deals, activities, agreements."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from partnerhub.simulator.salesforce.identifiers import made_id
from partnerhub.simulator.salesforce.store import Store, stamp
from partnerhub.simulator.world.model import Mail, World
from partnerhub.simulator.world.sales import (
    DealRegistration,
    Opportunity,
    SalesAccount,
    SalesActivity,
    SalesContact,
    SalesContract,
)

WON, LOST = "Closed Won", "Closed Lost"
LONG_AGO: Final = datetime(2019, 1, 7, 8, tzinfo=UTC)
"""When the org and its users were set up."""
DONE: Final = frozenset({"Completed", "Closed"})


class Projection:
    """Fills a store from a world and remembers which record shows which thing of the world.

    world_ids: object → record id → world id: the truth an evaluation compares with.
    """

    def __init__(self, world: World, store: Store, organization_id: str) -> None:
        """Projects at once."""
        self.world, self.store = world, store
        self.world_ids: dict[str, dict[str, str]] = {}
        self._mails: dict[str, Mail] = {mail.id: mail for mail in world.mails}
        sales = world.sales
        self._organization(organization_id)
        for number, staff_id in enumerate(world.staff):
            self._user(staff_id, number)
        for account in sales.accounts.values():
            self._account(account)
        for contact in sales.contacts.values():
            self._person(contact)
        for opportunity in sales.opportunities.values():
            self._opportunity(opportunity)
        for contract in sales.contracts.values():
            self._contract(contract)
        for activity in sales.activities.values():
            {"task": self._task, "event": self._event, "case": self._case}[activity.kind](activity)
        for registration in sales.registrations.values():
            self._registration(registration)

    def user_id(self, owner: str | None) -> str | None:
        """The user of a colleague, by world id; what is a Salesforce id already stays."""
        return made_id("User", owner) if owner in self.world.staff else owner

    def _place(
        self, kind: str, identifier: str, world_id: str, created: datetime, changed: datetime, **values: Any
    ) -> str:
        self.world_ids.setdefault(kind, {})[identifier] = world_id
        return self.store.put(kind, identifier, values, created=created, changed=changed)

    def _organization(self, identifier: str) -> None:
        values = {
            "Name": "Rivet",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "EU46",
            "IsSandbox": False,
        }
        self.store.put("Organization", identifier, values, created=LONG_AGO, changed=LONG_AGO)

    def _user(self, staff_id: str, number: int) -> None:
        staff = self.world.staff[staff_id]
        first, _, last = staff.name.partition(" ")
        self._place(
            "User", made_id("User", staff_id), staff_id, LONG_AGO, LONG_AGO + timedelta(days=number),
            Username=staff.email, Name=staff.name, FirstName=first, LastName=last or first, Email=staff.email,
            Department=staff.team, IsActive=staff.left_at is None, UserType="Standard",
        )  # fmt: skip

    def _account(self, account: SalesAccount) -> None:
        self._place(
            "Account", account.id, account.org_id, account.created_at, account.deleted_at or account.modified_at,
            Name=account.name, Website=account.website, Phone=account.phone, BillingStreet=account.street,
            BillingCity=account.city, BillingState=account.region, BillingPostalCode=account.postcode,
            BillingCountry=account.country, Type=account.account_type, Partner_Tier__c=account.tier,
            Annual_Value__c=_amount(account.annual_value_minor), CurrencyIsoCode=account.currency,
            OwnerId=self.user_id(account.owner_id), ParentId=account.parent_id,
            Last_Review__c=_day(account.last_review),
            IsDeleted=bool(account.deleted_at or account.merged_into), MasterRecordId=account.merged_into,
        )  # fmt: skip

    def _person(self, contact: SalesContact) -> None:
        name = f"{contact.given_name} {contact.family_name}".strip()
        shared = {
            "FirstName": contact.given_name, "LastName": contact.family_name, "Name": name, "Email": contact.email,
            "Phone": contact.phone, "Title": contact.title, "OwnerId": self.user_id(contact.owner_id),
        }  # fmt: skip
        if contact.is_lead:
            own = {"Company": contact.company, "Status": "Open - Not Contacted", "IsConverted": False}
        else:
            left = _day(contact.left_at.date() if contact.left_at else None)
            own = {"AccountId": contact.account_id, "Left_Company_On__c": left}
        self._place(
            "Lead" if contact.is_lead else "Contact",
            contact.id,
            contact.human_id,
            contact.created_at,
            contact.modified_at,
            **shared,
            **own,
        )

    def _opportunity(self, deal: Opportunity) -> None:
        self._place(
            "Opportunity", deal.id, deal.id, deal.created_at, deal.modified_at,
            AccountId=deal.account_id, Name=deal.name, StageName=deal.stage, Amount=_amount(deal.amount_minor),
            CurrencyIsoCode=deal.currency, CloseDate=_day(deal.close_date), Type=deal.opportunity_type,
            IsClosed=deal.stage in {WON, LOST}, IsWon=deal.stage == WON, OwnerId=self.user_id(deal.owner_id),
        )  # fmt: skip
        for number, (stage, since) in enumerate(deal.history):
            self._place(
                "OpportunityHistory", made_id("OpportunityHistory", deal.id, number), deal.id, since, since,
                OpportunityId=deal.id, StageName=stage, Amount=_amount(deal.amount_minor),
                CurrencyIsoCode=deal.currency, CloseDate=_day(deal.close_date),
            )  # fmt: skip
        for number, contact in enumerate(deal.contact_ids):
            self._place(
                "OpportunityContactRole", made_id("OpportunityContactRole", deal.id, contact), deal.id,
                deal.created_at, deal.created_at, OpportunityId=deal.id, ContactId=contact,
                Role="Decision Maker" if number == 0 else "Influencer", IsPrimary=number == 0,
            )  # fmt: skip
        for account in deal.partner_account_ids:
            self._place(
                "OpportunityPartner", made_id("OpportunityPartner", deal.id, account), deal.id,
                deal.created_at, deal.created_at, OpportunityId=deal.id, AccountToId=account, Role="Reseller",
                IsPrimary=True,
            )  # fmt: skip

    def _contract(self, contract: SalesContract) -> None:
        self._place(
            "Contract", contract.id, contract.id, contract.created_at, contract.modified_at,
            AccountId=contract.account_id, ContractNumber=contract.number, Status=contract.status,
            StartDate=_day(contract.starts_on), EndDate=_day(contract.ends_on), ContractTerm=contract.term_months,
            OwnerId=self.user_id(contract.owner_id), SpecialTerms=contract.special_terms,
        )  # fmt: skip

    def _about(self, activity: SalesActivity) -> dict[str, Any]:
        """What an activity points to."""
        return {
            "WhoId": activity.contact_id,
            "WhatId": activity.opportunity_id or activity.account_id,
            "AccountId": activity.account_id,
            "Subject": activity.subject,
            "Description": activity.text,
            "OwnerId": self.user_id(activity.owner_id),
        }

    def _task(self, task: SalesActivity) -> None:
        mail = self._mails.get(task.mail_id or "")
        closed = task.status in DONE
        called = closed and task.subject.lower().startswith("call")
        due = task.due or (task.happened_at.date() if closed else None)
        self._place(
            "Task", task.id, task.id, task.created_at, task.modified_at, **self._about(task),
            Status=task.status, Priority="Normal", ActivityDate=_day(due), IsClosed=closed,
            TaskSubtype="Email" if mail else "Call" if called else "Task",
            CompletedDateTime=stamp(task.happened_at if mail or called else task.modified_at) if closed else None,
            CallDurationInSeconds=60 * task.minutes if called and task.minutes else None,
        )  # fmt: skip
        if mail:
            self._logged_mail(task, mail)

    def _logged_mail(self, task: SalesActivity, mail: Mail) -> None:
        """The mail behind a task, as Enhanced Email keeps it beside the task."""
        name, address = mail.sender
        self._place(
            "EmailMessage", made_id("EmailMessage", task.id), mail.id, task.created_at, task.modified_at,
            ActivityId=task.id, RelatedToId=task.account_id, MessageIdentifier=mail.message_id, Subject=mail.subject,
            TextBody=mail.text, FromAddress=address, FromName=name, MessageDate=stamp(mail.sent_at), Status="3",
            ToAddress="; ".join(one for _, one in mail.to) or None,
            CcAddress="; ".join(one for _, one in mail.cc) or None,
        )  # fmt: skip

    def _event(self, event: SalesActivity) -> None:
        start = event.happened_at
        if event.due is not None and start.date() != event.due:
            start = datetime.combine(event.due, time(9), UTC)
        minutes = event.minutes or 60
        self._place(
            "Event", event.id, event.id, event.created_at, event.modified_at, **self._about(event),
            StartDateTime=stamp(start), EndDateTime=stamp(start + timedelta(minutes=minutes)),
            DurationInMinutes=minutes, EventSubtype="Event",
        )  # fmt: skip

    def _case(self, case: SalesActivity) -> None:
        closed = case.status in DONE
        self._place(
            "Case", case.id, case.id, case.created_at, case.modified_at,
            AccountId=case.account_id, ContactId=case.contact_id, Subject=case.subject, Description=case.text,
            Status=case.status, Priority="Medium", Origin="Email", IsClosed=closed,
            ClosedDate=stamp(case.modified_at) if closed else None, OwnerId=self.user_id(case.owner_id),
            CaseNumber=f"{len(self.store.rows['Case']) + 1001:08d}",
        )  # fmt: skip

    def _registration(self, found: DealRegistration) -> None:
        self._place(
            "Deal_Registration__c", found.id, found.id, found.created_at, found.modified_at,
            Name=found.name, Account__c=found.account_id, End_Customer__c=found.end_customer, Status__c=found.status,
            Amount__c=_amount(found.amount_minor), CurrencyIsoCode=found.currency,
            Registered_On__c=_day(found.registered_on), Expires_On__c=_day(found.expires_on),
        )  # fmt: skip


def _amount(minor: int | None) -> float | None:
    """An amount as Salesforce's JSON has it."""
    return None if minor is None else minor / 100


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
