"""Each stream has a documented view, whose columns are remembered so that they stay.

Revision ID: 0026
"""

from __future__ import annotations

from typing import Final

from warehouse.migrations.tables import Field, Table, create, drop

revision = "0026"
down_revision = "0025"

COLUMNS: Final = Table(
    "stream_column",
    """
    One column of the view of one stream. Columns are only ever added: what a source has no more stays, empty.

    One staged kind of one stream has one view: the first kind of a stream is called `stg_<source>__<stream>`, a further
    one has its kind behind it.
    """,
    (
        Field("view_name", "text key"),
        Field("name", "text key"),
        Field("position", "int"),
        Field("source", "text"),
        Field("stream", "text"),
        Field("kind", "text", "the staged kind"),
        Field("type", "text", "text, integer, decimal, float, boolean, time, date or json"),
        Field("custom", "text null", "its name in custom_json; null for a canonical field"),
        Field("path", "text null", "the source field it is read from; null where only Python knows"),
        Field("cleaner", "text null", "what cleans it"),
        Field("label", "text null", "what people called it at the source when it was first seen"),
        Field("since_at", "time", "since when the view has it"),
    ),
    by_key=True,
)


def upgrade() -> None:
    """An empty table: the next sync fills it and makes the views."""
    create("ops", COLUMNS)


def downgrade() -> None:
    """Without it; the views go with it."""
    drop("ops", COLUMNS)
