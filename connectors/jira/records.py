"""From Jira's JSON objects to source records. Runs once per record, so it is kept short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from connectors.jira.client import each_dict
from connectors.record import JsonObject, SourceRecord, utc_text

EMPTY: Final[tuple[object, ...]] = (None, "", [], {})

CUSTOM: Final = "customfield_"


def plain_records(items: Iterable[Any], horizon: str, *, key: str = "id") -> list[SourceRecord]:
    """A record for each item, keyed by `key`, stamped by its `updated` or `created`; what cannot be one is malformed.

    horizon: UTC text; a stamp beyond it is no version (it would keep every later change out).
    """
    return [plain_record(item, horizon, key) for item in items]


def plain_record(item: Any, horizon: str, key: str = "id") -> SourceRecord:
    """One item as a record."""
    if not isinstance(item, dict):
        return SourceRecord("", {"value": item}, malformed="not_an_object")
    found = item.get(key)
    if type(found) is int:  # never a bool, which is an int too
        found = str(found)
    if not found or not isinstance(found, str):
        return SourceRecord("", item, malformed="no_id")
    return SourceRecord(found, item, _version(item.get("updated") or item.get("created"), horizon))


def issue_records(answer: JsonObject, horizon: str) -> list[SourceRecord]:
    """A record for each issue of a search. Its filled custom fields are named beside it, as Jira does with `names`.

    Without the names nobody could tell what `customfield_10042` is: they stand in the answer once, not in the issue.
    """
    names = answer.get("names")
    names = names if isinstance(names, dict) else {}
    records = []
    for item in answer["issues"]:
        record = plain_record(item, horizon)
        fields = item.get("fields") if isinstance(item, dict) else None
        if record.malformed is None and isinstance(fields, dict):
            used = {
                name: names[name]
                for name, value in fields.items()
                if name.startswith(CUSTOM) and value not in EMPTY and name in names
            }
            payload = {**item, "names": used} if used else item
            record = SourceRecord(record.source_id, payload, _version(fields.get("updated"), horizon))
        records.append(record)
    return records


def with_issue(items: Iterable[Any], issue: str) -> list[Any]:
    """Comments or changes with the id of the issue they belong to, which Jira names around them only."""
    return [{**item, "issueId": issue} if isinstance(item, dict) else item for item in items]


def changed_issues(answer: JsonObject) -> list[tuple[str, str]]:
    """(id, when changed) of the issues of a search that say both."""
    found = []
    for item in each_dict(answer["issues"]):
        fields = item.get("fields")
        changed = version_of(fields.get("updated")) if isinstance(fields, dict) else None
        if str(item.get("id", "")).isdecimal() and changed:
            found.append((str(item["id"]), changed))
    return found


def version_of(text: object) -> str | None:
    """Jira's stamp (`2026-08-31T14:59:01.123+0300`) as the hub's UTC text, or None when there is none to be read."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return utc_text(found) if found.tzinfo else None


def _version(text: object, horizon: str) -> str | None:
    found = version_of(text)
    return found if found and found <= horizon else None
