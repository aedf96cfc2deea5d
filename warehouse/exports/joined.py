"""Marts whose tables are read one by one and joined here, where the engine would look up every row on its own.

SQLite joins by looking rows up, and facts lie in the order of their ids, which is none of any other table's: of
5,000,000 touchpoints most of the time goes there. Each table is read in its own order instead, and joined by hash. The
query says the same as the view's, in the spelling of PostgreSQL, which DuckDB reads; tests hold the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from warehouse.marts.mart import Type


class Part(NamedTuple):
    """One reading: columns by name with their types, what reads them, and which texts repeat."""

    columns: dict[str, Type]
    select: str
    repeat: frozenset[str]


class Joined(NamedTuple):
    """A mart of parts. query: over the parts by their names. derived: the columns that follow from those it gives."""

    parts: dict[str, Part]
    query: str
    derived: dict[str, str]

    @property
    def whole(self) -> str:
        """Every column of the mart."""
        added = ", ".join(f"{said} AS {name}" for name, said in self.derived.items())
        return f"SELECT *, {added} FROM ({self.query})"


FCT_TOUCHPOINT: Final = Joined(
    {
        "f": Part(
            {
                "fact_id": "text",
                "kind": "text",
                "happened_at": "time",
                "direction": "text",
                "nature": "text",
                "attached": "text",
                "record": "text",
                "deleted_at": "time",
            },
            "SELECT fact_id, kind, happened_at, direction, nature, attached, record, deleted_at FROM fact"
            " WHERE entity = 'touchpoint'",
            frozenset({"kind", "direction", "nature", "attached"}),
        ),
        "s": Part(
            {
                "record": "text",
                "ended_at": "time",
                "status": "text",
                "owner_id": "text",
                "run_id": "text",
                "landed_at": "time",
            },
            "SELECT s.record, s.ended_at, s.status, own.colleague_id, a.run_id, a.landed_at FROM staged_touchpoint s"
            " LEFT JOIN raw_record a ON a.raw_id = s.raw_id"
            " LEFT JOIN colleague_record own ON own.record = s.owner_record",
            frozenset({"status", "owner_id", "run_id"}),
        ),
        # Every fact has a record; few have several.
        "c": Part(
            {"fact_id": "text", "records": "integer"},
            "SELECT fact_id, count(*) FROM fact_source GROUP BY fact_id HAVING count(*) > 1",
            frozenset(),
        ),
    },
    """
SELECT f.fact_id AS touchpoint_id, f.kind, f.happened_at, s.ended_at, f.direction, f.nature, s.status, f.attached,
s.owner_id, f.record AS record_key, coalesce(c.records, 1) AS count_sources, s.run_id AS _hub_run_id,
s.landed_at AS _hub_loaded_at, f.deleted_at AS _hub_deleted_at
FROM f LEFT JOIN s ON s.record = f.record LEFT JOIN c ON c.fact_id = f.fact_id
""",
    {
        "happened_date": "(happened_at AT TIME ZONE 'UTC')::date",
        "_hub_source": "split_part(record_key, '/', 1)",
    },
)

JOINED: Final = {"fct_touchpoint": FCT_TOUCHPOINT}
"""By the mart's name."""
