"""The checks a contract asks for, each one query that lists the keys of rows that break it.

They are made of the contract alone, so a command, Dagster and whoever holds the file run the same ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.contracts.compare import columns_of, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from warehouse.contracts.odcs import Contract
    from warehouse.database import Connection

SAMPLE: Final = 5
COUNT: Final = "SELECT count(*) FROM ("
END: Final = ") AS found"
"""How the standard asks for a rule in SQL: one number. Between them stands what lists the rows."""
FRESH: Final = "fct_sync_run"
MADE_OF: Final = {
    "dim_partner": ("WHERE is_current", "organization"),
    "bridge_partner_source": ("", "organization_link"),
    "identity_events": ("", "identity_event"),
    "dim_contact": ("", "person"),
    "bridge_contact_partner": ("", "person_organization"),
    "dim_owner": ("", "colleague"),
    "fct_touchpoint": ("", "fact WHERE entity = 'touchpoint'"),
    "bridge_touchpoint_partner": ("", "timeline WHERE entity = 'touchpoint'"),
    "fct_work_item": ("", "fact WHERE entity = 'work_item'"),
    "bridge_work_item_partner": ("", "timeline WHERE entity = 'work_item'"),
    "fct_partner_activity_monthly": ("", "timeline_month"),
    "fct_deal": ("", "deal"),
    "fct_deal_stage": ("", "staged_deal_stage_change"),
    "bridge_deal_partner": ("", "timeline WHERE entity = 'deal'"),
    "fct_sync_run": ("", "stream_run"),
    "fct_partner_change": ("", "change_log"),
    "xref_partner_alias_history": ("", "redirect WHERE entity = 'organization'"),
    "bridge_partner_program": ("WHERE is_current", "partnership"),
}
"""Mart → which of its rows, and the table that holds as many. A join that drops or repeats rows shows here."""


class Check(NamedTuple):
    """One check. query: its rows are what breaks it, each by the columns of the key. column: empty for the table."""

    table: str
    name: str
    says: str
    query: str
    column: str = ""
    severity: str = "error"


class Found(NamedTuple):
    """What a check found. sample: keys of some of the rows, never what else they hold."""

    check: Check
    rows: int
    sample: tuple[str, ...] = ()


def run(connection: Connection, check: Check) -> Found:
    """Run one check. Reads only."""
    ((rows,),) = connection.query(f"{COUNT}{check.query}{END}")
    if not rows:
        return Found(check, 0)
    keys = connection.query(f"{check.query} LIMIT {SAMPLE}")
    return Found(check, int(rows), tuple("/".join(map(str, key)) for key in keys))


def checks_of(contract: Contract, now: str) -> Iterator[Check]:
    """Every check of a contract; now: UTC text, against which what is read is fresh."""
    table, keys = str(contract["name"]), keys_of(contract)
    listed = ", ".join(keys)
    yield Check(
        table, "key_is_unique", "No two rows have the same key.",
        f"SELECT {listed} FROM {table} GROUP BY {listed} HAVING count(*) > 1", listed,
    )  # fmt: skip
    needed = [name for name, column in columns_of(contract).items() if column.get("required")]
    empty = " OR ".join(f"{name} IS NULL" for name in needed)
    yield Check(
        table, "required_is_filled", "What is required is never null.",
        f"SELECT {listed} FROM {table} WHERE {empty}", ", ".join(needed),
    )  # fmt: skip
    for name, column in columns_of(contract).items():
        yield from references(table, keys, name, column)
    yield from (stated(table, rule) for rule in contract["schema"][0]["quality"] if is_ours(rule))
    if table in MADE_OF:
        yield as_many_rows(table)
    if table == FRESH:
        yield fresh(table, contract, now)


def references(table: str, keys: list[str], name: str, column: Mapping[str, Any]) -> Iterator[Check]:
    """That what a column names is there."""
    for relation in column.get("relationships", []):
        target, _, named = str(relation["to"]).partition(".")
        yield Check(
            table,
            f"{name}_is_in_{target}",
            f"Every {name} is a {named} of {target}.",
            f"SELECT {', '.join(f't.{key}' for key in keys)} FROM {table} t LEFT JOIN (SELECT {named} FROM {target}) x"
            f" ON x.{named} = t.{name} WHERE t.{name} IS NOT NULL AND x.{named} IS NULL",
            name,
            "warning" if target == "dim_date" else "error",
        )


def is_ours(rule: Mapping[str, Any]) -> bool:
    """Whether a rule counts rows that must not be there."""
    query = str(rule.get("query", ""))
    return rule.get("type") == "sql" and query.startswith(COUNT) and query.endswith(END)


def stated(table: str, rule: Mapping[str, Any]) -> Check:
    """A rule the contract states in SQL."""
    query = str(rule["query"]).removeprefix(COUNT).removesuffix(END)
    return Check(table, str(rule["name"]), str(rule["description"]), query, "", str(rule["severity"]))


def as_many_rows(table: str) -> Check:
    """That no row was lost or repeated on the way from the table below."""
    which, below = MADE_OF[table]
    return Check(
        table,
        "as_many_rows_as_below",
        f"As many rows as {below.partition(' ')[0]} holds.",
        f"SELECT m.held, b.held AS below FROM (SELECT count(*) AS held FROM {table} {which}) m"
        f" CROSS JOIN (SELECT count(*) AS held FROM {below}) b WHERE m.held <> b.held",
    )


def fresh(table: str, contract: Contract, now: str) -> Check:
    """That every stream was read to its end within the promised latency."""
    hours = next(each["value"] for each in contract["slaProperties"] if each["property"] == "latency")
    since = (datetime.fromisoformat(now) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Check(
        table,
        "fresh",
        "Every stream was read to its end within the promised latency.",
        f"SELECT source, stream FROM {table} GROUP BY source, stream HAVING"
        f" coalesce(max(CASE WHEN is_complete THEN finished_at END) < '{since}', 1 = 1)",
        "",
        "warning",
    )
