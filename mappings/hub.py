"""The hub's own source → staged records: what people entered by hand (calls, agreements, partners, relations, …)."""

from __future__ import annotations

from typing import Any

from mappings.compile import staged_row
from mappings.rows import Context, Mapping, Row, StagedOutput, StreamMapping

ROLE_OF_OTHERS = "attendee"
STAMPS = (Row("created_at", "entered_at", "time"), Row("modified_at", "entered_at", "time"))
ABOUT = frozenset({"about", "actor"})
"""Read by `touchpoint` and `belongs_to`; who entered it stays in raw."""


def touchpoint(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """What an entry is about, as relations, and who took part: an address, a person's record, or a name alone."""
    row = output.rows["touchpoint"][0]
    output.rows["relation"] = [
        staged_row("relation", context, target, kind="about", from_record=row["record"], to_record=target)
        for target in sorted({str(target) for target in payload.get("about") or []})
    ]
    for position, person in enumerate(payload.get("participants") or []):
        said = person if isinstance(person, dict) else {"address": person}
        address = str(said.get("address") or "").strip().lower() or None
        output.participants.append(
            (row["record"], position, ROLE_OF_OTHERS, address, said.get("name"), said.get("record"))
        )


def belongs_to(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The organization an agreement or commitment is with: the first record it names."""
    del context
    about = sorted(str(target) for target in payload.get("about") or [])
    for rows in (output.rows.get("agreement"), output.rows.get("commitment")):
        for row in rows or []:
            row["organization_record"] = about[0] if about else None


def relation(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """How a person says that two organizations of one family stand to each other; nothing once it is withdrawn."""
    if payload.get("withdrawn"):
        return
    stated = {"kind": payload["kind"], "from_record": payload["from"], "to_record": payload["to"]}
    output.rows["relation"] = [staged_row("relation", context, **stated)]


MAPPING = Mapping(
    connector="hub",
    streams={
        "touchpoints": StreamMapping(
            "touchpoint",
            (
                Row("kind", "kind", "lower", required=True),
                Row("happened_at", "happened_at", "time", required=True),
                Row("ended_at", "ended_at", "time"),
                Row("subject", "subject", "line"),
                Row("text", "text"),
                Row("direction", "direction", "lower"),
                Row("mailbox", "actor"),
                *STAMPS,
            ),
            ignored=frozenset({"about", "participants"}),
            extra=touchpoint,
            version=2,
            makes=("relation",),
        ),
        "agreements": StreamMapping(
            "agreement",
            (
                Row("title", "title", "line", required=True),
                Row("kind", "kind", "lower"),
                Row("text", "text"),
                Row("starts_on", "starts_on", "date"),
                Row("ends_on", "ends_on", "date"),
                Row("renews_on", "renews_on", "date"),
                Row("reviewed_on", "reviewed_on", "date"),
                Row("status", "status", "line"),
                Row("amount_minor", "amount_minor", "integer"),
                Row("currency", "currency", "currency"),
                *STAMPS,
            ),
            ignored=ABOUT,
            extra=belongs_to,
        ),
        "commitments": StreamMapping(
            "commitment",
            (
                Row("title", "title", "line", required=True),
                Row("text", "text"),
                Row("promised_on", "promised_on", "date"),
                Row("due_on", "due_on", "date"),
                Row("done_on", "done_on", "date"),
                Row("status", "status", "line"),
                Row("agreement_record", "agreement_record"),
                *STAMPS,
            ),
            ignored=ABOUT | {"kind"},
            extra=belongs_to,
        ),
        "organizations": StreamMapping(
            "organization",
            (
                Row("name", "name", "line", required=True),
                Row("website", "website", "website"),
                Row("email", "email", "email"),
                Row("phone", "phone", "phone"),
                Row("street", "street", "line"),
                Row("city", "city", "line"),
                Row("postcode", "postcode", "postcode"),
                Row("country", "country", "country"),
                Row("tier", "tier", "line"),
                Row("notes", "notes"),
                *STAMPS,
            ),
            ignored=ABOUT | {"kind"},
        ),
        "relations": StreamMapping(None, extra=relation, makes=("relation",)),
    },
)
