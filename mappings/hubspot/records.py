"""What rows cannot say about HubSpot's companies, contacts, deals and owners."""

from __future__ import annotations

from typing import Any

from mappings.clean.names import clean_person_name
from mappings.clean.scalars import clean_boolean
from mappings.clean.text import clean_line
from mappings.clean.times import clean_time
from mappings.clean.unreadable import Unreadable
from mappings.compile import staged_row
from mappings.rows import Context, Finding, StagedOutput
from mappings.validate import sample_of

CLOSED_STAGES = {"closedwon": "won", "closedlost": "lost"}
"""Ids of the default pipeline's closed stages; other pipelines say it in `hs_is_closed` and `hs_is_closed_won`."""
ENTERED_STAGE = ("hs_v2_date_entered_", "hs_date_entered_")


def properties_of(payload: dict[str, Any]) -> dict[str, Any]:
    """The object's properties; empty where there are none."""
    properties = payload.get("properties")
    return properties if isinstance(properties, dict) else {}


def company(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """The second address line belongs to the street."""
    del context
    second = clean_line(properties_of(payload).get("address2") or "")
    if second:
        row = output.rows["organization"][0]
        row["street"] = f"{row['street']}, {second}" if row["street"] else second


def contact(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """A person's whole name from its two halves."""
    del payload, context
    row = output.rows["person"][0]
    row["name"] = " ".join(part for part in (row["given_name"], row["family_name"]) if part) or None


def owner(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Name, team and whether the user is still active. Archived owners stay as history."""
    row = output.rows["colleague"][0]
    halves = (clean_person_name(payload.get(half)) for half in ("firstName", "lastName"))
    row["name"] = " ".join(half for half in halves if half) or row["email"]
    row["active"] = not payload.get("archived") and context.deleted_at is None
    teams = [team for team in payload.get("teams") or [] if isinstance(team, dict)]
    teams.sort(key=lambda team: not team.get("primary"))
    row["team"] = clean_line(teams[0].get("name")) if teams else None


def deal(payload: dict[str, Any], context: Context, output: StagedOutput) -> None:
    """Status in words, the deployment's currency where the deal names none, and the stages it went through."""
    row = output.rows["deal"][0]
    properties = properties_of(payload)
    if row["amount_minor"] is not None and row["currency"] is None:
        row["currency"] = context.settings.get("default_currency")
    if _says_yes(properties.get("hs_is_closed_won")):
        row["status"] = "won"
    elif _says_yes(properties.get("hs_is_closed")):
        row["status"] = "lost"
    else:
        row["status"] = CLOSED_STAGES.get(row["stage"] or "", "open")
    changes = _stage_history(payload) or _stages_entered(properties)
    seen: dict[str, dict[str, Any]] = {}
    for stage, moment in changes:
        change = _stage_change(stage, moment, row["record"], context, output)
        if change:
            seen[change["record"]] = change
    if seen:
        output.rows["deal_stage_change"] = list(seen.values())


def _stage_history(payload: dict[str, Any]) -> list[tuple[object, object]]:
    """(stage, when) from `propertiesWithHistory`, where it was asked for."""
    history = payload.get("propertiesWithHistory")
    entries = history.get("dealstage") if isinstance(history, dict) else None
    if not isinstance(entries, list):
        return []
    return [(entry.get("value"), entry.get("timestamp")) for entry in entries if isinstance(entry, dict)]


def _stages_entered(properties: dict[str, Any]) -> list[tuple[object, object]]:
    """(stage, when it was last entered) from the properties HubSpot keeps per stage; the newer family wins."""
    found: dict[str, object] = {}
    for prefix in reversed(ENTERED_STAGE):
        for name, value in properties.items():
            if name.startswith(prefix) and value:
                found[name.removeprefix(prefix)] = value
    return sorted(found.items())


def _stage_change(
    stage: object, moment: object, deal: str, context: Context, output: StagedOutput
) -> dict[str, Any] | None:
    try:
        code, changed_at = clean_line(stage), clean_time(moment)
    except Unreadable as unreadable:
        output.findings.append(Finding(unreadable.code, "dealstage", sample_of(moment)))
        return None
    if not code or not changed_at:
        return None
    part = f"{code}@{changed_at}"
    return staged_row("deal_stage_change", context, part, deal_record=deal, stage=code, changed_at=changed_at)


def _says_yes(value: object) -> bool:
    try:
        return bool(clean_boolean(value))
    except Unreadable:
        return False
