"""What the warehouse holds for others: tables, marts, views of streams, kinds of change, and what a rebuild keeps."""

from __future__ import annotations

from typing import Any

from docs.markdown_table import paragraphs, table


def tables() -> list[str]:
    """Every table of the warehouse with its columns, layer by layer."""
    from warehouse.tables import LAYERS, metadata

    lines = []
    for layer in LAYERS:
        found = sorted(
            (one for one in metadata.tables.values() if one.info["layer"] == layer), key=lambda one: one.name
        )
        lines += [f"## {layer}", ""] if found else []
        for one in found:
            lines += [f"### `{one.name}`", "", *paragraphs(one.comment), *columns(one), *indexes(one), ""]
    return lines


def columns(one: Any) -> list[str]:
    """The columns of one table; key columns are marked."""
    rows = [
        (
            f"`{column.name}`" + (" **key**" if column.primary_key else ""),
            sql_type(column),
            column.comment or "",
        )
        for column in one.columns
    ]
    return table(("column", "type", "meaning"), rows)


def indexes(one: Any) -> list[str]:
    """The indexes of one table beside its key, each with what it is for."""
    from warehouse.tables.index_reasons import SERVED

    named = sorted(index.name for index in one.indexes)
    said = [f"- `{name}`: {SERVED[name].reason}" if name in SERVED else f"- `{name}`" for name in named]
    return ["", "Indexes beside the key:", "", *said] if said else []


def sql_type(column: Any) -> str:
    """The column's type on PostgreSQL; SQLite keeps the same values as text and whole numbers."""
    from sqlalchemy.dialects.postgresql import dialect

    spelled = str(column.type.compile(dialect())).lower()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return spelled.replace("timestamp(6) with time zone", "timestamptz") + (
        "" if column.nullable else ", never null"
    )


def marts() -> list[str]:
    """Every mart with its grain, its columns, where they come from, and the questions it answers."""
    from warehouse.marts import MARTS
    from warehouse.marts.then import said_of_the_past

    lines = []
    for mart in MARTS:
        lines += [
            f"## `{mart.name}`",
            "",
            mart.grain,
            "",
            mart.over_time,
            "",
            said_of_the_past(mart),
            "",
            f"Key: {', '.join(mart.key)}.",
            "",
        ]
        rows = [
            (
                f"`{column.name}`",
                column.type,
                column.says + (" (personal)" if column.tags else ""),
                source_column(column.of),
            )
            for column in mart.columns
        ]
        lines += [*table(("column", "type", "meaning", "from"), rows), ""]
        for question in mart.questions:
            lines += [question.asks, "", "```sql", question.sql, "```", ""]
    return lines


def stream_views() -> list[str]:
    """The streams of every connector with the views they have, and the columns of every kind of view."""
    from connectors.registry import connector_names
    from mappings.discover import mapping_for
    from warehouse.marts.streams import Declared, mart_of, new_columns, plain

    lines, used = ["## Views", ""], set()
    for connector in (*connector_names(), "hub"):
        mapping = mapping_for(connector)
        streams = {**mapping.streams, **({"rows": mapping.default} if mapping.default else {})}
        rows = [
            (
                f"`{stream}`",
                f"`stg_<source>__{plain(stream)}" + ("`" if not position else f"__{kind}`"),
                f"[{kind}](#{kind})",
            )
            for stream, each in streams.items()
            for position, kind in enumerate(each.kinds)
        ]
        used |= {kind for each in streams.values() for kind in each.kinds}
        lines += [f"### {connector}", "", *table(("stream", "view", "a row is"), rows), ""]
    lines += ["## Columns", ""]
    for kind in sorted(used):
        mart = mart_of(new_columns("view", Declared("s", "t", kind, True, (), {}), []))
        rows = [
            (f"`{each.name}`", each.type, each.says + (" (personal)" if each.tags else ""))
            for each in mart.columns
        ]
        lines += [f"### {kind}", "", *table(("column", "type", "meaning"), rows), ""]
    return lines


def source_column(of: str) -> str:
    """Where a column comes from; nothing for what a mart makes itself."""
    return f"`{of}`" if of else ""


def change_kinds() -> list[str]:
    """Every kind of change of the feed, and what happened."""
    from warehouse.changes.kinds import KINDS

    return table(("kind", "what happened"), ((f"`{kind}`", said) for kind, said in KINDS.items()))


def rebuild() -> list[str]:
    """What a rebuild begins with though it is golden, and what it does not compare."""
    from pipelines.rebuild.tables import JOURNALS, LEFT_OUT, LeftOut

    kept = ((f"`{name}`", "every row stands", f"holds {said}") for name, said in JOURNALS.items())
    tables: dict[LeftOut, list[str]] = {}
    for name, each in LEFT_OUT.items():
        tables.setdefault(each, []).append(f"`{name}`")
    left = (
        (", ".join(names), f"not compared: {', '.join(f'`{column}`' for column in each.columns)}", each.why)
        for each, names in tables.items()
    )
    return table(("table", "what", "because it"), (*kept, *left))
