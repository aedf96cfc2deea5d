"""From HubSpot's JSON objects to source records. Runs once per record, so it is kept short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from connectors.hubspot.streams import MERGED
from connectors.record import JsonObject, Op, SourceRecord, utc_text

USUAL_LENGTH: Final = len("2026-01-31T12:00:00.000Z")


def live_records(items: Iterable[Any], horizon: str) -> list[SourceRecord]:
    """Upserts for objects, and a merge for every record that an object has swallowed.

    horizon: UTC text; a stamp beyond it is no version (it would keep every later change out).
    """
    return _records(items, "updatedAt", Op.UPSERT, horizon)


def archived_records(items: Iterable[Any], horizon: str) -> list[SourceRecord]:
    """Deletes, stamped with the time of archiving: archiving leaves the modification time as it was.

    The winner of a merge may have been archived before anybody read the merge, so its losers are named here too.
    """
    return _records(items, "archivedAt", Op.DELETE, horizon)


def _records(items: Iterable[Any], stamp: str, op: Op, horizon: str) -> list[SourceRecord]:
    """A record for each item, each followed by those it has swallowed."""
    records: list[SourceRecord] = []
    usual, of_contacts = MERGED
    for item in items:
        record = _record(item, stamp, op, horizon)
        records.append(record)
        properties = item.get("properties") if record.malformed is None else None
        if isinstance(properties, dict) and (properties.get(usual) or properties.get(of_contacts)):
            winner = record.source_id
            losers = _losers(properties, record)
            records += [SourceRecord(loser, None, op=Op.MERGE, winner_id=winner) for loser in losers]
    return records


def _record(item: Any, stamp: str, op: Op, horizon: str) -> SourceRecord:
    """One object as a record; what cannot be one is kept as malformed."""
    if not isinstance(item, dict):
        return SourceRecord("", {"value": item}, malformed="not_an_object")
    found = item.get("id")
    if type(found) is int:  # never a bool, which is an int too
        found = str(found)
    if not found or not isinstance(found, str):
        return SourceRecord("", item, malformed="no_id")
    version = version_of(item.get(stamp) or item.get("updatedAt"))
    return SourceRecord(found, item, version if version and version <= horizon else None, op)


def version_of(text: object) -> str | None:
    """HubSpot's stamp as the hub's fixed-width UTC text, or None when there is none that can be read."""
    if not isinstance(text, str):
        return None
    if len(text) == USUAL_LENGTH and text[-1] == "Z" and text[-5] == ".":
        return text[:-1] + "000Z"
    try:
        return utc_text(datetime.fromisoformat(text))
    except ValueError:
        return None


def _losers(properties: JsonObject, winner: SourceRecord) -> list[str]:
    """The ids a winner lists as merged into it, each once, itself left out."""
    listed = ";".join(str(properties.get(name) or "") for name in MERGED)
    ids = (part.partition(":")[0].strip() for part in listed.split(";"))
    return [one for one in dict.fromkeys(ids) if one and one != winner.source_id]
