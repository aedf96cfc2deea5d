"""Annual value, renewal and review days of organizations; agreements in full; commitments; signals as findings.

Columns come where the program declares them, so tables are made anew and filled from what stood. Revision ID: 0003
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Final

from alembic import op

from warehouse.migrations.initial import golden_organizations, staged
from warehouse.migrations.tables import Field, Index, Table, create, drop, schema_of

revision = "0003"
down_revision = "0002"

OF_ORGANIZATION: Final = (
    Field(
        "annual_value_minor", "int null", "what the relationship is worth a year, in minor units of currency"
    ),
    Field("currency", "text null", "ISO 4217, of annual_value_minor"),
    Field("renews_on", "date null", "when the relationship is next renewed"),
    Field("reviewed_on", "date null", "when it was last reviewed with them"),
)
PUBLISHED: Final = (
    Field("annual_value_minor", "int null", "a year, in minor units of currency"),
    *OF_ORGANIZATION[1:],
)
OF_AGREEMENT: Final = (
    Field("kind", "text null", "contract, amendment, nda, …"),
    Field("text", "text null"),
    Field("owner_record", "text null"),
    Field("reviewed_on", "date null"),
)
WIDENED: Final = (
    ("staged", staged, "staged_organization", "owner_record", OF_ORGANIZATION),
    ("staged", staged, "staged_agreement", "currency", OF_AGREEMENT),
    ("golden", golden_organizations, "organization", "owner", PUBLISHED),
    ("golden", golden_organizations, "organization_version", "owner", PUBLISHED),
)
"""Layer, where 0001 states the table, its name, the field the new ones come behind, the new fields."""

BASE_FIELDS: Final = 10
"""How many columns every staged table begins with."""

COMMITMENT: Final = Table(
    "staged_commitment",
    "One thing promised, with the day it is due.",
    (
        *next(table for table in staged.TABLES if table.name == "staged_agreement").fields[:BASE_FIELDS],
        Field("title", "text"),
        Field("text", "text null"),
        Field("promised_on", "date null"),
        Field("due_on", "date null"),
        Field("done_on", "date null"),
        Field("status", "text null"),
        Field("organization_record", "text null"),
        Field("agreement_record", "text null", "the agreement it is part of"),
        Field("owner_record", "text null"),
    ),
)
SIGNAL: Final = Table(
    "signal",
    "Something about one partner that needs a person, found by one rule; it closes itself when it is over.\n\n"
    "    signal_id is UUIDv5 of rule, organization and subject, so what opens again is the same row.",
    (
        Field("signal_id", "text key"),
        Field("organization_id", "text"),
        Field("rule", "text"),
        Field("subject", "text", "what inside the partner it is about; empty for all of it", default="''"),
        Field("sentence", "text"),
        Field("evidence_json", "json", "JSON list of {record, fact_id?, quote, place?, at}"),
        Field("level", "text", "info, attention or urgent"),
        Field("opened_at", "time"),
        Field("closed_at", "time null", "null while it is open"),
    ),
    (Index("signal_organization", ("organization_id",)),),
)
SIGNAL_BEFORE: Final = next(table for table in golden_organizations.TABLES if table.name == "signal")

FACT: Final = "One touchpoint, deal, work item or agreement, however many sources hold it.\n\n"
FACT_KEY: Final = (
    "    fact_id is UUIDv5 of what makes copies equal (`same_as`), else of the source record's key."
)
FACT_NOW: Final = FACT.replace(" or agreement", ", document, agreement or commitment") + FACT_KEY
ENTITY: Final = "touchpoint, deal, work_item, document or agreement"
ENTITY_NOW: Final = "touchpoint, deal, work_item, document, agreement or commitment"
LINK: Final = "What ties a fact to an organization: an anchor, never an organization id.\n\n    anchor: "
LINK_BEFORE: Final = (
    "`record:<record key>`, `email:<address>`, `host:<host>` or `domain:<domain>`. role: what the source calls the\n"
    "    relation, or the participant's role; `attach` and `detach` for a person's decision."
)
LINK_NOW: Final = (
    "`record:<record key>`, `email:<address>`, `host:<host>`, `domain:<domain>`, `crm_id:<scheme>:<id>` or\n"
    "    `name:<text>`. role: what the source calls the relation, or the participant's role;"
    " `attach` and `detach` for a\n    person's decision."
)
DESCRIBED: Final = (
    ("fact", None, FACT_NOW, FACT + FACT_KEY),
    ("fact", "entity", ENTITY_NOW, ENTITY),
    ("fact_link", None, LINK + LINK_NOW, LINK + LINK_BEFORE),
)
"""Comments in the golden layer on PostgreSQL: table, column or None for the table itself, from now on, before."""


def upgrade() -> None:
    """Widen four tables with their rows, add commitments, put signals in place of figures nobody ever computed."""
    for layer, module, name, behind, fields in WIDENED:
        before = stated(module, name)
        replace(layer, before, widened(before, behind, fields))
    create("staged", COMMITMENT)
    drop("golden", SIGNAL_BEFORE)
    create("golden", SIGNAL)
    describe(now=True)


def downgrade() -> None:
    """The tables of before, with the rows they can hold."""
    describe(now=False)
    drop("golden", SIGNAL)
    create("golden", SIGNAL_BEFORE)
    drop("staged", COMMITMENT)
    for layer, module, name, behind, fields in reversed(WIDENED):
        before = stated(module, name)
        replace(layer, widened(before, behind, fields), before)


def stated(module: object, name: str) -> Table:
    """A table as 0001 states it."""
    tables: tuple[Table, ...] = module.TABLES  # type: ignore[attr-defined]  # every module of `initial` has them
    return next(table for table in tables if table.name == name)


def widened(table: Table, behind: str, fields: tuple[Field, ...]) -> Table:
    """The table with more fields behind one of its own."""
    at = [field.name for field in table.fields].index(behind) + 1
    return table._replace(fields=(*table.fields[:at], *fields, *table.fields[at:]))


def replace(layer: str, old: Table, new: Table) -> None:
    """Make a table anew and carry its rows over: what both have."""
    schema = schema_of(layer)
    kept = f"{old.name}_before"
    for index in old.indexes:
        op.drop_index(index.name, table_name=old.name, schema=schema)
    op.rename_table(old.name, kept, schema=schema)
    if schema:  # its index keeps the name that the new table needs
        op.drop_constraint(f"{old.name}_pkey", kept, schema=schema)
    create(layer, new)
    wanted = {field.name for field in new.fields}
    columns = ", ".join(field.name for field in old.fields if field.name in wanted)
    place = f"{schema}." if schema else ""
    op.execute(f"INSERT INTO {place}{new.name} ({columns}) SELECT {columns} FROM {place}{kept}")
    op.drop_table(kept, schema=schema)


def describe(*, now: bool) -> None:
    """Comments are PostgreSQL's; SQLite has none."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, after, before in DESCRIBED:
        comment = after if now else before
        if column is None:
            op.create_table_comment(table, cleandoc(comment), schema="golden")
        else:
            op.alter_column(table, column, comment=comment, schema="golden")
