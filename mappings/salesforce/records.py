"""What rows cannot say about Salesforce's accounts, people, opportunities, contracts, users and registered deals."""

from __future__ import annotations

from typing import Any

from mappings.canonical import record_key
from mappings.clean.text import clean_identifier, clean_line, clean_text
from mappings.clean.times import clean_date, clean_time
from mappings.clean.unreadable import Unreadable
from mappings.compile import staged_row
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of

STANDARD = "Standard"
"""The `UserType` of colleagues; other types are partners' and customers' portal users, guests and robots."""
STREAM_OF_PREFIX = {
    "001": "Account",
    "003": "Contact",
    "00Q": "Lead",
    "006": "Opportunity",
    "500": "Case",
    "800": "Contract",
}
"""The first three characters of an id → its object, the same in every org (Salesforce Help, "Key Prefixes")."""
REGISTRATION_STATUS = {
    **dict.fromkeys(("won", "closed won", "converted"), "won"),
    **dict.fromkeys(
        ("lost", "closed lost", "rejected", "declined", "denied", "expired", "withdrawn"), "lost"
    ),
}
"""Status of a registered deal → won or lost; every other one is open."""
REGISTERED = "Deal registration"
PARTY_PREFIXES = frozenset({"001", "003"})
"""Accounts and contacts: who may be a party of a deal."""


def relate(
    kind: str, target: object, context: Context, output: StagedOutput, stream: str = "", **values: Any
) -> None:
    """Add a relation from this record to another one by its id; the id says the object unless `stream` does."""
    other = clean_identifier(target)
    found = stream or STREAM_OF_PREFIX.get((other or "")[:3], "")
    if not other or not found:
        return
    relations = output.rows.setdefault("relation", [])
    to_record = record_key(context.source, found, other)
    if all(to_record != row["to_record"] for row in relations):
        origin = record_key(context.source, context.stream, context.source_id)
        relations.append(
            staged_row(
                "relation", context, other, kind=kind, from_record=origin, to_record=to_record, **values
            )
        )


def account(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The parent account, as the one that has this one under it."""
    parent = payload.get("ParentId")
    if not parent:
        return
    parent_record = record_key(context.source, context.stream, str(parent))
    row = output.rows["organization"][0]
    output.rows["relation"] = [
        staged_row(
            "relation",
            context,
            str(parent),
            kind="parent_of",
            from_record=parent_record,
            to_record=row["record"],
        )
    ]


def person(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A person's whole name from its two halves."""
    del payload, context
    row = output.rows["person"][0]
    row["name"] = " ".join(part for part in (row["given_name"], row["family_name"]) if part) or None


def contact(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The whole name, and the account the person works at, until when where somebody noted it."""
    person(payload, context, output)
    left = payload.get("Left_Company_On__c")
    try:
        until = clean_date(left)
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, "Left_Company_On__c", sample_of(left)))
        until = None
    relate("works_at", payload.get("AccountId"), context, output, "Account", until=until)


def lead(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The whole name; of a converted lead the account it works at now and the deal it began."""
    person(payload, context, output)
    relate("works_at", payload.get("ConvertedAccountId"), context, output, "Account")
    deal = clean_identifier(payload.get("ConvertedOpportunityId"))
    if deal:
        origin = record_key(context.source, "Opportunity", deal)
        to_record = output.rows["person"][0]["record"]
        began = staged_row(
            "relation", context, deal, kind="party", from_record=origin, to_record=to_record, role="Lead"
        )
        output.rows.setdefault("relation", []).append(began)


def opportunity(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Status in words, and the account and contact it stands with; further parties come with their own objects."""
    row = output.rows["deal"][0]
    if payload.get("IsWon"):
        row["status"] = "won"
    else:
        row["status"] = "lost" if payload.get("IsClosed") else "open"
    relate("party", payload.get("AccountId"), context, output, "Account")
    relate("party", payload.get("ContactId"), context, output, "Contact")
    changes = _stage_changes(payload, row["record"], context, output)
    if changes:
        output.rows["deal_stage_change"] = changes


def _stage_changes(
    payload: dict[str, Any], deal: str, context: Context, output: StagedOutput
) -> list[dict[str, Any]]:
    """When the deal entered each stage. Its history has a row for every change of amount and close date as well."""
    changes: list[dict[str, Any]] = []
    for entry in sorted(
        children_of(payload, "OpportunityHistories"), key=lambda one: str(one.get("CreatedDate"))
    ):
        try:
            stage, at = clean_line(entry.get("StageName")), clean_time(entry.get("CreatedDate"))
        except Unreadable as unreadable:
            sample = sample_of(entry.get("CreatedDate"))
            output.findings.append(Finding(unreadable.code, "OpportunityHistories.CreatedDate", sample))
            continue
        if stage and at and (not changes or changes[-1]["stage"] != stage):
            part = clean_identifier(entry.get("Id")) or f"{stage}@{at}"
            values = {"deal_record": deal, "stage": stage, "changed_at": at, "created_at": at}
            changes.append(staged_row("deal_stage_change", context, part, **values))
    return changes


def children_of(payload: dict[str, Any], relation: str) -> list[dict[str, Any]]:
    """The rows read together with a record, under the name of their child relationship."""
    children = payload.get(relation)
    found = children.get("records") if isinstance(children, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def party(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A role of somebody in an opportunity."""
    del payload, context
    output.rows["relation"][0]["kind"] = "party"


def contract(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A title people recognize, and the description below the special terms."""
    del context
    row = output.rows["agreement"][0]
    row["kind"] = "contract"
    number = clean_line(payload.get("ContractNumber"))
    if row["title"] == number:
        row["title"] = f"Contract {number}" if number else "Contract"
    parts = (row["text"], clean_text(payload.get("Description")))
    row["text"] = "\n\n".join(part for part in parts if part) or None


def user(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Colleagues only: who signs in to a partner portal is no colleague. Users who have left stay as history."""
    row = output.rows["colleague"][0]
    if (payload.get("UserType") or STANDARD) != STANDARD:
        del output.rows["colleague"]
        return
    row["name"] = row["name"] or row["email"]
    row["active"] = bool(row["active"]) and context.deleted_at is None


def registration(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The end customer in the name, the status in words, and the accounts and contacts it points to."""
    row = output.rows["deal"][0]
    customer = clean_line(payload.get("End_Customer__c"))
    if customer:
        row["name"] = f"{customer} ({row['name']})"
    row["deal_type"] = row["deal_type"] or REGISTERED
    row["status"] = REGISTRATION_STATUS.get((row["stage"] or "").casefold(), "open")
    for _, value in lookups(payload):
        if value[:3] in PARTY_PREFIXES:
            relate("party", value, context, output)


def lookups(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """(field, id) of every reference to an object whose ids are known by their beginning, by field name."""
    return [
        (name, value)
        for name, value in sorted(payload.items())
        if name != "Id" and isinstance(value, str) and value[:3] in STREAM_OF_PREFIX and is_id(value)
    ]


def is_id(value: str) -> bool:
    """Whether a text has the form of an 18-character id."""
    return len(value) == 18 and value.isascii() and value.isalnum()  # noqa: PLR2004 - the length of an id
