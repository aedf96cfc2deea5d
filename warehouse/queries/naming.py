"""What people call a source record: `HubSpot company 42`, `row 17 of partners.xlsx`, `Reviews/q3.pptx`."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.tables.raw import LIVE_OPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

ROW: Final = "_row"
FILE: Final = "_file"
GONE: Final = "_gone"
ENTERED: Final = "hub"
"""The source of what people enter by hand."""


class NamedSource(NamedTuple):
    """What is known about a source: what people call the system, and the account behind it."""

    title: str
    account: str | None
    unique: bool


def names_of(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    """Record key → what people call it. A key nobody knows answers as it is."""
    sources = named_sources(connection)
    return {record: name_of(connection, record, sources) for record in dict.fromkeys(records)}


def named_sources(connection: Connection) -> dict[str, NamedSource]:
    """Every source by name; `unique` where no other source has its title."""
    rows = connection.query("SELECT source, title, account FROM source")
    titles = Counter(title for _, title, _ in rows)
    return {source: NamedSource(title, account, titles[title] == 1) for source, title, account in rows}


def name_of(connection: Connection, record: str, sources: dict[str, NamedSource]) -> str:
    """One record's name. Part of a record (`#contact`) is named as `contact in …`."""
    key, _, part = record.partition("#")
    source, _, rest = key.partition("/")
    stream, _, source_id = rest.partition("/")
    source_id = source_id.replace("%23", "#")
    if source == ENTERED:
        name = f"entered by hand ({singular(stream)})"
    elif source not in sources or not source_id:
        return record
    else:
        row = place_in_file(connection, source, stream, source_id)
        name = name_in_file(row, source, sources) or name_in_system(stream, source_id, source, sources)
    # A passage is told from its other versions by a digest that says nothing to people.
    return f"{part.partition('~')[0].replace('-', ' ')} in {name}" if part else name


def place_in_file(connection: Connection, source: str, stream: str, source_id: str) -> dict[str, object]:
    """Where a row of a spreadsheet stands, or last stood (`_row`, among several files `_file`), and whether it is gone.

    A record that is a whole file has `_file` alone. Empty for anything else.
    """
    found = connection.query(
        "SELECT op, payload FROM raw_record WHERE source = ? AND stream = ? AND source_id = ? ORDER BY raw_id DESC",
        (source, stream, source_id),
    )
    payload = next((json.loads(bytes(content)) for _, content in found if content is not None), None)
    if not isinstance(payload, dict) or not {ROW, FILE} & payload.keys():
        return {}
    return {**payload, GONE: found[0][0] not in LIVE_OPS}


def name_in_file(row: dict[str, object], source: str, sources: dict[str, NamedSource]) -> str | None:
    """`row 17 of partners.xlsx` or `Reviews/q3.pptx`, `former …` once it is gone; None for what is neither."""
    if not row:
        return None
    former = "former " if row[GONE] else ""
    if ROW not in row:
        return f"{former}{row[FILE]}"
    return f"{former}row {row[ROW]} of {row.get(FILE) or sources[source].account or source}"


def name_in_system(stream: str, source_id: str, source: str, sources: dict[str, NamedSource]) -> str:
    """`HubSpot company 42`, with the source's name where several accounts are read."""
    known = sources[source]
    name = f"{known.title} {singular(stream)} {source_id}"
    return name if known.unique else f"{name} ({source})"


def singular(stream: str) -> str:
    """`companies` → `company`, `contact_notes` → `contact note`."""
    words = stream.replace("_", " ")
    return f"{words[:-3]}y" if words.endswith("ies") else words.removesuffix("s")
