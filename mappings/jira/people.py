"""Jira's accounts: who is one of us, who is a person elsewhere, and who is a machine."""

from __future__ import annotations

from typing import Any, NamedTuple

from mappings.canonical import record_key
from mappings.clean.emails import clean_email, email_domain
from mappings.clean.names import clean_person_name
from mappings.clean.unreadable import Unreadable
from mappings.clean.web import registrable_domain
from mappings.compile import staged_row
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of

ROBOT, CUSTOMER = "app", "customer"
"""Jira's kinds of accounts that are no licensed user: an app, and a customer of a service desk."""


class Someone(NamedTuple):
    """An account as it stands in an issue or comment.

    ours: one of us. Profiles hide the address by default; somebody without one is ours unless Jira says `customer`,
    since a licensed user of our site is hardly ever somebody else's.
    """

    record: str | None
    address: str | None
    name: str | None
    ours: bool
    robot: bool


def someone(account: object, context: Context) -> Someone | None:
    """The person behind an account; None for nobody."""
    if not isinstance(account, dict) or not account:
        return None
    number = account.get("accountId")
    record = record_key(context.source, "users", number) if isinstance(number, str) and number else None
    address = _address(account)
    kind = account.get("accountType")
    ours = is_ours(address, context) if address else kind != CUSTOMER
    return Someone(record, address, _name(account), ours, kind == ROBOT)


def user(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """An account of the site as a colleague or a person. Apps are neither."""
    found = someone(payload, context)
    if found is None or found.robot:
        return
    email = payload.get("emailAddress")
    if email and found.address is None:
        output.findings.append(Finding("unreadable_email", "emailAddress", sample_of(email)))
    if found.ours:
        active = payload.get("active") is not False and context.deleted_at is None
        row = staged_row("colleague", context, name=found.name, email=found.address, active=active)
        output.rows["colleague"] = [row]
    else:
        output.rows["person"] = [staged_row("person", context, name=found.name, email=found.address)]


def is_ours(address: str, context: Context) -> bool:
    """Whether an address is ours by configuration."""
    domain = email_domain(address)
    own = context.own_domains
    return address in context.own_addresses or domain in own or (registrable_domain(domain) or "") in own


def _address(account: dict[str, Any]) -> str | None:
    try:
        return clean_email(account.get("emailAddress"))
    except Unreadable:
        return None


def _name(account: dict[str, Any]) -> str | None:
    try:
        return clean_person_name(account.get("displayName"))
    except Unreadable:
        return None
