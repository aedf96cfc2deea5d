"""Millions of touchpoints written inside the database by statements both engines understand, drawn from a seed.

Expects the temporary tables that `benchmarks.web_base` fills: `made_partner`, `made_number`, `made_words`. A touchpoint
is a fact with its copies, its participants, its tie to an organization, its place on the timeline and its search entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from warehouse.tables.finding import KINDS, RANGE, SQLITE_TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from warehouse.database import Connection

BIG: Final = (
    "timeline", "fact", "fact_source", "fact_link", "staged_touchpoint", "participant", "raw_current", "search_entry",
)  # fmt: skip
"""Tables that are filled before their indexes are built."""
DAYS: Final = 1_095
SUBJECTS, TEXTS, NAMES = 997, 499, 211
"""Rows of `made_words` of each sort; primes, so that draws spread over them."""
LAST_ENTRY: Final = (KINDS.index("touchpoint") + 1) * RANGE
FIRST_RAW: Final = 100_000_000
FIRST_COPY: Final = 200_000_000

ORDER: Final = """
CREATE TEMPORARY TABLE made_order AS
SELECT p.partner, k.n, ((p.partner * 2654435761 + k.n * 40499 + {seed}) % 4294967296 * 1103515245 + 12345)
    % 4294967296 AS draw
FROM made_partner p JOIN made_number k ON k.n < p.touchpoints
"""
TOUCH_TABLE: Final = """
CREATE TEMPORARY TABLE made_touch (
i {numbered}, organization_id {text}, fact_id {text}, happened_at {time}, kind {text}, direction {text}, title {text},
source {text}, stream {text}, thread {text}, email {text}, person {text}, words {text}, text_at INTEGER, pick INTEGER)
"""
TOUCH: Final = """
INSERT INTO made_touch (organization_id, fact_id, happened_at, kind, direction, title, source, stream, thread, email,
    person, words, text_at, pick)
SELECT p.organization_id, {fact_id}, {happened_at}, d.kind, d.direction,
    CASE WHEN d.pick % 3 = 0 THEN w.said || ' ' || p.word ELSE w.said END, d.source, d.stream,
    CASE WHEN d.kind = 'email' THEN 'm' || d.partner || '-' || (d.n / 4) END,
    'p' || (d.pick % p.people) || '@' || p.domain, g.said,
    CASE WHEN d.pick % 3 = 0 THEN lower(w.said || ' ' || p.word) ELSE lower(w.said) END, d.pick % {texts}, d.pick
FROM (
    SELECT partner, n, draw, pick, CASE WHEN pick % 100 < 60 THEN 'email' WHEN pick % 100 < 75 THEN 'meeting'
            WHEN pick % 100 < 85 THEN 'call' WHEN pick % 100 < 95 THEN 'note' ELSE 'comment' END AS kind,
        CASE WHEN pick % 100 >= 95 THEN 'internal' WHEN pick % 7 < 3 THEN 'in' ELSE 'out' END AS direction,
        CASE WHEN pick % 100 < 30 THEN 'mail_nora' WHEN pick % 100 < 60 THEN 'mail_jonas'
            WHEN pick % 100 < 95 THEN 'crm' ELSE 'jira' END AS source,
        CASE WHEN pick % 100 < 60 THEN 'messages' WHEN pick % 100 < 75 THEN 'meetings'
            WHEN pick % 100 < 85 THEN 'calls' WHEN pick % 100 < 95 THEN 'notes' ELSE 'comments' END AS stream
    FROM (SELECT partner, n, draw, (draw * 1103515245 + 12345) % 4294967296 / 65536 AS pick FROM made_order) o
) d JOIN made_partner p ON p.partner = d.partner
JOIN made_words w ON w.sort = 's' AND w.at = d.draw / 64 % {subjects}
JOIN made_words g ON g.sort = 'n' AND g.at = (d.partner + d.pick % p.people * 31) % {names}
ORDER BY 3
"""
RECORD: Final = "source || '/' || stream || '/' || i"
COPY: Final = "'crm/emails/' || i"
HAS_COPY: Final = "kind = 'email' AND pick % 10 = 1"
"""One mail in ten is known to the CRM, too."""
FILLED: Final = {
    "timeline": """
INSERT INTO timeline (organization_id, happened_at, fact_id, entity, kind, method, anchor)
SELECT organization_id, happened_at, fact_id, 'touchpoint', kind,
    CASE WHEN kind = 'email' THEN 'person_address' ELSE 'crm_id' END, 'email:' || email
FROM made_touch ORDER BY organization_id, happened_at, fact_id
""",
    "fact": f"""
INSERT INTO fact (fact_id, entity, kind, happened_at, title, record, nature, direction, thread, attached,
    source_count)
SELECT fact_id, 'touchpoint', kind, happened_at, title, {RECORD},
    CASE WHEN kind = 'email' AND pick % 25 = 0 THEN 'auto' ELSE 'person' END, direction, thread, 'attached',
    CASE WHEN {HAS_COPY} THEN 2 ELSE 1 END
FROM made_touch ORDER BY fact_id
""",
    "fact_source": f"""
INSERT INTO fact_source (record, fact_id)
SELECT {RECORD}, fact_id FROM made_touch UNION ALL SELECT {COPY}, fact_id FROM made_touch WHERE {HAS_COPY}
ORDER BY 1
""",
    "fact_link": """
INSERT INTO fact_link (fact_id, anchor, role, method)
SELECT fact_id, 'email:' || email, 'party', 'person_address' FROM made_touch ORDER BY fact_id
""",
    "staged_touchpoint": f"""
INSERT INTO staged_touchpoint (record, source, stream, source_id, raw_id, rules, kind, happened_at, direction, nature,
    text, thread, mailbox, sensitivity)
SELECT {RECORD}, source, stream, CAST(i AS TEXT), i + {FIRST_RAW}, 'r', kind, happened_at, direction, 'person',
    w.said, thread, CASE WHEN source = 'mail_nora' THEN 'nora@hub.example'
        WHEN source = 'mail_jonas' THEN 'jonas@hub.example' END, 'normal'
FROM made_touch JOIN made_words w ON w.sort = 't' AND w.at = text_at
UNION ALL SELECT {COPY}, 'crm', 'emails', CAST(i AS TEXT), i + {FIRST_COPY}, 'r', kind, happened_at, direction,
    'person', w.said, NULL, NULL, 'normal'
FROM made_touch JOIN made_words w ON w.sort = 't' AND w.at = text_at WHERE {HAS_COPY}
""",
    "participant": f"""
INSERT INTO participant (record, position, role, address, name)
SELECT {RECORD}, 0, CASE WHEN direction = 'in' THEN 'from' ELSE 'to' END, email, person FROM made_touch
UNION ALL SELECT {RECORD}, 1, CASE WHEN direction = 'in' THEN 'to' ELSE 'from' END,
    CASE WHEN pick % 2 = 0 THEN 'nora@hub.example' ELSE 'jonas@hub.example' END,
    CASE WHEN pick % 2 = 0 THEN 'Nora Fields' ELSE 'Jonas Weiher' END FROM made_touch
ORDER BY 1, 2
""",
    "raw_current": f"""
INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, quarantine, staged_raw_id, staged_rules)
SELECT source, stream, CAST(i AS TEXT), i + {FIRST_RAW}, 'upsert', {{hash}},
    CASE WHEN pick % 4001 = 0 THEN 'bad_value' END, i + {FIRST_RAW}, 'r' FROM made_touch
UNION ALL SELECT 'crm', 'emails', CAST(i AS TEXT), i + {FIRST_COPY}, 'upsert', {{hash}}, NULL, i + {FIRST_COPY}, 'r'
FROM made_touch WHERE {HAS_COPY} ORDER BY 1, 2, 3
""",
    "search_entry": f"""
INSERT INTO search_entry (entry_id, kind, id, organization_id, title, text, words, happened_at)
SELECT {LAST_ENTRY} - i, 'touchpoint', fact_id, organization_id, title, '', words, happened_at
FROM made_touch ORDER BY i DESC
""",
}
"""Table → how it is filled, in the order in which a first load leaves its rows."""


def fill_touchpoints(connection: Connection, seed: int, until: int, told: Callable[[str], None]) -> None:
    """Write all touchpoints up to a moment (seconds of the epoch)."""
    connection.execute(ORDER.format(seed=seed))
    is_sqlite = connection.dialect == "sqlite"
    text, numbered, time = (
        ("TEXT", "INTEGER PRIMARY KEY", "TEXT")
        if is_sqlite
        else ('TEXT COLLATE "C"', "BIGINT GENERATED ALWAYS AS IDENTITY", "TIMESTAMPTZ")
    )
    connection.execute(TOUCH_TABLE.format(text=text, numbered=numbered, time=time))
    happened_at = moment(connection.dialect, f"{until} - d.draw % {DAYS * 86_400}")
    connection.execute(TOUCH.format(
        fact_id=fact_id(connection.dialect), happened_at=happened_at,
        subjects=SUBJECTS, texts=TEXTS, names=NAMES,
    ))  # fmt: skip
    connection.execute("DROP TABLE made_order")
    told("drawn")
    blank = "zeroblob(16)" if is_sqlite else "decode(repeat('00', 16), 'hex')"
    for name, statement in FILLED.items():
        with connection.transaction():
            connection.execute(statement.replace("{hash}", blank))
        told(name)
    connection.execute("DROP TABLE made_touch")


def fact_id(dialect: str) -> str:
    """A text like a UUID: eight drawn digits in front, what makes it the only one behind."""
    number = "d.partner * 10000 + d.n"
    parts = (("d.draw", 8), ("d.pick % 65536", 4), ("d.n % 4096", 3), ("d.pick % 4096", 3), (number, 12))
    drawn = [f"printf('%0{width}x', {what})" if dialect == "sqlite" else f"lpad(to_hex({what}), {width}, '0')"
             for what, width in parts]  # fmt: skip
    return f"{drawn[0]} || '-' || {drawn[1]} || '-5' || {drawn[2]} || '-8' || {drawn[3]} || '-' || {drawn[4]}"


def moment(dialect: str, seconds: str) -> str:
    """Seconds of the epoch as a time of the warehouse."""
    if dialect == "sqlite":
        return f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', {seconds}, 'unixepoch')"
    return f"to_timestamp({seconds})"


def without_indexes(connection: Connection) -> list[str]:
    """Drop what would be kept up row by row; returns the statements that make it again."""
    if connection.dialect == "sqlite":
        for name in SQLITE_TRIGGERS:
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        marks = ", ".join("?" * len(BIG))
        found = connection.query(
            "SELECT name, sql FROM sqlite_master"
            f" WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
            BIG,
        )
        for name, _ in found:
            connection.execute(f"DROP INDEX {name}")
        return [sql for _, sql in found]
    return [statement for name in BIG for statement in dropped(connection, name)]


def dropped(connection: Connection, table: str) -> Iterator[str]:
    """PostgreSQL: the same for one table, its primary key included."""
    constraints = connection.query(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ?::regclass AND contype = 'p'",
        (table,),
    )
    for name, definition in constraints:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    for name, schema, definition in connection.query(
        "SELECT indexname, schemaname, indexdef FROM pg_indexes WHERE tablename = ?", (table,)
    ):
        connection.execute(f"DROP INDEX {schema}.{name}")
        yield definition


def with_indexes(connection: Connection, made: list[str], told: Callable[[str], None]) -> None:
    """Build the indexes again, those of the search on SQLite in one pass."""
    for statement in made:
        connection.execute(statement)
    told("indexes")
    if connection.dialect == "postgresql":
        connection.execute("VACUUM ANALYZE")
        told("statistics")
