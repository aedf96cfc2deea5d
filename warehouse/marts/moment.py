"""What was known at a moment, in SQL that says `{then()}` for it: the words all tables' pasts are told in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MOMENT: Final = "{then()}"
"""Where a query names the moment."""


def until(column: str) -> str:
    """An end that had not come by then had not come."""
    return f"CASE WHEN b.{column} <= {MOMENT} THEN b.{column} END"


@dataclass(frozen=True, slots=True)
class Kept:
    """How the past of one table is kept. where: which rows stood (`b` is the table). instead: column → what it was.

    rows: the whole query instead, where the past stands elsewhere; it names the columns marts read, no others.
    """

    where: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""


def same(column: str) -> str:
    """What a record said, where it did not arrive anew since."""
    return f"CASE WHEN stood.is_same THEN {column} END"


def standing(staged: str) -> str:
    """Staged records (`b`) with what stood of them (`stood`) and its raw version (`r`).

    Where a record arrived anew since, what it said stands in its newest version that had landed, as `pipelines.recall`
    reads it; only whether it was deleted can be told without reading the version by its mapping.
    """
    return f"""(SELECT o.record, a.landed_at IS NULL OR a.landed_at <= {MOMENT} AS is_same,
CASE WHEN a.landed_at IS NULL OR a.landed_at <= {MOMENT} THEN o.raw_id
ELSE (SELECT max(n.raw_id) FROM {{base(raw_record)}} n WHERE n.source = o.source AND n.stream = o.stream
AND n.source_id = {{raw_id_of(o.source_id)}} AND n.landed_at <= {MOMENT}) END AS raw_id
FROM {{base({staged})}} o LEFT JOIN {{base(raw_record)}} a ON a.raw_id = o.raw_id) stood
JOIN {{base({staged})}} b ON b.record = stood.record
LEFT JOIN {{base(raw_record)}} r ON r.raw_id = stood.raw_id"""


DELETED: Final = (
    "CASE WHEN stood.is_same THEN b.deleted_at WHEN r.op IN ('delete', 'merge', 'not_visible')"
    " THEN coalesce({time(r.version)}, r.landed_at) END"
)
