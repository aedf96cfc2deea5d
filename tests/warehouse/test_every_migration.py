"""Every migration, up and down, over tables with a row in each: what both of its ends know is the same at both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alembic import command

from warehouse import schema
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.config import Config
    from sqlalchemy import Connection

OLDEST = "0001"
COLUMNS = {
    "sqlite": (
        "SELECT t.name, c.name, c.type FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
        " AND t.name NOT LIKE 'search_words%' AND t.name NOT LIKE 'search_names%' AND t.name NOT LIKE 'sqlite_%'"
    ),
    "postgresql": (
        "SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^(pg_|information_schema)'"
    ),
}
MEANT = {"hub_state", "0003: signal"}
"""Where migrations keep notes, and what one makes anew: signals became findings, which are derived."""

Content = dict[str, dict[str, Any]]
"""Table → its one row, by column."""


@dataclass
class Watch:
    """Sees to it, after each step, that rows are what they were; then fills the tables that have none."""

    before: Content = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def after_step(self, ctx: Any, step: Any, **_more: Any) -> None:
        """Called by Alembic. `step` names the migration, up or down."""
        self.steps.append(step.up_revision_id)
        after = content(ctx.connection)
        for name in sorted(self.before.keys() & after.keys()):
            if not MEANT & {name, f"{step.up_revision_id}: {name}"}:
                old, new = self.before[name], after[name]
                changed = [column for column in old.keys() & new.keys() if old[column] != new[column]]
                self.lost += [f"{step.up_revision_id}: {name}.{column}" for column in changed]
                self.lost += [f"{step.up_revision_id}: {name} is empty"] if old and not new else []
        self.before = fill(ctx.connection)


def shape_of(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """Every table of ours with its columns and their types."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, stored in connection.exec_driver_sql(COLUMNS[connection.dialect.name]).all():
        if not table.endswith("alembic_version"):
            found.setdefault(table, []).append((column, stored))
    return found


def content(connection: Connection) -> Content:
    """The first row of every table, by the table's bare name; an empty one where there is none."""
    return {
        table.rpartition(".")[2]: dict(row._mapping) if row else {}
        for table in shape_of(connection)
        for row in [connection.exec_driver_sql(f"SELECT * FROM {table} LIMIT 1").first()]
    }


def fill(connection: Connection) -> Content:
    """One row into every table that has none; returns what all hold then."""
    for table, columns in shape_of(connection).items():
        if connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() is None:
            listed = ", ".join(name for name, _ in columns)
            values = ", ".join(value(name, stored) for name, stored in columns)
            connection.exec_driver_sql(f"INSERT INTO {table} ({listed}) VALUES ({values})")
    return content(connection)


def value(name: str, stored: str) -> str:
    """Something a column of this name and type can hold, as SQL."""
    for kind, written in (("bool", "true"), ("int", "1"), ("bigint", "1"), ("float", ".5"), ("double", ".5")):
        if stored.lower().startswith(kind):
            return written
    if stored.lower() in {"blob", "bytea"}:
        return "x'78'" if stored == "BLOB" else "'x'"
    if name.endswith("_json"):
        return "'{}'"
    if name.endswith("_at"):
        return "'2026-10-01T09:00:00.000000Z'"
    return "'2026-10-01'" if name.endswith("_on") or name in {"close_date", "since", "until"} else f"'{name}'"


def watched(url: str, go: Callable[[Config], None], watch: Watch) -> None:
    """Go some steps in one transaction, watching."""

    def prepared(config: Config) -> None:
        connection = config.attributes["connection"]
        watch.before = fill(connection)
        connection.commit()
        config.attributes["after_step"] = watch.after_step
        go(config)

    schema.run_alembic(url, prepared)


def test_every_step_down_and_up_again_keeps_what_both_of_its_ends_know(empty_database_url: str) -> None:
    newest = schema.latest_revision()
    migrate(empty_database_url, newest)
    down, up = Watch(), Watch()
    watched(empty_database_url, lambda config: command.downgrade(config, OLDEST), down)
    watched(empty_database_url, lambda config: command.upgrade(config, newest), up)
    assert down.lost + up.lost == []
    assert down.steps[::-1] == up.steps
    assert (up.steps[0], up.steps[-1]) == ("0002", newest)
