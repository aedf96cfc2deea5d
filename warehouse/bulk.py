"""Bulk writes: many rows a statement on SQLite, COPY on PostgreSQL. Never an ORM object a row.

All of these expect to be called inside `Connection.transaction()` and are safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain, islice
from operator import itemgetter
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.tables import layer_of, table

if TYPE_CHECKING:
    from warehouse.database import Connection, RowTuple

COPY_FROM_ROWS = 50
"""Below this many rows a prepared statement beats COPY's fixed cost of a temporary table."""
TRUNCATE_FROM_ROWS = 500
"""From this many rows on a new file is cheaper than rows that are deleted and read again until the commit."""
LOOK_FROM_ROWS = 500
"""From this many rows on it pays to look first at what stands between the smallest key and the largest."""
LOOK_ROWS = 32
"""Rows of that look. What it finds decides which way is taken, never what stands afterwards."""
COMPARED_AT_ONCE = 10_000
"""Rows that are read back at once, which bounds memory."""
STREAMED_AT_ONCE = 500
"""Rows of them that are compared while the server makes the next."""
SENT_TIME: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
"""How the hub spells a time, in PostgreSQL's terms."""
SIZE, DIGEST = 16, "16s"
"""Bytes of a digest, and how `struct` names one: it takes many apart for half of what slices cost."""
PACKED: Final = {
    "sqlite": "CAST(group_concat(digest, '') AS BLOB)",
    "postgresql": "string_agg(digest, ''::bytea)",
}
"""Digests of several rows as one value; nulls are left out."""
NOWHERE: Final[Mapping[str, str]] = {}
"""No columns before the one that is asked for."""
MOST_PARAMETERS = 900
"""Parameters of one statement; SQLite before 3.32 takes 999."""
IDS_PER_QUERY = 400
SOME, A_FEW = 32, 8
"""Rows of the statements for what a statement as large as that leaves over."""


def insert(connection: Connection, name: str, columns: Sequence[str], rows: Sequence[RowTuple]) -> None:
    """Append rows; a key that exists raises."""
    if not rows:
        return
    if connection.dialect == "postgresql" and len(rows) >= COPY_FROM_ROWS:
        copy_rows(connection, name, columns, rows)
        return
    insert_many(connection, insert_head(name, tuple(columns)), "", rows)


def upsert(connection: Connection, name: str, columns: Sequence[str], rows: Sequence[RowTuple]) -> None:
    """Insert rows or replace the given columns of those whose key exists. A key may occur once per call.

    A row that stands as it is sent is left alone, so that sending everything again writes what changed. On PostgreSQL
    many such rows are not even locked: whoever is changing one of them at the same time comes after.
    """
    if connection.dialect == "postgresql" and len(rows) >= LOOK_FROM_ROWS:
        rows = [
            row
            for start in range(0, len(rows), COMPARED_AT_ONCE)
            for row in not_standing(connection, name, columns, rows[start : start + COMPARED_AT_ONCE])
        ]
    if not rows:
        return
    tail = conflict_clause(name, tuple(columns), connection.dialect)
    if connection.dialect == "postgresql" and len(rows) >= COPY_FROM_ROWS:
        merge(connection, name, columns, rows, tail)
    else:
        insert_many(connection, insert_head(name, tuple(columns)), tail, rows)


def not_standing(
    connection: Connection, name: str, columns: Sequence[str], rows: Sequence[RowTuple]
) -> Sequence[RowTuple]:
    """PostgreSQL only: the rows to be merged. New ones are written at once where no key stands between theirs.

    What stands is read and compared here if the first rows found stand as they are sent. A value that is read back in
    another spelling counts as changed, and merging decides; keys in no order are all merged.
    """
    keys = [column.name for column in table(name).primary_key]
    if not set(keys) < set(columns):
        return rows
    key_of = itemgetter(*[list(columns).index(key) for key in keys])
    sent = dict(zip(map(key_of, rows), rows, strict=True))
    low, high = min(sent), max(sent)
    stretch = Stretch.of(keys, low, high) if len(keys) > 1 else Stretch.of(keys, (low,), (high,))
    spelled = [as_sent(column) for column in columns]
    found = stretch.rows(connection, name, spelled, LOOK_ROWS)
    if not found:
        return () if copied_as_new(connection, name, columns, rows) else rows
    if 2 * sum(sent.get(key_of(row)) == row for row in found) < len(found):
        return rows
    found = list(stretch.streamed(connection, name, spelled, 2 * len(rows)))
    if list(map(key_of, found)) == list(sent):  # as nearly always: side by side is faster than by key
        return [row for row, stands in zip(sent.values(), found, strict=True) if row != stands]
    standing = dict(zip(map(key_of, found), found, strict=True))
    return [row for key, row in sent.items() if standing.get(key) != row]


def as_sent(column: str) -> str:
    """PostgreSQL only: a column in the spelling in which it is sent. The server is faster at times than Python."""
    return f"to_char({column}, '{SENT_TIME}')" if column.endswith("_at") else column


def copied_as_new(
    connection: Connection, name: str, columns: Sequence[str], rows: Sequence[RowTuple]
) -> bool:
    """PostgreSQL only: append rows by COPY. False, and nothing appended, if another writer was first with a key."""
    from psycopg.errors import UniqueViolation  # a SQLite hub does not need the driver

    connection.execute("SAVEPOINT as_new")
    try:
        copy_rows(connection, name, columns, rows)
    except UniqueViolation:
        connection.execute("ROLLBACK TO SAVEPOINT as_new")
        return False
    connection.execute("RELEASE SAVEPOINT as_new")
    return True


def merge(
    connection: Connection, name: str, columns: Sequence[str], rows: Sequence[RowTuple], tail: str
) -> None:
    """PostgreSQL only: COPY rows into a temporary table, and insert or replace from there."""
    staging = staging_table(connection, name)
    copy_rows(connection, staging, columns, rows)
    listed = ", ".join(columns)
    connection.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {staging} {tail}")
    connection.execute(f"TRUNCATE {staging}" if len(rows) >= TRUNCATE_FROM_ROWS else f"DELETE FROM {staging}")


def held(
    connection: Connection, name: str, columns: Sequence[str], place: Mapping[str, str], ids: set[str]
) -> list[RowTuple]:
    """The rows of a place whose `columns[0]` is one of the ids; `place` names the columns before it in the key.

    Ids that lie close together are a stretch of the key, read at once. Others are looked up.
    """
    if len(ids) >= LOOK_FROM_ROWS:
        before = tuple(place.values())
        stretch = Stretch.of((*place, columns[0]), (*before, min(ids)), (*before, max(ids)))
        most = LOOK_ROWS
        found = stretch.rows(connection, name, columns, most)
        if 2 * sum(row[0] in ids for row in found) >= most:
            most = 2 * len(ids)
            found = stretch.rows(connection, name, columns, most)
        if len(found) < most:  # else there may be more
            only_these = ids.issuperset(map(itemgetter(0), found))  # as nearly always
            return found if only_these else [row for row in found if row[0] in ids]
    return looked_up(connection, name, columns, columns[0], sorted(ids), place)


def standing_digests(connection: Connection, name: str, key: str, ids: Sequence[str]) -> set[bytes]:
    """The digests of the rows whose `key` is one of the ids, and maybe of rows between them; `name` has a `digest`.

    Where a digest tells the key of its row too (`row_digests`), a row whose digest is among them stands as it was made.
    """
    ordered = sorted(ids)  # as they nearly always are: a quarter of what looking for both ends takes
    if len(ordered) >= LOOK_FROM_ROWS:
        most = 2 * len(ordered)
        found = Stretch.of((key,), (ordered[0],), (ordered[-1],)).digests(connection, name, most)
        if found is not None:
            return found
    return {row[0] for row in looked_up(connection, name, ("digest",), key, ordered)}


def looked_up(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    key: str,
    ids: Sequence[str],
    place: Mapping[str, str] = NOWHERE,
) -> list[RowTuple]:
    """The rows of a place whose `key` is one of the ids, by lists of them."""
    rows = list[Any]()
    placed = "".join(f"{column} = ? AND " for column in place)
    for start in range(0, len(ids), IDS_PER_QUERY):
        condition, values = among(connection, key, ids[start : start + IDS_PER_QUERY])
        statement = f"SELECT {', '.join(columns)} FROM {name} WHERE {placed}{condition}"
        rows += connection.query(statement, (*place.values(), *values))
    return rows


class Stretch(NamedTuple):
    """All keys from one to another, both included: a condition, its values, and the order."""

    condition: str
    values: tuple[Any, ...]
    order: str

    @classmethod
    def of(cls, keys: Sequence[str], low: tuple[Any, ...], high: tuple[Any, ...]) -> Stretch:
        """What two keys begin with alike is asked as equal, which an index answers best."""
        alike = 0
        while alike < len(keys) - 1 and low[alike] == high[alike]:
            alike += 1
        rest, marks = ", ".join(keys[alike:]), ", ".join("?" * (len(keys) - alike))
        same = "".join(f"{key} = ? AND " for key in keys[:alike])
        condition = f"{same}({rest}) >= ({marks}) AND ({rest}) <= ({marks})"
        return cls(condition, (*low[:alike], *low[alike:], *high[alike:]), rest)

    def rows(self, connection: Connection, name: str, columns: Sequence[str], most: int) -> list[RowTuple]:
        """Its first rows, by their columns or expressions of these."""
        return connection.query(self.question(name, columns, most), self.values)

    def streamed(
        self, connection: Connection, name: str, columns: Sequence[str], most: int
    ) -> Iterable[RowTuple]:
        """PostgreSQL only: the same, read while the server still sends where the driver's library can."""
        from psycopg import capabilities  # a SQLite hub does not need the driver

        if not capabilities.has_stream_chunked():
            return self.rows(connection, name, columns, most)
        statement = connection.spelled(self.question(name, columns, most))
        found: Iterable[RowTuple] = connection.raw.cursor().stream(
            statement, self.values, size=STREAMED_AT_ONCE
        )
        return found

    def digests(self, connection: Connection, name: str, most: int) -> set[bytes] | None:
        """The digests of its rows, sent as one long value for half of what rows cost; None of as many rows, or more."""
        asked = self.question(name, ("digest",), most)
        packed = f"SELECT count(*), {PACKED[connection.dialect]} FROM ({asked}) AS found"
        rows, held = connection.query(packed, self.values)[0]
        if rows == most:
            return None
        told = held or b""
        return set(Struct(DIGEST * (len(told) // SIZE)).unpack(told))

    def question(self, name: str, columns: Sequence[str], most: int) -> str:
        """The query. Its order keeps an engine that knows little of a table from reading all of it."""
        listed = ", ".join(columns)
        return f"SELECT {listed} FROM {name} WHERE {self.condition} ORDER BY {self.order} LIMIT {most}"


def delete(connection: Connection, name: str, columns: Sequence[str], rows: Sequence[RowTuple]) -> None:
    """Delete the rows whose `columns` equal one of the given tuples."""
    if not rows:
        return
    where = " AND ".join(f"{column} = ?" for column in columns)
    connection.execute_many(f"DELETE FROM {name} WHERE {where}", rows)


def load_keys(connection: Connection, name: str, columns: Sequence[str], rows: Iterable[RowTuple]) -> int:
    """(Re)fill the temporary table `name` with text columns, to be joined against; returns how many rows it holds.

    Lives on this connection only. Duplicate rows are kept out by the primary key over all columns.
    """
    listed = ", ".join(columns)
    text = 'TEXT COLLATE "C"' if connection.dialect == "postgresql" else "TEXT"
    declared = ", ".join(f"{column} {text} NOT NULL" for column in columns)
    connection.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({declared}, PRIMARY KEY ({listed}))")
    connection.execute(f"TRUNCATE {name}" if connection.dialect == "postgresql" else f"DELETE FROM {name}")
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {name} ({listed}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    waiting = iter(dict.fromkeys(rows))
    while batch := list(islice(waiting, 5_000)):
        if connection.dialect == "postgresql" and len(batch) >= COPY_FROM_ROWS:
            copy_rows(connection, name, columns, batch)
        else:
            connection.execute_many(statement, batch)
    if connection.dialect == "postgresql":
        connection.execute(f"ANALYZE {name}")
    found = connection.one(f"SELECT count(*) FROM {name}")
    return int(found[0]) if found else 0


def among(connection: Connection, column: str, values: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    """The condition that a column holds one of these texts, and its parameters: on PostgreSQL one list."""
    if connection.dialect == "postgresql":
        return f"{column} = ANY(?)", (list(values),)
    return f"{column} IN ({', '.join('?' * len(values))})", tuple(values)


def copy_rows(
    connection: Connection,
    target: str,
    columns: Sequence[str],
    rows: Iterable[RowTuple],
    *,
    frozen: bool = False,
) -> None:
    """PostgreSQL only: stream rows into a table by COPY.

    frozen: store them as if they had stood there for long, which nothing tidies up later; only for a table that was
    emptied in the same transaction.
    """
    options = " (FREEZE)" if frozen else ""
    with (
        connection.raw.cursor() as cursor,
        cursor.copy(f"COPY {target} ({', '.join(columns)}) FROM STDIN{options}") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def staging_table(connection: Connection, name: str) -> str:
    """PostgreSQL only: a temporary twin of a table without its constraints, made once per connection.

    Emptied at every commit, because nothing vacuums temporary tables: deleted rows alone would be read again each time.
    """
    staging = f"incoming_{name}"
    connection.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS AS"
        f" SELECT * FROM {layer_of(name)}.{name} WITH NO DATA"
    )
    return staging


def insert_many(connection: Connection, head: str, tail: str, rows: Sequence[RowTuple]) -> None:
    """Insert rows by statements of many rows each, and what is left over one by one.

    Each statement hands Python's lock over once, so a writer beside busy threads waits per statement, not per row.
    """
    width, start = len(rows[0]), 0
    most = MOST_PARAMETERS // width
    for size in (most, *(smaller for smaller in (SOME, A_FEW) if smaller < most)):
        statement = f"{head} {many_marks(width, size)} {tail}"
        while 1 < size <= len(rows) - start:
            connection.execute(statement, tuple(chain.from_iterable(rows[start : start + size])))
            start += size
    if start < len(rows):
        connection.execute_many(f"{head} {many_marks(width, 1)} {tail}", rows[start:])


@cache
def insert_head(name: str, columns: tuple[str, ...]) -> str:
    """`INSERT INTO name (…) VALUES`."""
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES"


@cache
def many_marks(width: int, rows: int) -> str:
    """`(?, …), (?, …)` for so many rows."""
    return ", ".join([f"({', '.join('?' * width)})"] * rows)


@cache
def conflict_clause(name: str, columns: tuple[str, ...], dialect: str) -> str:
    """`ON CONFLICT (key) DO UPDATE SET … WHERE …`: the columns outside the primary key, where one of them differs."""
    keys = [column.name for column in table(name).primary_key]
    changed = [column for column in columns if column not in keys]
    if not changed:
        return f"ON CONFLICT ({', '.join(keys)}) DO NOTHING"
    assignments = ", ".join(f"{column} = excluded.{column}" for column in changed)
    differs = " OR ".join(
        DIFFERS[dialect].format(name, column, as_text(column, dialect)) for column in changed
    )
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {assignments} WHERE {differs}"


DIFFERS: Final = {
    "sqlite": "{0}.{1} IS NOT excluded.{1}",
    "postgresql": "{0}.{1}{2} IS DISTINCT FROM excluded.{1}{2}",
}
"""Whether a column is another one than was sent, nulls included."""


def as_text(column: str, dialect: str) -> str:
    """What makes a column comparable: PostgreSQL's `json` is not."""
    return "::text" if dialect == "postgresql" and column.endswith("_json") else ""


def columns_of(name: str) -> tuple[str, ...]:
    """All columns of a table, in declared order."""
    return tuple(column.name for column in table(name).columns)


def row_of(values: dict[str, Any], columns: Sequence[str]) -> RowTuple:
    """A dict as a tuple in column order; a missing column is null."""
    get = values.get
    return tuple([get(column) for column in columns])
