"""What a mart is: a view others build on, with a stated grain, a key, and a description and a type of every column.

A query is written once. What the engines spell differently stands in braces: `{source_of(x)}` the source of a record
key, `{stamp(x)}` a time as text, `{day(x)}` the date of a time, `{money(amount, currency)}` an amount in whole units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from mappings.canonical import THOUSANDTHS, WITHOUT_MINOR_UNITS

Type = Literal["text", "integer", "decimal", "float", "boolean", "time", "date", "json"]
"""decimal: 20 digits, 4 of them behind the point; a double on SQLite. time: UTC, microseconds. json: as text."""

LINEAGE: Final = "_hub_"
PERSONAL: Final = "pii"

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

    over_time: what a soft delete, a merge and a split do to its rows.
    """

    name: str
    grain: str
    over_time: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    query: str
    questions: tuple[Question, ...] = ()

    def select(self, dialect: str) -> str:
        """The query as one engine takes it."""
        return MACRO.sub(lambda found: SPELLED[dialect][found[1]](*split(found[2])), self.query)


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


def minor_units(currency: str) -> str:
    """How many of the smallest unit make one of a currency, as SQL (ISO 4217)."""
    return (
        f"CASE WHEN {currency} IN ({quoted(WITHOUT_MINOR_UNITS)}) THEN 1"
        f" WHEN {currency} IN ({quoted(THOUSANDTHS)}) THEN 1000 ELSE 100 END"
    )


def quoted(words: frozenset[str]) -> str:
    """Words as SQL texts."""
    return ", ".join(f"'{word}'" for word in sorted(words))


SPELLED: Final[dict[str, dict[str, Callable[..., str]]]] = {
    "sqlite": {
        "source_of": lambda key: f"substr({key}, 1, instr({key}, '/') - 1)",
        "stamp": lambda at: at,
        "day": lambda at: f"substr({at}, 1, 10)",
        "money": lambda amount, currency: f"({amount} * 1.0 / {minor_units(currency)})",
        "json": lambda value: value,
        "no_time": lambda: "NULL",
    },
    "postgresql": {
        "source_of": lambda key: f"split_part({key}, '/', 1)",
        "stamp": lambda at: f"to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        "day": lambda at: f"({at} AT TIME ZONE 'UTC')::date",
        "money": lambda amount, currency: f"({amount} / ({minor_units(currency)})::numeric)::numeric(20, 4)",
        "json": lambda value: f"{value}::text",
        "no_time": lambda: "NULL::timestamptz",
    },
}
"""The macros of a query, by engine."""
