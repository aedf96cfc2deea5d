"""What source records said at a moment: staged rows as they stood, read off before-images (`staged_past`).

A row that did not change since is the row itself; of one that did, its oldest image that ended after the moment. What
landed later is not there. Of a moment before images were kept, a record that arrived anew until then says nothing but
whether its source had deleted it: what it said stands in its raw version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mappings.canonical import STAGED_KINDS
from warehouse.marts.moment import MOMENT, Kept, kept_since
from warehouse.marts.streams import PREFIX, type_of_field

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.marts.mart import Mart

STAGED: Final = "staged_"
KINDS: Final = {kind.kind_name: kind for kind in STAGED_KINDS}
PLACE: Final = ("record", "source", "stream")
"""Columns an image has of its own."""
ALWAYS: Final = ("source_id", "raw_id")
VERSIONS: Final = (
    "{base(raw_record)} n WHERE n.source = b.source AND n.stream = b.stream AND n.source_id = {id_of(b.record)}"
    f" AND n.landed_at <= {MOMENT}"
)
LANDED: Final = f"(a.landed_at IS NULL OR a.landed_at <= {MOMENT})"
"""The version a row was staged from had landed. What never landed is as old as the hub."""
KNOWN: Final = f"(a.landed_at IS NULL OR a.landed_at <= {MOMENT} OR EXISTS (SELECT 1 FROM {VERSIONS}))"
"""Some version of its record had."""
TOLD: Final = f"({LANDED} OR {kept_since('staged_past_since')} <= {MOMENT})"
"""Images are kept since then; a hub that was empty when they began has them all."""
VERSION: Final = f"(SELECT max(n.raw_id) FROM {VERSIONS} AND n.quarantine IS NULL)"
GONE: Final = (
    "(SELECT CASE WHEN n.op IN ('delete', 'merge', 'not_visible') THEN coalesce({time(n.version)}, n.landed_at) END"
    f" FROM {VERSIONS} ORDER BY n.raw_id DESC LIMIT 1)"
)
EVER: Final = {
    "touchpoint": ("source", "kind", "mailbox"),
    "document": ("parent_record",),
}
"""What tells whether something hangs on a mail, by staged kind: what once did is not shown of any moment."""


def rows_then(kind: str, columns: tuple[str, ...] = (), *, same: bool = False) -> str:
    """The rows of one staged kind at the moment.

    columns: only these, beside record, source, stream, source_id and raw_id. same: with `is_same`, whether a row said
    then what it says now.
    """
    listed = tuple(
        name
        for name in KINDS[kind].model_fields
        if name not in PLACE and (not columns or name in (*columns, *ALWAYS))
    )
    change = f"l.kind = '{kind}' AND l.record = b.record AND l.ended_at > {MOMENT}"
    changed = f"EXISTS (SELECT 1 FROM {{base(staged_past)}} l WHERE {change}"
    return (
        f"SELECT {shown(listed, 'b.{}'.format)}{f', {TOLD} AS is_same' if same else ''}"
        f" FROM {{base({STAGED}{kind})}} b LEFT JOIN {{base(raw_record)}} a ON a.raw_id = b.raw_id"
        f" WHERE NOT {changed}) AND {KNOWN}\n"
        f"UNION ALL SELECT {shown(listed, held_of(kind))}{', 1 = 0' if same else ''} FROM {{base(staged_past)}} b"
        f" LEFT JOIN {{base(raw_record)}} a ON a.raw_id = {held_of(kind)('raw_id')}"
        f" WHERE b.kind = '{kind}' AND b.was_there AND b.ended_at > {MOMENT}"
        f" AND NOT {changed} AND l.ended_at < b.ended_at) AND {KNOWN}"
    )


def held_of(kind: str) -> Callable[[str], str]:
    """How a value of an image of this kind is read."""
    fields = KINDS[kind].model_fields
    return lambda name: f"{{held(b.row_json, {name}, {type_of_field(name, fields[name].annotation)})}}"


def shown(listed: tuple[str, ...], value: Callable[[str], str]) -> str:
    """The columns of a staged row (`b`, staged from version `a`), where they are told."""
    return ", ".join(
        [*(f"b.{name}" for name in PLACE), *(f"{then(name, value(name))} AS {name}" for name in listed)]
    )


def then(name: str, value: str) -> str:
    """One column at the moment."""
    if name == "source_id":
        return value
    if name == "raw_id":
        return f"CASE WHEN {LANDED} THEN {value} ELSE {VERSION} END"
    return f"CASE WHEN {TOLD} THEN {value}{f' ELSE {GONE}' if name == 'deleted_at' else ''} END"


def ever(kind: str) -> str:
    """What every row of a kind says now and ever said, of the columns in EVER."""
    held = held_of(kind)
    now = ", ".join(f"b.{name}" for name in EVER[kind])
    once = ", ".join(f"b.{name}" if name in PLACE else held(name) for name in EVER[kind])
    return (
        f"SELECT b.record, {now} FROM {{base({STAGED}{kind})}} b"
        f" UNION ALL SELECT b.record, {once} FROM {{base(staged_past)}} b WHERE b.kind = '{kind}' AND b.was_there"
    )


def is_of_stream(mart: Mart) -> bool:
    """Whether a mart is the view of a stream."""
    return mart.name.startswith(PREFIX)


def of_stream(mart: Mart, name: str) -> Kept:
    """How the past of a staged table is kept for the view of a stream. Raises KeyError for any other table."""
    kind = name.removeprefix(STAGED)
    own, _, _ = mart.columns[0].of.partition(".")
    return Kept(rows=rows_then(kind) if name == own else ever(kind))
