"""The mart of lineage: where each published column comes from, down to the field of every source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.marts.mart import LINEAGE, Column, Mart, Question, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KIND_OF: Final = {
    "organization_version": "organization",
    "person": "person",
    "colleague": "colleague",
    "deal": "deal",
    "deal_version": "deal",
}
"""Table of the golden layer → the staged kind whose fields of the same names its values are chosen from."""
STAGED: Final = "staged_"
EXAMPLE: Final = (
    "SELECT source, stream, source_path, cleaner FROM lineage_column WHERE table_name = 'dim_partner'"
    " AND column_name = 'tier' ORDER BY source, stream"
)


def lineage_mart(marts: Iterable[Mart]) -> Mart:
    """Lineage of these marts and of every view of a stream."""
    stated = ", ".join(f"({', '.join(map(quoted, row))})" for row in stated_rows(marts))
    return Mart(
        "lineage_column",
        "One column of one published table, and one field of one source it is read from.",
        "Rows are added as streams and fields appear; none goes. A mart's column that no source is read for has one row"
        " without a source.",
        ("lineage_key",),
        COLUMNS,
        f"""
WITH m (table_name, column_name, column_type, from_table, from_column, kind, field) AS (VALUES {stated})
SELECT m.table_name || '.' || m.column_name || coalesce('@' || c.source || '/' || c.stream, '') AS lineage_key,
m.table_name, m.column_name, m.column_type, nullif(m.from_table, '') AS from_table,
nullif(m.from_column, '') AS from_column, c.source, c.stream, c.path AS source_path, c.cleaner,
c.since_at
FROM m LEFT JOIN stream_column c ON c.kind = m.kind AND c.name = m.field
UNION ALL
SELECT v.view_name || '.' || v.name || '@' || v.source || '/' || v.stream, v.view_name, v.name, v.type,
'{STAGED}' || v.kind, CASE WHEN v.custom IS NULL THEN v.name ELSE 'custom_json' END, v.source, v.stream,
coalesce(v.path, v.custom), v.cleaner, v.since_at FROM stream_column v
""",
        (
            Question("Which fields of which tools does the tier of a partner come from?", EXAMPLE),
            Question(
                "Which published columns depend on one field of one tool?",
                "SELECT table_name, column_name FROM lineage_column WHERE source = 'hubspot' AND stream = 'companies'"
                " AND source_path LIKE '%domain%' ORDER BY table_name, column_name",
            ),
        ),
    )


COLUMNS: Final = (
    text("lineage_key", "table.column, and @source/stream where one is read", required=True),
    text("table_name", "the published table", "stream_column.view_name", required=True),
    text("column_name", "its column", "stream_column.name", required=True),
    text("column_type", "text, integer, decimal, float, boolean, time, date or json", "stream_column.type",
         required=True),
    text("from_table", "table of the warehouse it comes from; null for what a mart makes itself"),
    text("from_column", "column of that table"),
    text("source", "the source", "stream_column.source"),
    text("stream", "its stream", "stream_column.stream"),
    text("source_path", "the field at the source; null where Python reads the record", "stream_column.path"),
    text("cleaner", "what cleans it", "stream_column.cleaner"),
    Column("since_at", "time", "since when the stream has it", "stream_column.since_at"),
)  # fmt: skip


def stated_rows(marts: Iterable[Mart]) -> Iterator[tuple[str, ...]]:
    """What marts say of their columns; kind and field: of the staged records the value is chosen from, else empty."""
    for mart in marts:
        for column in mart.columns:
            table, _, field = column.of.partition(".")
            kind = KIND_OF.get(table) or (table.removeprefix(STAGED) if table.startswith(STAGED) else "")
            known = "" if column.name.startswith(LINEAGE) else kind
            yield (mart.name, column.name, column.type, table, field, known, field)


def quoted(said: str) -> str:
    """A text as SQL."""
    return "'" + said.replace("'", "''") + "'"
