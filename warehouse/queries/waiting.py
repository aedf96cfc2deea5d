"""What waits for a person: domains that may be partners, and facts on no timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.database import Connection


def list_candidates(connection: Connection, limit: int = 50) -> list[dict[str, Any]]:
    """Unknown domains with a two-way conversation, the liveliest first."""
    return connection.records(
        "SELECT domain, inbound, outbound, people, first_at, last_at, sample_subject FROM candidate"
        " ORDER BY inbound + outbound DESC, domain LIMIT ?",
        (limit,),
    )


def count_attachment(connection: Connection) -> list[dict[str, Any]]:
    """How many facts there are by kind and by why they are, or are not, on a timeline."""
    return connection.records(
        "SELECT entity, kind, attached, count(*) AS facts FROM fact WHERE deleted_at IS NULL"
        " GROUP BY entity, kind, attached ORDER BY entity, kind, attached"
    )


def list_unmatched(connection: Connection, reasons: tuple[str, ...], limit: int = 50) -> list[dict[str, Any]]:
    """Facts that are on no timeline for one of these reasons, the newest first, with the addresses on them."""
    rows = connection.records(
        "SELECT fact_id, entity, kind, happened_at, title, direction, attached, record FROM fact"
        f" WHERE deleted_at IS NULL AND attached IN ({', '.join('?' * len(reasons))})"
        " ORDER BY happened_at DESC, fact_id LIMIT ?",
        (*reasons, limit),
    )
    for row in rows:
        found = connection.query(
            "SELECT DISTINCT address FROM participant WHERE record = ? AND address IS NOT NULL ORDER BY address",
            (row["record"],),
        )
        row["addresses"] = [address for (address,) in found]
    return rows
