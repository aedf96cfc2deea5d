"""Bring a warehouse to this program's schema, or refuse with what to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, event, pool

from warehouse.database import Database
from warehouse.errors import SchemaMismatch
from warehouse.indexes import put_back
from warehouse.marts.views import drop_views, make_views

SCRIPTS = Path(__file__).parent / "migrations"
FORMER, MOVED_BY = "ledger", "0030"
"""The schema that stood in the place of `identity` on PostgreSQL before that migration."""
UNFINISHED = "unfinished copy of "
"""What stands before the revision of a warehouse that `partnerhub migrate-db` is filling, or was killed filling.

It sorts behind every revision, so that a program that does not know it takes the warehouse for a newer one.
"""


def migrate(url: str, revision: str = "head") -> None:
    """Run all outstanding migrations up to `revision`, then make the marts. Safe to call twice.

    Every step of a run asks, so a warehouse that is up to date costs four queries and takes no lock. Each migration is
    one transaction. An index that a killed staging left away is built again first: steps expect it. Raises
    SchemaMismatch for a warehouse that is newer.
    """
    found = current_revision(Database(url))
    refuse_newer(found)
    if found:
        put_back(Database(url))
    if revision != "head" or found != latest_revision():
        from alembic import command  # costs 0.3 s, and most commands need no migration

        without_marts(url, found)
        run_alembic(url, lambda config: command.upgrade(config, revision))
    if revision == "head":
        with Database(url).session() as connection:
            make_views(connection)


def downgrade(url: str, revision: str) -> None:
    """Go back to an older revision (`base` for none), with every index in its place."""
    found = current_revision(Database(url))
    if found:
        put_back(Database(url))
    without_marts(url, found)
    from alembic import command  # see above

    run_alembic(url, lambda config: command.downgrade(config, revision))


def without_marts(url: str, found: str | None) -> None:
    """Take the marts down: a table that a view reads cannot be altered."""
    if found:
        with Database(url).session() as connection:
            drop_views(connection)


def run_alembic(url: str, action: object) -> None:
    """Call an Alembic action on one connection of the warehouse. Raises DatabaseUnavailable."""
    from alembic.config import Config  # see above

    database = Database(url)
    found = current_revision(database)  # SQLAlchemy's words for a server that is away are not ours
    engine = engine_for(database)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.connect() as connection:
        if database.dialect == "postgresql":
            prepare_schemas(connection, found)
        config.attributes["connection"] = connection
        action(config)  # type: ignore[operator]  # a callable over Config
        connection.commit()
    engine.dispose()


def engine_for(database: Database) -> Engine:
    """An engine whose transactions hold table definitions, too: left alone, Python's sqlite3 commits before each."""
    if database.dialect == "postgresql":
        return create_engine(database.sqlalchemy_url, poolclass=pool.NullPool)
    engine = create_engine(
        database.sqlalchemy_url, poolclass=pool.NullPool, connect_args={"isolation_level": None}
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def prepare_schemas(connection: object, found: str | None) -> None:
    """PostgreSQL: a schema per layer, before the first migration names them. found: the revision it is at."""
    from warehouse.tables import LAYERS  # avoids a cycle at import

    layers = LAYERS if (found or "") >= MOVED_BY else (*LAYERS, FORMER)
    for layer in layers:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {layer}")  # type: ignore[attr-defined]
    path = ",".join((*LAYERS, FORMER))
    connection.exec_driver_sql(f"SET search_path TO {path},public")  # type: ignore[attr-defined]
    connection.commit()  # type: ignore[attr-defined]


def latest_revision() -> str:
    """The newest revision this program knows, by file name (`0001_initial.py` is `0001`)."""
    return max(path.name.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def current_revision(database: Database, *, unfinished: bool = False) -> str | None:
    """The revision a warehouse is at; None when it is empty.

    Raises SchemaMismatch for a copy that was not finished, unless `unfinished` copies are asked for: see
    `warehouse.moving`.
    """
    with database.session() as connection:
        try:
            found = connection.one("SELECT version_num FROM alembic_version")
        except Exception as error:  # each driver has its own class for a missing table
            if "alembic_version" in str(error):
                return None
            raise
    revision = str(found[0]) if found else None
    if revision is not None and revision.startswith(UNFINISHED) and not unfinished:
        raise SchemaMismatch(
            "This database is the copy of a warehouse that was not finished; it holds no rows yet.",
            "Run `partnerhub migrate-db --to …` again from the hub it was copied of: it begins anew.",
        )
    return revision


def require_current(database: Database) -> None:
    """Raise SchemaMismatch when the warehouse is older or newer than this program."""
    found, known = current_revision(database), latest_revision()
    refuse_newer(found)
    if found != known:
        raise SchemaMismatch(
            f"The warehouse is at schema {found or 'none'}, this program needs {known}.",
            "Run `partnerhub sync` or `partnerhub up`, which migrate it.",
        )


def refuse_newer(found: str | None) -> None:
    """Raise SchemaMismatch for a revision this program does not know yet; nothing of such a warehouse is touched."""
    known = latest_revision()
    if found is not None and found > known:
        raise SchemaMismatch(
            f"The warehouse is at schema {found}, this program only knows {known}.",
            "Upgrade Partner Hub, or restore the backup made before the upgrade.",
        )
