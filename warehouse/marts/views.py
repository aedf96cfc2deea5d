"""The marts and the views of streams as views of a warehouse: made after every migration, taken down before one.

They hold nothing, so they are not migrated: what the program says of them is what stands. On PostgreSQL a view holds
the tables below it fast, and a migration could not alter them. One that only gains columns is replaced in place there,
so that what others built on it stays.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from warehouse.hub_state import forget, remember, remembered
from warehouse.marts import MARTS
from warehouse.marts.mart import STORED
from warehouse.marts.streams import apart, stream_marts
from warehouse.marts.then import SUFFIX, is_kept, over_the_past, said_of_the_past
from warehouse.tables import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from warehouse.database import Connection
    from warehouse.marts import Mart

STANDING: Final = "marts"
"""Under which name the warehouse remembers by what the views that stand were made."""
VIEWS: Final = "views"
"""And each of them: name → what tells its definition from another one."""
READER: Final = "partnerhub_reader"
"""The role on PostgreSQL that reads the marts: `GRANT partnerhub_reader TO somebody`."""
MAKE_READER: Final = (
    f"DO $$ BEGIN CREATE ROLE {READER} NOLOGIN;"
    " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
)
"""Another warehouse of the same server may make it at the same moment."""
FUNCTIONS: Final = (
    "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = to_regnamespace('marts')"
)
PRESENT: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'view'",
    "postgresql": "SELECT viewname FROM pg_views WHERE schemaname = 'marts'",
}
REGISTERED: Final = "SELECT count(*) FROM stream_column"
"""Columns of streams are only ever added: their number says which there are."""


def make_views(connection: Connection, *, patience: str = "0") -> bool:
    """Make every view as it is known now; False where they stood already. Safe to call twice.

    patience: how long PostgreSQL waits for readers of a view that changes (`10s`), then the driver's error is raised
    and nothing has changed; without end by default.
    """
    if remembered(connection, STANDING) == wanted(connection):
        return False
    with connection.transaction():
        alone(connection)
        expected = wanted(connection)
        if remembered(connection, STANDING) == expected:
            return False
        if connection.dialect == "postgresql":
            connection.execute(f"SET LOCAL lock_timeout = '{patience}'")
        bring_up_to_date(connection)
        if connection.dialect == "postgresql":
            open_to_readers(connection)
        remember(connection, STANDING, expected)
    return True


def wanted(connection: Connection) -> str:
    """What tells the views there should be from others."""
    found = connection.one(REGISTERED)
    return f"{fingerprint()} {found[0] if found else 0}"


def bring_up_to_date(connection: Connection) -> None:
    """Make what is new, replace what changed, drop what is no more; in the caller's transaction."""
    marts = {mart.name: mart for mart in (*MARTS, *stream_marts(connection))}
    there, before = present(connection), standing(connection)
    now = {name: told(mart, connection.dialect) for name, mart in marts.items()}
    for name in sorted(there & (before.keys() - now.keys())):
        connection.execute(f"DROP VIEW {placed(name, connection.dialect)}")
    for name, mart in marts.items():
        if name not in there or before.get(name) != now[name]:
            make(connection, mart, is_there=name in there)
    if connection.dialect == "postgresql":
        make_functions(connection, marts.values(), before.keys())
    remember(connection, VIEWS, json.dumps(now, sort_keys=True))


def make(connection: Connection, mart: Mart, *, is_there: bool) -> None:
    """Make one view, in place of one of its name."""
    if is_there and not replaced(connection, mart):
        connection.execute(f"DROP VIEW {placed(mart.name, connection.dialect)}")
        is_there = False
    for number, statement in enumerate(statements(mart, connection.dialect)):
        if number or not is_there:
            plainly(connection, statement)


def make_functions(connection: Connection, marts: Iterable[Mart], before: Iterable[str]) -> None:
    """Make the function of every mart whose past is kept, in place of a former one: what others built stays.

    before: the views that were made before; the functions of those that are no more are dropped.
    """
    kept = {function_name(mart.name): mart for mart in marts if is_kept(mart)}
    drop_functions(connection, {function_name(name) for name in before} - kept.keys())
    for name, mart in kept.items():
        created, *rest = function_of(mart)
        if not tried(connection, created, INVALID_FUNCTION_DEFINITION):
            connection.execute(f"DROP FUNCTION marts.{name}(timestamptz)")
            plainly(connection, created)
        for statement in rest:
            plainly(connection, statement)


def drop_functions(connection: Connection, ours: AbstractSet[str]) -> None:
    """Drop those of these that are there."""
    for (signature,) in connection.query(FUNCTIONS):
        if str(signature).removeprefix("marts.").partition("(")[0] in ours:
            connection.execute(f"DROP FUNCTION {signature}")


def function_name(name: str) -> str:
    """What the function of a mart is called, cut to what PostgreSQL keeps of a name."""
    return apart(f"{name}{SUFFIX}", name, ())


def function_of(mart: Mart) -> Iterator[str]:
    """What makes `marts.<mart>_asof(moment)`; it reads what its owner may read, as the views do."""
    name = f"marts.{function_name(mart.name)}"
    columns = ", ".join(f'"{column.name}" {STORED[column.type]}' for column in mart.columns)
    path = ", ".join([*LAYERS, "pg_temp"])
    asked = over_the_past(mart, "postgresql", "moment")
    yield (
        f"CREATE OR REPLACE FUNCTION {name}(moment timestamptz) RETURNS TABLE ({columns})"
        f" LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {path} AS $asof$ {asked} $asof$"
    )
    yield f"REVOKE ALL ON FUNCTION {name}(timestamptz) FROM PUBLIC"
    said = f"{mart.name} as the hub knew it at a moment. {said_of_the_past(mart)}"
    yield f"COMMENT ON FUNCTION {name}(timestamptz) IS {literal(said)}"


def replaced(connection: Connection, mart: Mart) -> bool:
    """Whether a view of this name could be replaced in place: PostgreSQL does where columns are added at the end."""
    if connection.dialect != "postgresql":
        return False
    created = next(statements(mart, connection.dialect))
    return tried(
        connection, created.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1), INVALID_TABLE_DEFINITION
    )


def tried(connection: Connection, statement: str, refusal: str) -> bool:
    """Whether a statement was carried out, or refused for one reason (SQLSTATE) and nothing done."""
    connection.execute("SAVEPOINT before_change")
    try:
        plainly(connection, statement)
    except Exception as error:
        if getattr(error, "sqlstate", None) != refusal:
            raise
        connection.execute("ROLLBACK TO SAVEPOINT before_change")
        return False
    connection.execute("RELEASE SAVEPOINT before_change")
    return True


INVALID_TABLE_DEFINITION: Final = "42P16"
INVALID_FUNCTION_DEFINITION: Final = "42P13"


def plainly(connection: Connection, statement: str) -> None:
    """Run a statement without parameters: names of fields may hold the marks of one."""
    connection.raw.execute(statement)


def alone(connection: Connection) -> None:
    """Wait until no other process of this warehouse makes or drops views; until the transaction ends."""
    if connection.dialect == "postgresql":
        connection.query("SELECT pg_advisory_xact_lock(hashtext('partnerhub marts'))")


def open_to_readers(connection: Connection) -> None:
    """Let READER see the marts and nothing else. It is made where this account may make roles."""
    if not connection.one("SELECT 1 FROM pg_roles WHERE rolname = ?", (READER,)):
        if not connection.one(
            "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreaterole OR rolsuper)"
        ):
            return
        connection.execute(MAKE_READER)
    connection.execute(f"GRANT USAGE ON SCHEMA marts TO {READER}")
    connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA marts TO {READER}")
    connection.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA marts TO {READER}")


def drop_views(connection: Connection) -> None:
    """Take every view down. Safe to call twice."""
    with connection.transaction():
        alone(connection)
        take_down(connection)
        forget(connection, STANDING)
        forget(connection, VIEWS)


def take_down(connection: Connection) -> None:
    """Drop the views that are there, in the caller's transaction; none depends on another."""
    ours = {mart.name for mart in MARTS} | standing(connection).keys()
    if connection.dialect == "postgresql":
        drop_functions(connection, set(map(function_name, ours)))
    for name in sorted(present(connection) & ours):
        connection.execute(f"DROP VIEW {placed(name, connection.dialect)}")


def present(connection: Connection) -> set[str]:
    """The views that are there."""
    return {row[0] for row in connection.query(PRESENT[connection.dialect])}


def standing(connection: Connection) -> dict[str, Any]:
    """The views of ours that were made, each with what tells its definition."""
    known = remembered(connection, VIEWS)
    return json.loads(known) if known else {}


def statements(mart: Mart, dialect: str) -> Iterator[str]:
    """What makes one view, with its comments where the engine keeps any."""
    name = placed(mart.name, dialect)
    columns = ", ".join(column.name for column in mart.columns)
    yield f"CREATE VIEW {name} ({columns}) AS {mart.select(dialect).strip()}"
    if dialect == "postgresql":
        yield f"COMMENT ON VIEW {name} IS {literal(f'{mart.grain} {mart.over_time}')}"
        for column in mart.columns:
            yield f"COMMENT ON COLUMN {name}.{column.name} IS {literal(column.says)}"


def placed(name: str, dialect: str) -> str:
    """A view's name, with its schema on PostgreSQL."""
    return f"marts.{name}" if dialect == "postgresql" else name


def literal(said: str) -> str:
    """A text as SQL."""
    return "'" + said.replace("'", "''") + "'"


def told(mart: Mart, dialect: str) -> str:
    """What tells a view's definition from another one."""
    return hashlib.blake2b("\n".join(statements(mart, dialect)).encode(), digest_size=6).hexdigest()


@cache
def fingerprint() -> str:
    """What tells these marts from those of another version of the program, the same on both engines."""
    said = "\n".join(told(mart, dialect) for dialect in PRESENT for mart in MARTS)
    said += "\n".join(statement for mart in MARTS if is_kept(mart) for statement in function_of(mart))
    return hashlib.blake2b((said + STREAMS).encode(), digest_size=8).hexdigest()


STREAMS: Final = "2"
"""Raised whenever the views of streams, or their functions, are written another way."""
