"""What a mart is: a view others build on, with a stated grain, a key, and a description and a type of every column.

A query is written once. What the engines spell differently stands in braces: `{source_of(x)}` the source of a record
key, `{stamp(x)}` a time as text, `{day(x)}` the date of a time, `{month(x)}` the first of its month,
`{money(amount, currency)}` an amount in whole units, `{held(x, name, type)}` a value of a JSON object,
`{said(hexadecimal)}` a text, `{base(x)}` a table of the warehouse where a query calls its own part by that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from mappings.canonical import THOUSANDTHS, WITHOUT_MINOR_UNITS
from warehouse.layers import layer_of

Type = Literal["text", "integer", "decimal", "float", "boolean", "time", "date", "json"]
"""decimal: 20 digits, 4 of them behind the point; a double on SQLite. time: UTC, microseconds. json: as text."""

LINEAGE: Final = "_hub_"
NO_RUN: Final = "null: no run is kept with it"
PERSONAL: Final = "pii"

A_DATE: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
STORED: Final = {
    "text": "text",
    "integer": "bigint",
    "decimal": "numeric(20, 4)",
    "float": "double precision",
    "boolean": "boolean",
    "time": "timestamptz",
    "date": "date",
    "json": "text",
}
"""The types of columns on PostgreSQL."""

MARKS: Final = frozenset("?%")
"""What stands for a parameter in a statement: no query of a mart holds any, on PostgreSQL."""
MACRO = re.compile(r"\{(\w+)\(([^{}]*)\)\}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a mart. of: where it comes from, as `table.column`; empty for what the mart derives itself."""

    name: str
    type: Type
    says: str
    of: str = ""
    tags: frozenset[str] = frozenset()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What people ask of a mart, and the SQL that answers it, on both engines."""

    asks: str
    sql: str


@dataclass(frozen=True, slots=True)
class Mart:
    """One published view. grain: what a row is. key: the columns that tell its rows apart.

    over_time: what a soft delete, a merge and a split do to its rows. by_month: the time by whose month an export is
    parted, of what happened; empty for what is exported as one file. relation: what is read in place of the view, as
    of then; empty for the view.
    """

    name: str
    grain: str
    over_time: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    query: str
    questions: tuple[Question, ...] = ()
    by_month: str = ""
    relation: str = ""

    @property
    def read_from(self) -> str:
        """What stands behind FROM where its rows are read, on the engine it was made for."""
        return f"({self.relation}) AS {self.name}" if self.relation else self.name

    def select(self, dialect: str) -> str:
        """The query as one engine takes it."""
        return spelled_out(self.query, dialect)


def spelled_out(query: str, dialect: str) -> str:
    """A query as one engine takes it. `{then()}` stays: `marts.then` knows which moment is meant."""

    def spell(found: re.Match[str]) -> str:
        return found[0] if found[1] == "then" else SPELLED[dialect][found[1]](*split(found[2]))

    return MACRO.sub(spell, query)


def split(arguments: str) -> list[str]:
    """The arguments of a macro."""
    return [each.strip() for each in arguments.split(",") if each.strip()]


def text(name: str, says: str, of: str = "", *, tags: tuple[str, ...] = (), required: bool = False) -> Column:
    """A text column."""
    return Column(name, "text", says, of, frozenset(tags), required)


def personal(name: str, says: str, of: str) -> Column:
    """A text that tells who somebody is, or how to reach them."""
    return text(name, says, of, tags=(PERSONAL,))


def lineage(run: str, loaded: str, deleted: str, source: str) -> tuple[Column, ...]:
    """The four columns every mart ends with. Arguments: where each comes from."""
    return (
        text("_hub_run_id", "run that wrote this version; see fct_sync_run", run),
        Column("_hub_loaded_at", "time", "when the hub took it in, or published it", loaded),
        Column(
            "_hub_deleted_at", "time", "when it was deleted at its source; null while it is there", deleted
        ),
        text("_hub_source", "source it is from; `hub` for what several sources make", source),
    )


def lineage_of_hub(run: str, loaded: str, source: str = "") -> tuple[Column, ...]:
    """The same of what the hub itself wrote, and no source can delete. Without a run where none is kept."""
    return (
        text("_hub_run_id", "run that wrote it" if run else NO_RUN, run, required=bool(run)),
        Column("_hub_loaded_at", "time", "when the hub wrote it", loaded, required=True),
        Column("_hub_deleted_at", "time", "null: no source can delete it"),
        text("_hub_source", "source it is about; `hub` for what several sources make", source, required=True),
    )


def optional(*columns: Column) -> tuple[Column, ...]:
    """Columns that may be null."""
    return tuple(replace(column, required=False) for column in columns)


def lineage_of_tie(table: str, deleted: str = "") -> tuple[Column, ...]:
    """The same of what ties two things: the state of the record that is shown. Where deleted ties go, none is."""
    run, loaded, deleted_at, source = lineage(
        "raw_record.run_id", "raw_record.landed_at", deleted, f"{table}.record"
    )
    if not deleted:
        deleted_at = replace(deleted_at, says="null: what is deleted at its source has no row")
    return run, loaded, deleted_at, source


def tied_by(staged: str) -> str:
    """What `lineage_of_tie` describes, of the record that fact `t` is shown by.

    Looked up by subqueries: SQLite leaves out those nobody asks for, and of a join it leaves none out where rows are
    counted.
    """
    shown = f"FROM fact f JOIN {staged} s ON s.record = f.record JOIN raw_record a ON a.raw_id = s.raw_id"
    return (
        f"(SELECT a.run_id {shown} WHERE f.fact_id = t.fact_id) AS _hub_run_id,\n"
        f"(SELECT a.landed_at {shown} WHERE f.fact_id = t.fact_id) AS _hub_loaded_at,\n"
        "{no_time()} AS _hub_deleted_at,\n"
        "(SELECT {source_of(f.record)} FROM fact f WHERE f.fact_id = t.fact_id) AS _hub_source"
    )


def minor_units(currency: str) -> str:
    """How many of the smallest unit make one of a currency, as SQL (ISO 4217)."""
    return (
        f"CASE WHEN {currency} IN ({quoted(WITHOUT_MINOR_UNITS)}) THEN 1"
        f" WHEN {currency} IN ({quoted(THOUSANDTHS)}) THEN 1000 ELSE 100 END"
    )


def quoted(words: frozenset[str]) -> str:
    """Words as SQL texts."""
    return ", ".join(f"'{word}'" for word in sorted(words))


def lite(key: str, part: str) -> str:
    """A custom field, its name given in hexadecimal, on SQLite. part: its type, its value, or how JSON writes it."""
    name = bytes.fromhex(key).decode()
    said = name.replace("'", "''")
    if '"' in name or "\\" in name:  # no path can name it
        shown = {
            "type": "type",
            "value": "value",
            "json": "iif(type IN ('true', 'false'), type, json_quote(value))",
        }[part]
        return f"(SELECT {shown} FROM json_each(s.custom_json) WHERE key = '{said}')"
    path = f"'$.\"{said}\"'"
    return {
        "type": f"json_type(s.custom_json, {path})",
        "value": f"json_extract(s.custom_json, {path})",
        "json": f"s.custom_json -> {path}",
    }[part]


def lite_text(key: str) -> str:
    """A custom field as text, on SQLite: texts as they are, everything else as JSON writes it."""
    return (
        f"CASE {lite(key, 'type')} WHEN 'text' THEN {lite(key, 'value')} WHEN 'null' THEN NULL"
        f" ELSE {lite(key, 'json')} END"
    )


def lite_when(key: str, condition: str) -> str:
    """A custom field where a condition on it holds, on SQLite. In the condition `type` and `value` are its own."""
    met = condition.replace("type", lite(key, "type")).replace("value", lite(key, "value"))
    return f"CASE WHEN {met} THEN {lite(key, 'value')} END"


def after_slash(key: str) -> str:
    """What follows the first slash, on SQLite."""
    return f"substr({key}, instr({key}, '/') + 1)"


def lite_id(key: str) -> str:
    """The id a source knows by what follows source and stream in a record's key, on SQLite."""
    return f"replace(substr({key}, 1, instr({key} || '#', '#') - 1), '%23', '#')"


def lite_literal(written: str) -> str:
    """A text, given in hexadecimal, on SQLite."""
    said = bytes.fromhex(written).decode().replace("'", "''")
    return f"'{said}'"


def post_literal(written: str) -> str:
    """The same on PostgreSQL, without the marks of parameters."""
    plain = lite_literal(written)
    if not MARKS.intersection(plain):
        return plain
    escaped = plain.replace("\\", "\\\\")
    for mark in MARKS:
        escaped = escaped.replace(mark, f"\\{ord(mark):04x}")
    return f"U&{escaped}"


def post_text(key: str) -> str:
    """A custom field as text, on PostgreSQL."""
    return f"(s.custom_json ->> {post_literal(key)})"


def post_when(key: str, pattern: str, stored: str) -> str:
    """A custom field where it looks as it should, as a type of PostgreSQL."""
    return f"CASE WHEN {post_text(key)} ~ '^{pattern}$' THEN {post_text(key)}::{stored} END"


SPELLED: Final[dict[str, dict[str, Callable[..., str]]]] = {
    "sqlite": {
        "null": lambda _: "NULL",
        "said": lite_literal,
        "custom_text": lite_text,
        "custom_integer": lambda key: lite_when(key, "type = 'integer'"),
        "custom_boolean": lambda key: lite_when(key, "type IN ('true', 'false')"),
        "custom_date": lambda key: lite_when(key, f"value GLOB '{A_DATE}'"),
        "custom_time": lambda key: lite_when(key, f"value GLOB '{A_DATE}T*Z'"),
        "source_of": lambda key: f"substr({key}, 1, instr({key}, '/') - 1)",
        "stamp": lambda at: at,
        "day": lambda at: f"substr({at}, 1, 10)",
        "month": lambda at: f"(substr({at}, 1, 7) || '-01')",
        "money": lambda amount, currency: f"({amount} * 1.0 / {minor_units(currency)})",
        "json": lambda value: value,
        "no_time": lambda: "NULL",
        "time": lambda written: written,
        "held": lambda image, name, _: f"json_extract({image}, '$.{name}')",
        "days": lambda later, earlier: f"(julianday({later}) - julianday({earlier}))",
        "share": lambda part, whole: f"({part} * 1.0 / {whole})",
        "whole": lambda ten_thousandths: f"({ten_thousandths} / 10000.0)",
        "base": lambda name: f"main.{name}",
        "raw_id_of": lite_id,
        "stream_of": lambda key: f"substr({after_slash(key)}, 1, instr({after_slash(key)}, '/') - 1)",
        "id_of": lambda key: lite_id(after_slash(after_slash(key))),
    },
    "postgresql": {
        "null": lambda type_of: f"NULL::{STORED[type_of]}",
        "said": post_literal,
        "custom_text": post_text,
        "custom_integer": lambda key: post_when(key, "-{0,1}[0-9]{1,18}", "bigint"),
        "custom_boolean": lambda key: post_when(key, "(true|false)", "boolean"),
        "custom_date": lambda key: post_when(key, A_DATE, "date"),
        "custom_time": lambda key: post_when(key, f"{A_DATE}T.*Z", "timestamptz"),
        "source_of": lambda key: f"split_part({key}, '/', 1)",
        "stamp": lambda at: f"to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        "day": lambda at: f"({at} AT TIME ZONE 'UTC')::date",
        "month": lambda at: f"date_trunc('month', {at} AT TIME ZONE 'UTC')::date",
        "money": lambda amount, currency: f"({amount} / ({minor_units(currency)})::numeric)::numeric(20, 4)",
        "json": lambda value: f"{value}::text",
        "no_time": lambda: "NULL::timestamptz",
        "time": lambda written: f"{written}::timestamptz",
        "held": lambda image, name, of: f"({image} ->> '{name}')::{'json' if of == 'json' else STORED[of]}",
        "days": lambda later, earlier: f"(extract(epoch FROM {later} - {earlier}) / 86400)::double precision",
        "share": lambda part, whole: f"({part}::double precision / {whole})",
        "whole": lambda ten_thousandths: f"({ten_thousandths} / 10000::numeric)::numeric(20, 4)",
        "base": lambda name: f"{layer_of(name)}.{name}",
        "raw_id_of": lambda key: f"replace(split_part({key}, '#', 1), chr(37) || '23', '#')",
        "stream_of": lambda key: f"split_part({key}, '/', 2)",
        "id_of": lambda key: (
            f"replace(split_part(substr({key}, length(split_part({key}, '/', 1) || split_part({key}, '/', 2)) + 3),"
            " '#', 1), chr(37) || '23', '#')"
        ),
    },
}
"""The macros of a query, by engine."""
