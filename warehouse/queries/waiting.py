"""What waits for a person: domains that may be partners, and facts on no timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from warehouse.queries.mail_sight import Level, as_shown, levels

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

OPEN: Final = ("unknown", "ambiguous", "generic")
"""Why a fact is on no timeline that somebody may put on one."""
UNMATCHED: Final = "deleted_at IS NULL AND attached IN ('unknown', 'ambiguous', 'generic')"
"""The condition of the index that holds just these, word for word."""


def list_candidates(viewer: Viewer, connection: Connection, limit: int = 50) -> list[dict[str, Any]]:
    """Unknown domains with a two-way conversation, the liveliest first.

    sample_subject only for who sees every mail: it is kept without the mail it is from.
    """
    rows = connection.records(
        "SELECT domain, inbound, outbound, people, first_at, last_at, sample_subject FROM candidate"
        " ORDER BY inbound + outbound DESC, domain LIMIT ?",
        (limit,),
    )
    return rows if viewer.all_mail else [{**row, "sample_subject": None} for row in rows]


def count_attachment(connection: Connection) -> list[dict[str, Any]]:
    """How many facts there are by kind and by why they are, or are not, on a timeline."""
    return connection.records(
        "SELECT entity, kind, attached, count(*) AS facts FROM fact WHERE deleted_at IS NULL"
        " GROUP BY entity, kind, attached ORDER BY entity, kind, attached"
    )


def list_unmatched(
    viewer: Viewer, connection: Connection, reasons: tuple[str, ...], limit: int = 50
) -> list[dict[str, Any]]:
    """Facts that are on no timeline for one of these reasons, the newest first, with the addresses on them.

    Of a mail only what the viewer may see: without its title or without both.
    """
    where = UNMATCHED if set(reasons) <= set(OPEN) else "deleted_at IS NULL"
    rows = connection.records(
        f"SELECT fact_id, entity, kind, happened_at, title, direction, attached, record FROM fact WHERE {where}"
        f" AND attached IN ({', '.join('?' * len(reasons))}) ORDER BY happened_at DESC, fact_id DESC LIMIT ?",
        (*reasons, limit),
    )
    sights = levels(viewer, connection, [row["fact_id"] for row in rows])
    for row in rows:
        row["title"] = as_shown(sights[row["fact_id"]], row["title"])
        row["addresses"] = []
        if sights[row["fact_id"]] < Level.METADATA:
            continue
        found = connection.query(
            "SELECT DISTINCT address FROM participant WHERE record = ? AND address IS NOT NULL ORDER BY address",
            (row["record"],),
        )
        row["addresses"] = [address for (address,) in found]
    return rows
