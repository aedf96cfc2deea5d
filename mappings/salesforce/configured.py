"""Objects a deployment names in `objects:` with what their records are: rows by the names fields usually have.

Whatever a row does not find stays a field of its own, and `fields:` in partnerhub.yaml says where else to look. What a
record points to becomes its relations: ids of accounts, people, deals, cases and contracts are told by their beginning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from mappings.canonical import record_key
from mappings.compile import JSON
from mappings.rows import Context, Extra, Row, StagedOutput, StreamMapping
from mappings.salesforce.fields import BOOKKEEPING, CURRENCY, OWNER, STAMPS
from mappings.salesforce.records import REGISTRATION_STATUS, STREAM_OF_PREFIX, lookups, relate

RAW: Final = "raw"
CREATED: Final = "CreatedDate"
TOUCHPOINTS: Final = ("meeting", "call", "note")


def usual(target: str, clean: str, names: str) -> tuple[Row, ...]:
    """A row for each usual name of a field, as a custom field and as a standard one."""
    return tuple(Row(target, form, clean) for name in names.split() for form in (f"{name}__c", name))


TITLE: Final = "Subject Title Name"
TEXT: Final = "Description Notes Summary Comments Details"
DUE: Final = "Due_Date Due_On Due Deadline Target_Date ActivityDate"
DONE: Final = "Completed_On Completed_Date Completion_Date Done_On Closed_On Closed_Date ClosedDate"
STATUS: Final = "Status Stage State"
AMOUNT: Final = (
    "Amount Value Total_Value Contract_Value Estimated_Value Requested_Amount Budget Total TotalAmount"
)
STARTS: Final = "Start_Date Starts_On Effective_Date Signed_On Signature_Date StartDate EffectiveDate"
ENDS: Final = "End_Date Ends_On Expiration_Date Expiry_Date Expires_On Valid_Until EndDate"
HAPPENED: Final = (
    "Happened_On Start_Time Start Starts_At Meeting_Date Visit_Date Call_Date Event_Date Date Start_Date "
    "StartDateTime ActivityDate CreatedDate"
)

ROWS: Final[dict[str, tuple[Row, ...]]] = {
    "organization": (
        Row("name", "Name", "name", required=True),
        *usual("legal_name", "name", "Legal_Name"),
        *usual("website", "website", "Website Web_Site URL Domain"),
        *usual("email", "email", "Email"),
        *usual("phone", "phone", "Phone"),
        *usual("street", "street", "Street BillingStreet"),
        *usual("city", "line", "City BillingCity"),
        *usual("postcode", "postcode", "Postal_Code Zip BillingPostalCode"),
        *usual("country", "country", "Country BillingCountry"),
        *usual("tier", "line", "Tier Partner_Tier Level"),
        *usual("status", "line", STATUS),
        *usual("renews_on", "date", "Renewal_Date Renews_On"),
        *usual("reviewed_on", "date", "Last_Review Last_Review_Date"),
        *usual("description", "text", TEXT),
    ),
    "person": (
        *usual("name", "person_name", "Full_Name Name"),
        *usual("given_name", "person_name", "First_Name FirstName"),
        *usual("family_name", "person_name", "Last_Name LastName"),
        *usual("email", "email", "Email Email_Address"),
        *usual("phone", "phone", "Phone"),
        *usual("mobile", "phone", "Mobile MobilePhone"),
        *usual("title", "line", "Job_Title Title"),
    ),
    "deal": (
        *usual("name", "name", "Deal_Name Title"),
        Row("name", "Name", "name", required=True),
        CURRENCY,
        *usual("amount_minor", "money", AMOUNT),
        *usual("stage", "line", "Stage Status"),
        *usual("close_date", "date", "Close_Date Expected_Close_Date CloseDate"),
        *usual("deal_type", "line", "Type"),
    ),
    "agreement": (
        *usual("title", "line", "Title Subject Name"),
        CURRENCY,
        *usual("amount_minor", "money", AMOUNT),
        *usual("starts_on", "date", STARTS),
        *usual("ends_on", "date", ENDS),
        *usual("renews_on", "date", "Renewal_Date Renews_On"),
        *usual("reviewed_on", "date", "Last_Review Last_Review_Date"),
        *usual("status", "line", STATUS),
        *usual("kind", "line", "Type"),
        *usual("text", "text", "Special_Terms Terms " + TEXT),
    ),
    "commitment": (
        *usual("title", "line", TITLE),
        *usual("promised_on", "date", "Promised_On Promised_Date Agreed_On " + STARTS),
        *usual("due_on", "date", DUE + " " + ENDS),
        *usual("done_on", "date", DONE),
        *usual("status", "line", STATUS),
        *usual("text", "text", TEXT),
    ),
    "work_item": (
        *usual("title", "line", TITLE),
        *usual("due_at", "time", DUE),
        *usual("done_at", "time", DONE),
        *usual("status", "line", STATUS),
        *usual("priority", "line", "Priority"),
        *usual("text", "text", TEXT),
    ),
    "touchpoint": (
        *usual("happened_at", "time", HAPPENED),
        *usual("ended_at", "time", "End_Time End Ends_At EndDateTime"),
        *usual("subject", "line", TITLE),
        *usual("status", "line", STATUS),
        *usual("text", "text", TEXT),
    ),
}
"""What records may be → where its fields usually stand, best first."""

KINDS: Final = (*(kind for kind in ROWS if kind != "touchpoint"), *TOUCHPOINTS)
"""What `objects:` may say an object's records are, beside `raw`."""
RELATION: Final = {"organization": "related", "person": "works_at", "deal": "party"}
"""Kind → the relation to what its records point to; others are about it."""
HELD_IN_ROW: Final = {
    "agreement": {"Account": "organization_record"},
    "commitment": {"Account": "organization_record", "Contract": "agreement_record"},
}
"""Kind → object → the field that names the record pointed to, where a row has one."""


def configured(settings: Mapping[str, Any]) -> dict[str, StreamMapping]:
    """The streams of `objects:` that say what their records are."""
    said = settings.get("objects")
    named = said.items() if isinstance(said, Mapping) else ()
    return {str(name): _mapping(str(name), str(kind)) for name, kind in named if kind in {RAW, *KINDS}}


def _mapping(name: str, kind: str) -> StreamMapping:
    if kind == RAW:
        return StreamMapping(None)
    staged = "touchpoint" if kind in TOUCHPOINTS else kind
    rows = (*ROWS[staged], OWNER, *STAMPS)
    completer = _completer(staged, kind, words_of(name))
    return StreamMapping(staged, rows, ignored=BOOKKEEPING, extra=completer, makes=("relation",))


def words_of(name: str) -> str:
    """What an object is called, by its API name: `Fund_Request__c` is a fund request; a package's prefix goes."""
    return name.removesuffix("__c").rpartition("__")[2].replace("_", " ").strip().lower()


def _completer(staged: str, kind: str, words: str) -> Extra:
    completer = partial(_complete, staged, kind, words)
    completer.__name__ = completer.__qualname__ = f"object_as_{kind}"  # type: ignore[attr-defined]  # shown by `mappings`
    completer.__module__ = __name__
    return completer


def _complete(
    staged: str, kind: str, words: str, payload: dict[str, Any], context: Context, output: StagedOutput
) -> None:
    """What rows cannot say: which kind of thing it is, and what it points to."""
    row = output.rows[staged][0]
    if staged in {"work_item", "agreement"}:
        row["kind"] = row["kind"] or words
    elif staged == "touchpoint":
        row["kind"] = kind
    elif staged == "deal":
        row["deal_type"] = row["deal_type"] or words.capitalize()
        row["status"] = REGISTRATION_STATUS.get((row["stage"] or "").casefold(), "open")
    elif staged == "person":
        halves = (row["given_name"], row["family_name"])
        row["name"] = row["name"] or " ".join(half for half in halves if half) or None
    if staged in {"work_item", "agreement", "commitment"}:
        row["title"] = row["title"] or words.capitalize()
    found = lookups(payload)
    for _, target in found:
        _point(staged, target, row, context, output)
    _tidy(row, _outdone(staged, payload), {name for name, _ in found})


def _outdone(staged: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Values of usual names for which a better name has the say: they stay fields of their own."""
    won: set[str] = set()
    left = {}
    for row in ROWS[staged]:
        value = payload.get(row.path)
        if value in (None, "") or row.path in BOOKKEEPING or row.path == CREATED:
            continue
        if row.target in won:
            left[row.path] = value
        won.add(row.target)
    return left


def _point(staged: str, target: str, row: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """One record it points to: in the row where there is a place for it, else as a relation."""
    stream = STREAM_OF_PREFIX[target[:3]]
    record = record_key(context.source, stream, target)
    place = HELD_IN_ROW.get(staged, {}).get(stream)
    if place and row[place] is None:
        row[place] = record
        return
    if staged == "touchpoint" and stream in {"Contact", "Lead"}:
        position = len(output.participants)
        output.participants.append((row["record"], position, "attendee", None, None, record))
    if staged != "person" or stream == "Account":
        relate(RELATION.get(staged, "about"), target, context, output)


def _tidy(row: dict[str, Any], further: dict[str, Any], names: set[str]) -> None:
    """Put further fields among the record's own; what became a relation is none."""
    fields = json.loads(row["custom_json"]) if row["custom_json"] else {}
    kept = {name: value for name, value in (fields | further).items() if name not in names}
    row["custom_json"] = JSON(kept) if kept else None
