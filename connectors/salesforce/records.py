"""From Salesforce's rows to source records. Runs once per record, so it is kept short."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from connectors.record import Op, SourceRecord, utc_text
from connectors.salesforce.ids import LONG, SHORT, long_id
from connectors.salesforce.shapes import Shape

USUAL_LENGTH: Final = len("2026-01-31T12:00:00.000+0000")
USUAL_ENDING: Final = "+0000"


def records_of(items: list[Any], shape: Shape, horizon: str) -> list[SourceRecord]:
    """Rows as records: alive, in the recycle bin, or merged into another. What is none is kept as malformed.

    References of 15 characters are made 18 in the rows themselves. horizon: UTC text; a stamp beyond it is no version
    (it would keep every later change out).
    """
    references, stamp = shape.references, shape.stamp
    records: list[SourceRecord] = []
    for item in items:
        found = item.get("Id") if isinstance(item, dict) else None
        if not isinstance(found, str) or not SHORT <= len(found) <= LONG:
            records.append(_malformed(item))
            continue
        for name in references:
            value = item.get(name)
            if value is not None and len(value) == SHORT:
                item[name] = long_id(value)
        version = version_of(item.get(stamp))
        if version is not None and version > horizon:
            version = None
        identifier = item["Id"]
        if not item.get("IsDeleted"):
            records.append(SourceRecord(identifier, item, version))
            continue
        winner = item.get("MasterRecordId")
        op = Op.MERGE if winner and winner != identifier else Op.DELETE
        records.append(
            SourceRecord(identifier, item, version, op, winner_id=winner if op is Op.MERGE else None)
        )
    return records


def _malformed(item: Any) -> SourceRecord:
    """What cannot be a record, kept as it came."""
    if not isinstance(item, dict):
        return SourceRecord("", {"value": item}, malformed="not_an_object")
    return SourceRecord("", item, malformed="no_id")


def version_of(text: object) -> str | None:
    """Salesforce's stamp as the hub's fixed-width UTC text, or None when there is none that can be read."""
    if not isinstance(text, str):
        return None
    if len(text) == USUAL_LENGTH and text[-5:] == USUAL_ENDING:
        return f"{text[:23]}000Z"
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return utc_text(when) if when.tzinfo else None


def literal_of(version: str) -> str:
    """A version as a SOQL literal, which has no microseconds."""
    return f"{version[:23]}Z"
