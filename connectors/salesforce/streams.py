"""The facts about Salesforce's objects: which are read, what is never asked of them, limits. Behavior lives next door.

Limits: Salesforce's REST API Developer Guide, "Query", "Limits" and "Status Codes and Error Responses".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

from connectors.record import Stream

OVERLAP: Final = timedelta(minutes=5)
"""How far an incremental read looks back: rows of a long transaction appear with the stamp of its beginning."""

STAMP_PRECISION: Final = timedelta(seconds=1)
"""Salesforce stores stamps by the second, although it writes milliseconds."""

OBJECTS: Final = (
    "User",
    "Account",
    "Contact",
    "Lead",
    "Opportunity",
    "OpportunityHistory",
    "OpportunityContactRole",
    "OpportunityPartner",
    "Contract",
    "Task",
    "Event",
    "Case",
)
"""Objects read unless left out, referenced ones first."""

STAMPS: Final = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
"""Fields that can order an object by time; the first one it has is the cursor."""

COMPOUND: Final = frozenset({"address", "location"})
"""Field types that only repeat their parts, which are fields of their own."""

UNREADABLE_TYPES: Final = frozenset({"base64"})
"""Field types that a query may return for one record at a time only."""

NEVER_ASKED: Final = frozenset({"LastViewedDate", "LastReferencedDate"})
"""Fields that say when the hub's own user last looked: they differ from user to user and tell nothing."""

RELATED: Final = {
    "Task": ("Who.Type", "What.Type"),
    "Event": ("Who.Type", "What.Type"),
    "Account": ("RecordType.Name",),
    "Opportunity": ("RecordType.Name",),
}
"""What is asked beside an object's own fields: the objects an activity points to, names of record types."""


class Child(NamedTuple):
    """Rows read together with the one they belong to: their object, the field that points up, the fields to ask for."""

    object: str
    points_up: str
    fields: tuple[str, ...]


CHILDREN: Final = {
    "Task": (
        Child(
            "EmailMessage",
            "ActivityId",
            ("Id", "MessageIdentifier", "FromAddress", "FromName", "ToAddress", "CcAddress", "Subject"),
        ),
    ),
    "Event": (
        Child(
            "EventRelation",
            "EventId",
            ("Id", "RelationId", "Status", "Relation.Type", "Relation.Name", "Relation.Email"),
        ),
    ),
    "Opportunity": (Child("OpportunityHistory", "OpportunityId", ("Id", "StageName", "CreatedDate")),),
}
"""Object → what is asked together with it.

The mail behind a task that logged one: its Message-ID makes the task and the mailbox's copy one fact. Who was invited
to an event. What an opportunity went through, as a whole: a row of its history alone does not tell whether the stage
changed or the amount.
"""

VOLATILE: Final = {"User": ("LastLoginDate", "SmallPhotoUrl", "FullPhotoUrl", "MediumPhotoUrl")}
"""Object → fields in which a change alone is no new version: sign-ins and signed addresses."""

EXPECTED: Final = {
    "Account": ("Name", "Website", "Phone", "OwnerId", "ParentId", "Type"),
    "Contact": ("AccountId", "Email", "FirstName", "LastName"),
    "Lead": ("Company", "Email", "FirstName", "LastName"),
    "Opportunity": ("AccountId", "Amount", "CloseDate", "StageName"),
    "Task": ("Description", "Subject", "WhatId", "WhoId"),
    "Event": ("Description", "StartDateTime", "Subject", "WhatId", "WhoId"),
    "Case": ("AccountId", "Status", "Subject"),
    "Contract": ("AccountId", "EndDate", "StartDate", "Status"),
    "User": ("Email", "IsActive", "Name"),
}
"""Fields every org has and a partner record needs; `check` names those the user may not see."""

WITHOUT_PAGE: Final = frozenset({"OpportunityHistory", "OpportunityContactRole", "OpportunityPartner"})
"""Objects whose records have no page of their own in Salesforce."""

LARGEST_PAGE: Final = 2000
"""Records per answer of a query, and per retrieval by id."""

LONGEST_TARGET: Final = 12_000
"""Characters of an encoded query beyond which ids are read and the fields fetched by id.

Salesforce takes 16,384 bytes of address and headers together.
"""


def object_stream(name: str) -> Stream:
    """How one object declares itself.

    Deleted and merged records show in the same query (`queryAll`) while they lie in the recycle bin; afterwards they
    are missing from a complete reading.
    """
    return Stream(
        name,
        mode="incremental",
        primary_key="Id",
        cursor_field=STAMPS[0],
        precision=STAMP_PRECISION,
        overlap=OVERLAP,
        volatile=VOLATILE.get(name, ()),
        deletes="absence",
        merges=True,
    )
