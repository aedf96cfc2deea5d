"""What the sales team keeps in Salesforce: accounts, contacts, leads, opportunities, activities, contracts.

Ids are Salesforce's own, 18 characters. Times are aware UTC datetimes, amounts integer minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(slots=True)
class SalesAccount:
    """An account as somebody typed it; one Org may have none, one or two.

    account_type: Salesforce's own picklist (`Channel Partner / Reseller`, `Customer - Direct`, `Prospect`, `Other`).
    tier and annual_value_minor are custom fields (`Partner_Tier__c`, `Annual_Value__c`); the value has the currency of
    `currency`. deleted_at: in the recycle bin. merged_into: the account that survived a merge.
    """

    id: str
    org_id: str
    name: str
    website: str | None
    phone: str | None
    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    account_type: str | None
    tier: str | None
    annual_value_minor: int | None
    currency: str
    owner_id: str
    parent_id: str | None
    created_at: datetime
    modified_at: datetime
    last_review: date | None = None
    deleted_at: datetime | None = None
    merged_into: str | None = None


@dataclass(slots=True)
class SalesContact:
    """A person in Salesforce: a contact of an account or, with `is_lead`, a lead that names its company as text."""

    id: str
    human_id: str
    account_id: str | None
    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    title: str | None
    company: str | None
    owner_id: str
    created_at: datetime
    modified_at: datetime
    is_lead: bool = False
    left_at: datetime | None = None


@dataclass(slots=True)
class Opportunity:
    """A deal in Salesforce. history: (stage, since), oldest first. deal_id: the same deal in HubSpot, if there."""

    id: str
    account_id: str
    org_id: str
    name: str
    amount_minor: int
    currency: str
    stage: str
    opportunity_type: str
    close_date: date
    owner_id: str
    history: list[tuple[str, datetime]]
    contact_ids: list[str]
    partner_account_ids: list[str]
    created_at: datetime
    modified_at: datetime
    deal_id: str | None = None


@dataclass(slots=True)
class SalesActivity:
    """A task, event or case. due: date of a task, start of an event. mail_id: the mail that was logged as a task."""

    id: str
    kind: Literal["task", "event", "case"]
    org_id: str
    account_id: str | None
    contact_id: str | None
    opportunity_id: str | None
    owner_id: str
    subject: str
    text: str
    status: str
    happened_at: datetime
    created_at: datetime
    modified_at: datetime
    due: date | None = None
    minutes: int | None = None
    mail_id: str | None = None


@dataclass(slots=True)
class SalesContract:
    """An agreement kept as a Contract. special_terms: what was promised beside the standard terms."""

    id: str
    org_id: str
    account_id: str
    number: str
    status: str
    starts_on: date
    ends_on: date
    term_months: int
    owner_id: str
    special_terms: str | None
    created_at: datetime
    modified_at: datetime


@dataclass(slots=True)
class DealRegistration:
    """A row of the custom object `Deal_Registration__c`: a partner names an end customer it brought."""

    id: str
    org_id: str
    account_id: str
    name: str
    end_customer: str
    status: str
    amount_minor: int
    currency: str
    registered_on: date
    expires_on: date
    created_at: datetime
    modified_at: datetime


@dataclass(slots=True)
class Sales:
    """Everything in the Salesforce org, by id."""

    accounts: dict[str, SalesAccount] = field(default_factory=dict)
    contacts: dict[str, SalesContact] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    activities: dict[str, SalesActivity] = field(default_factory=dict)
    contracts: dict[str, SalesContract] = field(default_factory=dict)
    registrations: dict[str, DealRegistration] = field(default_factory=dict)
    _counted: int = field(default=0, repr=False, compare=False)
    _by_account: dict[str, list[SalesContact]] = field(default_factory=dict, repr=False, compare=False)

    def contacts_of(self, account_id: str) -> list[SalesContact]:
        """The contacts of an account, in the order they were entered."""
        if self._counted != len(self.contacts):
            self._counted, self._by_account = len(self.contacts), {}
            for contact in self.contacts.values():
                self._by_account.setdefault(contact.account_id or "", []).append(contact)
        return self._by_account.get(account_id, [])
