"""HubSpot → staged records: companies, contacts, deals, owners, engagements, work items, associations."""

from __future__ import annotations

from typing import Final

from mappings.hubspot import activities, records
from mappings.hubspot.associations import ASSOCIATION_STREAMS, associations
from mappings.hubspot.properties import (
    BOOKKEEPING,
    CALL_DIRECTIONS,
    CALL_ROWS,
    COMPANY_ROWS,
    CONTACT_ROWS,
    DEAL_ROWS,
    EMAIL_ROWS,
    MAIL_DIRECTIONS,
    MEETING_ROWS,
    NOTE_ROWS,
    OWNER_IGNORED,
    OWNER_ROWS,
    TASK_ROWS,
    TICKET_ROWS,
)
from mappings.rows import Extra, Mapping, Row, StreamMapping

MAKES: Final = {"organization": ("relation",), "deal": ("deal_stage_change",)}
"""What the kinds of rows bring along."""


def _object(kind: str, rows: tuple[Row, ...], extra: Extra, *also_ignored: str) -> StreamMapping:
    return StreamMapping(
        kind,
        rows,
        base="properties",
        ignored=BOOKKEEPING | frozenset(also_ignored),
        extra=extra,
        makes=MAKES.get(kind, ()),
        codes={"mail_directions": MAIL_DIRECTIONS, "call_directions": CALL_DIRECTIONS},
    )


MAPPING = Mapping(
    connector="hubspot",
    streams={
        "owners": StreamMapping(
            "colleague",
            OWNER_ROWS,
            ignored=OWNER_IGNORED,
            extra=records.owner,
        ),
        "companies": _object("organization", COMPANY_ROWS, records.company, "address2"),
        "contacts": _object("person", CONTACT_ROWS, records.contact),
        "deals": _object("deal", DEAL_ROWS, records.deal),
        "notes": _object("touchpoint", NOTE_ROWS, activities.touchpoint("note")),
        "emails": _object("touchpoint", EMAIL_ROWS, activities.email),
        "meetings": _object("touchpoint", MEETING_ROWS, activities.meeting),
        "calls": _object("touchpoint", CALL_ROWS, activities.call),
        "tasks": _object("work_item", TASK_ROWS, activities.work_item("task")),
        "tickets": _object("work_item", TICKET_ROWS, activities.work_item("ticket")),
        **{
            name: StreamMapping(None, extra=associations(kind), makes=("relation",))
            for name, kind in ASSOCIATION_STREAMS.items()
        },
    },
)
