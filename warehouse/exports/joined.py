"""Marts whose tables are read one by one and joined here, since that takes less than the engine's own join.

SQLite joins by looking rows up, and facts lie in the order of their ids, which is none of any other table's: of
5,000,000 touchpoints most of the time goes there. PostgreSQL joins by hash, over files where memory ends. Each table is
read in its own order instead, and joined by hash. The query says the same as the view's, in the spelling of PostgreSQL,
which DuckDB reads; tests hold the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse.exports.words import SAID, as_one

if TYPE_CHECKING:
    from warehouse.marts.mart import Type


class Part(NamedTuple):
    """One reading: columns by name with their types, and what reads them. repeat: texts that do, said by one column."""

    columns: dict[str, Type]
    select: str
    repeat: tuple[str, ...] = ()


class Joined(NamedTuple):
    """A mart of parts. query: over the parts by their names, in braces the texts of a part that repeat.

    derived: the columns that follow from those it gives.
    """

    parts: dict[str, Part]
    query: str
    derived: dict[str, str]

    @property
    def whole(self) -> str:
        """Every column of the mart, where each text is a column of its part."""
        texts = {
            name: ", ".join(f"{name}.{each}" for each in part.repeat) for name, part in self.parts.items()
        }
        added = ", ".join(f"{said} AS {name}" for name, said in self.derived.items())
        return f"SELECT *, {added} FROM ({self.query.format(**texts)})"

    @property
    def in_numbers(self) -> str:
        """Every column that is not derived, with a number for the texts of each part: `in_number` names it."""
        return self.query.format(**{name: f"{name}.{SAID} AS {in_number(name)}" for name in self.parts})


def in_number(part: str) -> str:
    """The column with the number of what a part says."""
    return f"{SAID}_by_{part}"


FCT_TOUCHPOINT: Final = Joined(
    {
        "f": Part(
            {
                SAID: "text",
                "fact_id": "text",
                "happened_at": "time",
                "record": "text",
                "deleted_at": "time",
                "source_count": "integer",
            },
            f"SELECT {as_one('attached', 'nature', 'direction', 'kind')}, fact_id, happened_at, record, deleted_at,"
            " source_count FROM fact WHERE entity = 'touchpoint'",
            ("attached", "nature", "direction", "kind"),
        ),
        "s": Part(
            {SAID: "text", "record": "text", "ended_at": "time", "landed_at": "time"},
            f"SELECT {as_one('a.run_id', 'own.colleague_id', 's.status')}, s.record, s.ended_at, a.landed_at"
            " FROM staged_touchpoint s LEFT JOIN raw_record a ON a.raw_id = s.raw_id"
            " LEFT JOIN colleague_record own ON own.record = s.owner_record",
            ("_hub_run_id", "owner_id", "status"),
        ),
    },
    """
SELECT f.fact_id AS touchpoint_id, {f}, f.happened_at, s.ended_at, {s}, f.record AS record_key,
f.source_count AS count_sources, s.landed_at AS _hub_loaded_at, f.deleted_at AS _hub_deleted_at
FROM f LEFT JOIN s ON s.record = f.record
""",
    {
        "happened_date": "(happened_at AT TIME ZONE 'UTC')::date",
        "_hub_source": "split_part(record_key, '/', 1)",
    },
)

JOINED: Final = {"fct_touchpoint": FCT_TOUCHPOINT}
"""By the mart's name."""
