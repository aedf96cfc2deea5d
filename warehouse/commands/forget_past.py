"""Blank what before-images and versions of stages hold of a redacted record: what it said, names, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mappings.canonical import STAGED_KINDS
from warehouse.commands.forget_words import parts_of
from warehouse.commands.history import BLANKED

if TYPE_CHECKING:
    from warehouse.database import Connection

OWN: Final = "(record = ? OR record LIKE ? ESCAPE '!')"
COLLEAGUES: Final = (
    "SELECT colleague_id FROM colleague_record WHERE record = ?"
    " UNION SELECT colleague_id FROM colleague_record_past WHERE record = ? AND was_there"
)
PERSONS: Final = f"SELECT person_id FROM person_link WHERE {OWN}"
FACTS: Final = (
    "SELECT fact_id FROM fact_source WHERE record = ?"
    " UNION SELECT fact_id FROM fact_source_past WHERE record = ? AND was_there"
)
OWN_ROLES: Final = (
    f"SELECT person_id, organization_id, role FROM person_organization WHERE {OWN}"
    f" UNION SELECT person_id, organization_id, role FROM person_organization_past WHERE {OWN}"
)
FORGET_ROLE: Final = (
    "DELETE FROM person_organization_past WHERE person_id = ? AND organization_id = ? AND role = ?"
)
FORGET_STAGED: Final = (
    "DELETE FROM staged_past WHERE kind = ? AND (record = ? OR (record >= ? AND record < ?))"
)
ROLES: Final = (
    ("person_organization", ("person_id", "organization_id"), "record", ""),
    ("fact_link", ("fact_id", "anchor"), "stated_by", "party"),
)
"""Tables whose key holds a role in a source's words: what else is in the key, who says it, and what stands for none."""


def forget_past(connection: Connection, record: str) -> None:
    """Blank it, and what the publication that follows would keep of the rows that stand. Twice is harmless.

    Expects the record's staged rows to be gone, and its place among facts, persons and colleagues to be there still.
    """
    own = (record, parts_of(record))
    for kind in STAGED_KINDS:
        connection.execute(FORGET_STAGED, (kind.kind_name, record, f"{record}#", f"{record}$"))
    for name in ("colleague", "colleague_past"):
        connection.execute(
            f"UPDATE {name} SET name = NULL, email = NULL, team = NULL WHERE colleague_id IN ({COLLEAGUES})",
            (record, record),
        )
    for name in ("person", "person_past"):
        connection.execute(
            f"UPDATE {name} SET name = NULL, email = NULL, phone = NULL, title = NULL WHERE person_id IN ({PERSONS})",
            own,
        )
    connection.execute_many(FORGET_ROLE, connection.query(OWN_ROLES, own * 2))
    connection.execute(
        f"UPDATE timeline_past SET role = NULL WHERE role IS NOT NULL AND fact_id IN ({FACTS})",
        (record, record),
    )
    connection.execute(f"UPDATE deal_stage_version SET stage = '{BLANKED}' WHERE {OWN}", own)
    for name, key, said_by, unsaid in ROLES:
        blank_roles(connection, name, key, OWN.replace("record", said_by), own, unsaid)


def blank_roles(
    connection: Connection, name: str, key: tuple[str, ...], where: str, own: tuple[str, str], unsaid: str
) -> None:
    """Let these rows say no role; one that says none already is enough."""
    same = " AND ".join(f"{column} = ?" for column in key)
    rows = connection.query(
        f"SELECT {', '.join(key)}, role FROM {name} WHERE {where} AND role <> ?", (*own, unsaid)
    )
    for *at, role in rows:
        if connection.one(f"SELECT 1 FROM {name} WHERE {same} AND role = ?", (*at, unsaid)):
            connection.execute(f"DELETE FROM {name} WHERE {same} AND role = ?", (*at, role))
        else:
            connection.execute(f"UPDATE {name} SET role = ? WHERE {same} AND role = ?", (unsaid, *at, role))
