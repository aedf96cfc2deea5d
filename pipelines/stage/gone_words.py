"""What people are told about fields that went away: since when, what took their place, what to write where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.problems import Problem
from pipelines.stage.field_notes import accepting, listed, tell_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.stage.lost import Lost
    from warehouse.database import Connection

GONE, RENAMED = CODES = ("field_gone", "field_renamed")
"""Codes of the problems told here."""
SHEETS: Final = "sheets"
RELATION: Final = "relation"
NO_FIELDS: Final = frozenset(
    {RELATION, "person", "touchpoint", "document", "passage", "identifiers", "record"}
)
"""What a field may fill that is no field of a staged row."""


def tell_gone(
    connection: Connection,
    place: tuple[str, str],
    connector: str,
    told: Iterable[Lost],
    run: tuple[str, str],
) -> None:
    """Open a problem for each lost field, close those that are lost no more. What stands already is left alone."""
    tell_fields(connection, place, [problem(place, connector, lost) for lost in told], CODES, run)


def problem(place: tuple[str, str], connector: str, lost: Lost) -> Problem:
    """One lost field as a problem row."""
    renamed = lost.field.gone_since_at is None
    return Problem(
        severity="warning" if lost.held else "finding",
        stage="stage",
        source=place[0],
        stream=place[1],
        code=RENAMED if renamed else GONE,
        field=lost.field.name,
        happened=renamed_words(place[1], lost) if renamed else gone_words(place[1], lost),
        do=renamed_remedy(place[0], lost) if renamed else gone_remedy(place, connector, lost),
    )


def renamed_words(stream: str, lost: Lost) -> str:
    """What happened to a field that people call otherwise now."""
    field = lost.field
    return (
        f"The field {field.former_label} of {stream} ({field.name}) is called {field.label} now. It fills"
        f" {listed(lost.fills)}; the hub goes on reading it by its former name."
    )


def renamed_remedy(source: str, lost: Lost) -> str:
    """What to write for a field that is called otherwise."""
    return (
        f"If it means the same, write `partner_field: {lost.field.label}` under `sources: {source}:` in"
        " partnerhub.yaml, then sync."
    )


def gone_words(stream: str, lost: Lost) -> str:
    """What happened to a field that is no longer there, and to what it filled."""
    field = lost.field
    called = field.name if field.label == field.name else f"{field.name} ({field.label})"
    words = [f"The field {called} of {stream} is gone since {(field.gone_since_at or '')[:10]}."]
    if lost.twin:
        words.append(
            f"{lost.twin} is new and holds the same values in {lost.same} of {lost.compared} records."
        )
    elif lost.fresh:
        words.append(f"New since the first sync: {listed(lost.fresh)}.")
    filled = listed(lost.fills)
    if lost.held:
        others = f"; new ones take that of {lost.twin}" if lost.twin else ""
        words.append(f"It filled {filled}: records keep the last value they had in it{others}.")
    else:
        words.append(f"It filled {filled}; its values go by the new name now.")
    return " ".join(words)


def gone_remedy(place: tuple[str, str], connector: str, lost: Lost) -> str:
    """What to write for a field that is no longer there."""
    source, stream = place
    if not lost.held:
        return "Nothing, if the new name is right. Rules in partnerhub.yaml that use the old one have to be changed."
    twin = lost.twin or "NEW_FIELD"
    target = next((name for name in lost.fills if name not in NO_FIELDS), "")
    under = f"under `sources: {source}:` in partnerhub.yaml"
    if RELATION in lost.fills and (not target or target.startswith("custom.")):
        row = f"write `partner_field:` with its name {under}"
    elif connector == SHEETS:
        row = f"write `columns: {{{target}: {twin}}}` {under}"
    else:
        row = f"write `fields: {{{stream}: {{{target}: {twin}}}}}` {under}"
    asked = "Map the new field" if lost.twin else "If another field took its place, map it"
    let_go = accepting(place, lost.field.name)
    return f"{asked}: {row}, then sync. Or give its values up: `{let_go}`."
