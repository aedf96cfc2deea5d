"""What the hub published of deals when: versions, written with the change itself. History: a rebuild adds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.changes.turn import first_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.golden.work import Span
    from warehouse.database import Connection

VALUES: Final = (
    "name", "amount_minor", "currency", "pipeline", "stage", "status", "close_date", "deal_type", "owner",
)  # fmt: skip
COLUMNS: Final = (
    "version_id", "fact_id", "recorded_from_at", "recorded_to_at", *VALUES, "deleted_at", "run_id",
)  # fmt: skip
LAST: Final = f"""
SELECT v.fact_id, {", ".join(f"v.{name}" for name in (*VALUES, "deleted_at"))}, v.recorded_to_at
FROM work_deal w CROSS JOIN deal_version v WHERE w.fact_id BETWEEN ? AND ? AND v.fact_id = w.fact_id
AND v.version_id = (SELECT max(n.version_id) FROM deal_version n WHERE n.fact_id = w.fact_id)
"""
END: Final = "UPDATE deal_version SET recorded_to_at = ? WHERE fact_id = ? AND recorded_to_at IS NULL"

Row = tuple[Any, ...]


@dataclass(slots=True)
class DealHistory:
    """Adds the versions of one publication. Whoever makes one has the turn (`warehouse.changes.turn`)."""

    connection: Connection
    run_id: str
    now: str
    next_version: int = 0

    def __post_init__(self) -> None:
        """Go on counting where the last publication ended."""
        self.next_version = first_number(self.connection, "deal_version", "version_id")

    def note(self, span: Span, published: Sequence[Row]) -> None:
        """Add a version of every touched deal of a span that is another one than before.

        published: the rows of `deal` as they have to be; a deal without one is there no more.
        """
        former = {row[0]: row for row in self.connection.query(LAST, span)}
        now = {row[0]: (*row[1 : 1 + len(VALUES)], row[-1]) for row in published}
        ended, added = [], []
        for fact_id in sorted(former.keys() | now.keys()):
            stands, ends = standing(former.get(fact_id)), None
            values = now.get(fact_id)
            if values is None and stands is not None:
                values, ends = (*stands[:-1], stands[-1] or self.now), self.now
            if values is None or (values == stands and ends is None):
                continue
            if stands is not None:
                ended.append((self.now, fact_id))
            added.append((self.next_version, fact_id, self.now, ends, *values, self.run_id))
            self.next_version += 1
        self.connection.execute_many(END, ended)
        bulk.insert(self.connection, "deal_version", COLUMNS, added)


def standing(last: Row | None) -> Row | None:
    """What a deal's last version says; None where there is none, or it has ended with the deal."""
    return last[1:-1] if last is not None and last[-1] is None else None
