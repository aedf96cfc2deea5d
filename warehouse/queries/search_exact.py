"""Things named by what identifies them: an id (merged ones, too), a record, a vendor's id, an address, a number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from warehouse.queries.partners import surviving_id
from warehouse.search_words import digits_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BEGINNING_OF_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{0,12})?")
NUMBER: Final = re.compile(r"\+?[\d(][\d\s()/.-]{5,}")
SHORTEST_VENDOR_ID: Final = 3
CASELESS_BEGINNING: Final = 15
"""Characters of a Salesforce id that say it all; three more only check its case."""
MOST_LINKED: Final = 20
LINKED: Final = (
    ("organization", "SELECT organization_id FROM organization_link WHERE ended_at IS NULL AND {test}"),
    ("person", "SELECT person_id FROM person_link WHERE ended_at IS NULL AND {test}"),
    ("fact", "SELECT fact_id FROM fact_source WHERE {test}"),
)
KEYS: Final = (
    "SELECT DISTINCT k.kind, k.entity, k.normalized, coalesce(l.organization_id, p.person_id) FROM key k"
    " LEFT JOIN organization_link l ON l.record = k.record AND l.ended_at IS NULL"
    " LEFT JOIN person_link p ON p.record = k.record AND p.ended_at IS NULL"
    " WHERE k.normalized IN ({marks}) AND k.kind IN ('domain', 'host', 'email', 'phone', 'registry')"
    " AND k.entity IN ('organization', 'person') LIMIT 200"
)


class Named(NamedTuple):
    """Something named exactly. kind: organization, person or fact. line: what of it was named. value: as it stands."""

    kind: str
    id: str
    line: str
    value: str


def named(viewer: Viewer, connection: Connection, typed: str) -> list[Named]:
    """All that a text names exactly, each once, ids before addresses and numbers.

    May name what the viewer may not see: whoever shows it asks by `Viewer`.
    """
    found: dict[tuple[str, str], Named] = {}
    for each in (
        *by_id(viewer, connection, typed),
        *by_record(connection, typed),
        *by_key(connection, typed),
    ):
        found.setdefault((each.kind, each.id), each)
    return list(found.values())


def by_id(viewer: Viewer, connection: Connection, typed: str) -> Iterator[Named]:
    """What has this id, or once had it; eight characters, as pages show it, are enough for an organization."""
    text = typed.lower()
    if ID.fullmatch(text):
        survivor = surviving_id(viewer, connection, text)
        if survivor:
            yield Named("organization", survivor, "id" if survivor == text else "former_id", text)
        yield Named("person", text, "id", text)
        yield Named("fact", text, "id", text)
    elif BEGINNING_OF_ID.fullmatch(text):
        for (organization_id,) in connection.query(
            "SELECT organization_id FROM organization WHERE organization_id >= ? AND organization_id < ? LIMIT 5",
            (text, f"{text}g"),
        ):
            yield Named("organization", organization_id, "id", organization_id)


def by_record(connection: Connection, typed: str) -> Iterator[Named]:
    """What a source record belongs to, named by its key or by its vendor's id alone."""
    if "/" in typed and not typed.startswith(("http:", "https:")):
        yield from linked(connection, "record = ?", (typed,), typed)
    if len(typed) < SHORTEST_VENDOR_ID or any(each.isspace() for each in typed):
        return
    streams = connection.query("SELECT DISTINCT source, stream FROM cursor ORDER BY source, stream")
    records = tuple(f"{source}/{stream}/{typed}" for source, stream in streams)
    if records and len(typed) == CASELESS_BEGINNING:
        spans = tuple(edge for each in records for edge in (each, f"{each}~"))
        test = " OR ".join(["(record >= ? AND record < ?)"] * len(records))
        yield from linked(connection, f"({test})", spans, typed)
    elif records:
        yield from linked(connection, f"record IN ({', '.join('?' * len(records))})", records, typed)


def linked(connection: Connection, test: str, values: tuple[str, ...], typed: str) -> Iterator[Named]:
    """What some records belong to."""
    for kind, select in LINKED:
        for (found,) in connection.query(f"{select.format(test=test)} LIMIT {MOST_LINKED}", values):
            yield Named(kind, found, "record", typed)


def by_key(connection: Connection, typed: str) -> Iterator[Named]:
    """Who has this site, address or number."""
    values = list(dict.fromkeys(each for each in spelled(typed) if each))
    rows = connection.query(KEYS.format(marks=", ".join("?" * len(values))), values) if values else []
    for kind, entity, value, owner in sorted(rows, key=lambda row: (row[1], row[0], str(row[3]))):
        if owner:
            yield Named(entity, owner, kind, value)


def spelled(typed: str) -> Iterator[str]:
    """The ways in which an index may hold what somebody typed."""
    text = typed.strip()
    yield text
    yield text.lower()
    yield re.sub(r"[\s./-]", "", text).upper()
    if NUMBER.fullmatch(text):
        digits = digits_of(text)
        yield f"+{digits.removeprefix('00')}"
    if "." in text and not set("@[]") & set(text):
        host = urlsplit(text if "//" in text else f"//{text}").netloc.lower()
        yield host
        yield host.removeprefix("www.")
