"""What the sources are called, and by what people call many of their records at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from warehouse.queries.completeness import raw_key
from warehouse.queries.naming import (
    ENTERED,
    FILE,
    GONE,
    ROW,
    NamedSource,
    name_in_file,
    name_in_system,
    named_sources,
    singular,
)
from warehouse.tables.raw import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

KINDS: Final = "SELECT source, connector, title, account FROM source"
PLACES: Final = """
WITH wanted (source, stream, source_id) AS (VALUES {rows})
SELECT c.source, c.stream, c.source_id, c.op, r.payload FROM wanted w
CROSS JOIN raw_current c CROSS JOIN raw_record r
WHERE c.source = w.source AND c.stream = w.stream AND c.source_id = w.source_id AND r.raw_id = c.raw_id
"""
MOST_PLACES: Final = 100
IN_FILES: Final = frozenset({"sheets", "decks"})
"""Connectors whose records stand in files that people know by name."""


@dataclass(frozen=True, slots=True)
class Face:
    """A source as a page shows it. title: the system, with its account where several are alike."""

    source: str
    connector: str
    title: str
    account: str | None


def faces(connection: Connection) -> dict[str, Face]:
    """Every source by name, what people enter here included."""
    rows = connection.query(KINDS)
    alike = {title for _, _, title, _ in rows if sum(title == other[2] for other in rows) > 1}
    found = {
        source: Face(source, connector, told_apart(account or source) if title in alike else title, account)
        for source, connector, title, account in rows
    }
    return found | {ENTERED: Face(ENTERED, ENTERED, "Entered here", None)}


def told_apart(account: str) -> str:
    """One of several accounts of a system; a mailbox by whose it is: our own domain tells nothing."""
    return f"Mail of {account.partition('@')[0]}" if "@" in account else account


def record_names(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    """Record key → what people call it, as `naming.names_of` says it, with one query for all of them.

    Beyond a hundred rows of files, further ones are named by their ids.
    """
    wanted, known = list(dict.fromkeys(records)), named_sources(connection)
    kinds = {source: connector for source, connector, *_ in connection.query(KINDS)}
    places = {record: raw_key(record) for record in wanted if record.count("/") > 1}
    in_files = {place for place in places.values() if kinds.get(place[0]) in IN_FILES}
    rows = read_places(connection, in_files) if in_files else {}
    return {record: said(record, places.get(record), rows, known) for record in wanted}


def read_places(
    connection: Connection, wanted: set[tuple[str, str, str]]
) -> dict[tuple[str, str, str], dict[str, object]]:
    """Where records of files stand: the payload's own words, and whether they are gone."""
    asked = sorted(wanted)[:MOST_PLACES]
    statement = PLACES.format(rows=", ".join(["(?, ?, ?)"] * len(asked)))
    found = {}
    for source, stream, source_id, op, payload in connection.query(
        statement, [part for each in asked for part in each]
    ):
        content = json.loads(bytes(payload)) if payload else {}
        stands = {name: content[name] for name in (ROW, FILE) if name in content}
        found[source, stream, source_id] = {**stands, GONE: op not in LIVE} if stands else {}
    return found


def said(
    record: str,
    place: tuple[str, str, str] | None,
    rows: dict[tuple[str, str, str], dict[str, object]],
    known: dict[str, NamedSource],
) -> str:
    """One record's name."""
    if place is None:
        return record
    source, stream, source_id = place
    part = record.partition("#")[2].partition("~")[0].replace("-", " ")
    if source == ENTERED:
        name = f"entered by hand ({singular(stream)})"
    elif source not in known:
        return record
    else:
        name = name_in_file(rows.get(place, {}), source, known) or name_in_system(
            stream, source_id, source, known
        )
    return f"{part} in {name}" if part else name
