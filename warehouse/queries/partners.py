"""How many partners there are, and finding one organization by whatever a person knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

COLUMNS: Final = (
    "o.organization_id, o.name, o.domain, o.city, o.country, o.tier, o.status, o.owner, o.record_count,"
    " (SELECT max(t.happened_at) FROM timeline t WHERE t.organization_id = o.organization_id"
    " AND t.entity = 'touchpoint') AS last_contact_at,"
    " EXISTS (SELECT 1 FROM partnership p WHERE p.organization_id = o.organization_id) AS partner"
)
IS_PARTNER: Final = "EXISTS (SELECT 1 FROM partnership p WHERE p.organization_id = o.organization_id)"
HOLDS_SITE: Final = (
    "o.organization_id IN (SELECT l.organization_id FROM key k JOIN organization_link l ON l.record = k.record"
    " WHERE k.entity = 'organization' AND k.kind IN ('domain', 'host') AND k.normalized = ? AND l.ended_at IS NULL)"
)
LONGEST_SEARCH: Final = 100
ASCII_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class ListedOrganization:
    """One organization in a list. last_contact_at: the newest touchpoint on its timeline."""

    organization_id: str
    name: str
    domain: str | None
    city: str | None
    country: str | None
    tier: str | None
    status: str | None
    owner: str | None
    record_count: int
    last_contact_at: str | None
    partner: bool


def count_partners(viewer: Viewer, connection: Connection) -> int:
    """How many organizations are on the partner list."""
    seen, ids = viewer.within("o.organization_id")
    found = connection.one(
        f"SELECT count(*) FROM organization o WHERE o.deleted_at IS NULL AND {IS_PARTNER} AND {seen}", ids
    )
    return int(found[0]) if found else 0


def find_organizations(
    viewer: Viewer, connection: Connection, text: str, limit: int = 10
) -> list[ListedOrganization]:
    """Organizations called, addressed or identified by `text`: an exact id, name or domain first, else a part of it.

    Else by a site or another name that one of its records has. Partners come before others. A merged id finds its
    survivor.
    """
    wanted = storable(text)
    names = spellings(wanted)
    exact = organizations_where(
        viewer,
        connection,
        f"(o.organization_id = ? OR o.domain = ? OR lower(o.name) IN ({', '.join('?' * len(names))}))",
        [surviving_id(viewer, connection, wanted) or wanted, wanted.lower(), *names],
        limit,
    )
    if exact or not wanted:
        return exact
    columns = ("o.name", "o.domain", "o.legal_name")
    return (
        organizations_where(viewer, connection, *mentions(columns, wanted), limit)
        or organizations_where(viewer, connection, HOLDS_SITE, [wanted.lower()], limit)
        or organizations_where(
            viewer, connection, *mentions(("CAST(o.other_names_json AS TEXT)",), wanted), limit
        )
    )


def organizations_where(
    viewer: Viewer, connection: Connection, test: str, values: list[str], limit: int
) -> list[ListedOrganization]:
    """Live organizations that pass a test; partners first, then by name."""
    seen, ids = viewer.within("o.organization_id")
    rows = connection.records(
        f"SELECT {COLUMNS} FROM organization o WHERE o.deleted_at IS NULL AND {test} AND {seen}"
        f" ORDER BY CASE WHEN {IS_PARTNER} THEN 0 ELSE 1 END, lower(o.name), o.organization_id LIMIT ?",
        (*values, *ids, limit),
    )
    return [listed(row) for row in rows]


def surviving_id(viewer: Viewer, connection: Connection, organization_id: str) -> str | None:
    """The id an organization answers by now: itself, or the end of its redirects; None for an unknown id."""
    current, seen = organization_id, {organization_id}
    while True:
        found = connection.one(
            "SELECT to_id FROM redirect WHERE from_id = ? AND ended_at IS NULL", (current,)
        )
        if found is None or found[0] in seen:
            break
        current = str(found[0])
        seen.add(current)
    known = connection.one("SELECT 1 FROM organization WHERE organization_id = ?", (current,))
    return current if known and viewer.may_see(current) else None


def mentions(columns: Sequence[str], text: str) -> tuple[str, list[str]]:
    """A test whether any of the columns holds a text, and its values."""
    patterns = [containing(each) for each in spellings(storable(text))]
    tests = [f"lower({column}) LIKE ? ESCAPE '!'" for column in columns for _ in patterns]
    return f"({' OR '.join(tests)})", patterns * len(columns)


def storable(text: str) -> str:
    """What a person typed as a text a database can take: neither NUL nor halves of characters, not too long."""
    return text.replace("\0", "").encode(errors="replace").decode().strip()[:LONGEST_SEARCH]


def spellings(text: str) -> list[str]:
    """The ways to write a text that the databases' `lower()` tells apart, as it folds A to Z only: Ö, ö."""
    cased = (text, text.lower(), text.upper(), text.title(), text.capitalize())
    return sorted({each.translate(ASCII_LOWER) for each in cased})


def containing(text: str) -> str:
    """A LIKE pattern for a part of a text, in which `!` escapes the wildcards."""
    return f"%{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"


def listed(row: dict[str, Any]) -> ListedOrganization:
    """A row of a list query."""
    fields = {name: row[name] for name in ListedOrganization.__slots__ if name != "partner"}
    return ListedOrganization(**fields, partner=bool(row["partner"]))


def partners_with_most_behind_them(
    viewer: Viewer, connection: Connection, limit: int = 5
) -> list[dict[str, Any]]:
    """The partners that most sources know, with how many records, people, deals and touchpoints they have."""
    seen, ids = viewer.within("o.organization_id")
    return connection.records(
        "SELECT o.organization_id, o.name, o.city, o.country, o.tier, o.record_count,"
        " (SELECT count(*) FROM person_organization w WHERE w.organization_id = o.organization_id) AS people,"
        " (SELECT count(*) FROM timeline t WHERE t.organization_id = o.organization_id AND t.entity = 'deal') AS deals,"
        " (SELECT count(*) FROM timeline t WHERE t.organization_id = o.organization_id"
        " AND t.entity = 'touchpoint') AS touchpoints,"
        " (SELECT max(t.happened_at) FROM timeline t WHERE t.organization_id = o.organization_id"
        " AND t.entity = 'touchpoint') AS last_contact_at"
        f" FROM organization o WHERE o.deleted_at IS NULL AND {IS_PARTNER} AND {seen}"
        " ORDER BY o.record_count DESC, touchpoints DESC, lower(o.name), o.organization_id LIMIT ?",
        (*ids, limit),
    )
