"""HubSpot's association streams → relations, one per associated record."""

from __future__ import annotations

from typing import Any

from mappings.canonical import record_key
from mappings.clean.text import clean_identifier, clean_line
from mappings.compile import staged_row
from mappings.rows import Context, Extra, Finding, StagedOutput
from mappings.validate import sample_of

PARENT_TO_CHILD = "13"
CHILD_TO_PARENT = "14"
"""Type ids of the two directions between companies (HubSpot changelog, 11 September 2018)."""
ENGAGEMENTS = ("notes", "emails", "meetings", "calls", "tasks", "tickets")
ASSOCIATION_STREAMS = {
    "contacts_to_companies": "works_at",
    "companies_to_companies": "parent_of",
    "deals_to_companies": "party",
    "deals_to_contacts": "party",
    **{f"{one}_to_{other}": "about" for one in ENGAGEMENTS for other in ("companies", "contacts", "deals")},
}
"""Association stream → kind of relation it states."""


def associations(kind: str) -> Extra:
    """What turns one from-object with its ends into relations of a kind."""

    def relate(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
        """One relation per associated record, part by its id."""
        from_stream, _, to_stream = context.stream.partition("_to_")
        start = payload.get("from")
        from_id = clean_identifier(start.get("id")) if isinstance(start, dict) else None
        origin = record_key(context.source, from_stream, from_id or context.source_id)
        relations: dict[str, dict[str, Any]] = {}
        for end in payload.get("to") or []:
            to_id = clean_identifier(end.get("id", end.get("toObjectId"))) if isinstance(end, dict) else None
            if to_id is None:
                output.findings.append(Finding("unreadable_association", "to", sample_of(end)))
                continue
            ids, role = _association_types(end)
            other = record_key(context.source, to_stream, to_id)
            stated, pair = _direction(kind, ids, (origin, other))
            relations[to_id] = staged_row(
                "relation", context, to_id, kind=stated, from_record=pair[0], to_record=pair[1], role=role
            )
        if relations:
            output.rows["relation"] = [relations[to_id] for to_id in sorted(relations)]

    return relate


def _association_types(end: dict[str, Any]) -> tuple[set[str], str | None]:
    """Type ids and the labels people gave the association, as one text."""
    ids, labels = set(), []
    for entry in end.get("types") or end.get("associationTypes") or []:
        if isinstance(entry, dict):
            ids.add(str(entry.get("typeId", entry.get("associationTypeId", ""))))
            labels.append(clean_line(entry.get("label")))
        else:
            ids.add(str(entry))
    return ids, "; ".join(sorted({label for label in labels if label})) or None


def _direction(kind: str, ids: set[str], pair: tuple[str, str]) -> tuple[str, tuple[str, str]]:
    """Between companies the type id says who is the parent; two companies without it are merely related."""
    if kind != "parent_of":
        return kind, pair
    if PARENT_TO_CHILD in ids:
        return kind, pair
    return (kind, (pair[1], pair[0])) if CHILD_TO_PARENT in ids else ("related", pair)
