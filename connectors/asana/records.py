"""From Asana's JSON objects to source records. Runs once per record, so it is kept short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.record import JsonObject, Op, Remedy, SourceRecord, utc_text

CLOCK_SLACK: Final = timedelta(hours=1)
"""Asana's servers may disagree about the time by less than this; a stamp further ahead is no version."""


REFUSED: Final = Remedy(
    do="Give the token's person access to this project in Asana, or name its gid in `leave_out_projects`.",
    happened="Asana lists this project and refuses its tasks; what the hub knows of them stays as it was.",
)


NOBODY: Final = Remedy(
    do="Correct `assignees` in the source's settings: `me`, or the address or gid of somebody in the workspace.",
    happened="Asana does not list the tasks of this person.",
)


def records_of(items: Iterable[Any], stamp: str | None, now: datetime) -> list[SourceRecord]:
    """Upserts for objects; `stamp` names the field that says when the source last changed them, if there is one."""
    horizon = utc_text(now + CLOCK_SLACK)
    return [_record(item, stamp, horizon) for item in items]


def _record(item: Any, stamp: str | None, horizon: str) -> SourceRecord:
    """One object as a record; what cannot be one is kept as malformed."""
    if not isinstance(item, dict):
        return SourceRecord("", {"value": item}, malformed="not_an_object")
    gid = gid_of(item)
    if not gid:
        return SourceRecord("", item, malformed="no_id")
    version = version_of(item.get(stamp)) if stamp else None
    return SourceRecord(gid, item, version if version and version <= horizon else None)


def gid_of(item: Any) -> str:
    """An object's id as text, empty where it has none."""
    found = item.get("gid") if isinstance(item, dict) else None
    if type(found) is int:  # never a bool, which is an int too
        return str(found)
    return found if isinstance(found, str) else ""


def version_of(text: object) -> str | None:
    """Asana's stamp as the hub's fixed-width UTC text, or None when there is none that can be read."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return utc_text(moment) if moment.tzinfo else None


def refused_project(gid: str, project: JsonObject, code: str) -> SourceRecord:
    """A record that stands for everything of a project that may not be read: nothing is missing silently."""
    said = {"gid": gid, "name": project.get("name"), "refused": code}
    return SourceRecord(place_of(gid), {"project": said}, malformed="project_refused", remedy=REFUSED)


def refused_assignee(gid: str, assignee: str, code: str) -> SourceRecord:
    """A record that stands for the tasks of a person that may not be read."""
    said = {"assignee": assignee, "refused": code}
    return SourceRecord(place_of(gid), said, malformed="assignee_refused", remedy=NOBODY)


def readable_again(gid: str) -> SourceRecord:
    """The end of such a record."""
    return SourceRecord(place_of(gid), None, op=Op.DELETE)


def place_of(gid: str) -> str:
    """The id of such a record; Asana's own are numbers, so it is nobody else's."""
    return f"project-{gid}"
