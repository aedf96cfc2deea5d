"""Blank what the hub once published of a redacted deal and no other record says: its former versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.commands.history import BLANKED

if TYPE_CHECKING:
    from warehouse.database import Connection

SAID: Final = ("name", "pipeline", "stage", "deal_type")
"""Fields that a source words; status, amount and days say nothing of anybody."""
COPIES: Final = (
    "SELECT o.record FROM fact_source s JOIN fact_source o ON o.fact_id = s.fact_id"
    " WHERE s.record = ? AND o.record <> s.record"
)


def blank_deals(connection: Connection, record: str) -> int:
    """Blank the versions of the deal of a record; returns how many rows changed. Twice is harmless.

    Expects the record's staged row to be gone, and its place among facts to be there still. What another record of the
    same deal says now may stay.
    """
    found = connection.one("SELECT fact_id FROM fact_source WHERE record = ?", (record,))
    if found is None:
        return 0
    others = [row[0] for row in connection.query(COPIES, (record,))]
    changed = 0
    for name in SAID:
        kept = {
            row[0]
            for other in others
            for row in connection.query(f"SELECT {name} FROM staged_deal WHERE record = ?", (other,))
            if row[0] is not None
        }
        blank = BLANKED if name == "name" else None
        marks = ", ".join("?" * len(kept))
        unless = f" AND {name} NOT IN ({marks})" if kept else ""
        changed += connection.execute(
            f"UPDATE deal_version SET {name} = ? WHERE fact_id = ? AND {name} IS NOT NULL"
            f" AND {name} <> ?{unless}",
            (blank, found[0], BLANKED, *sorted(kept)),
        )
    return changed
