"""What an HSDS package is made from: partners with what hangs on them, one partner after another."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from warehouse.exports.arrow_types import TYPES
from warehouse.exports.reading import read_columns
from warehouse.marts.mart import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection

Row = dict[str, Any]
"""Column → value."""


class Asked(NamedTuple):
    """A query, its columns with their types; the first is the partner's id, by which it is in order."""

    columns: dict[str, str]
    query: str


def texts(*names: str) -> dict[str, str]:
    """Columns of text."""
    return dict.fromkeys(names, "text")


PARTNERS: Final = Asked(
    texts("partner_id", "is_partner")
    | texts("name", "legal_name", "other_names", "description", "email", "website", "phone", "services")
    | texts("street", "city", "region", "postcode", "country")
    | texts("tier", "stage", "status", "industry", "account_type", "roles", "labels"),
    """
SELECT p.partner_id, CASE WHEN p.is_partner THEN 'yes' END AS is_partner, p.name, p.legal_name, p.other_names_json,
o.description, p.email, p.website, p.phone, o.services, p.street, p.city, p.region, p.postcode, p.country,
p.tier, p.stage, p.status, p.industry, p.account_type, p.roles_json, {json(o.labels_json)}
FROM dim_partner p JOIN organization o ON o.organization_id = p.partner_id
WHERE p.is_current AND p._hub_deleted_at IS NULL
""",
)
"""Description, services and labels are golden values that no mart publishes by themselves."""
PROGRAMS: Final = Asked(
    texts("partner_id", "program"),
    "SELECT DISTINCT partner_id, program FROM bridge_partner_program WHERE is_current",
)
RECORDS: Final = Asked(
    texts("partner_id", "scheme", "identifier"),
    """
SELECT partner_id, _hub_source, record_key FROM bridge_partner_source WHERE is_current AND _hub_deleted_at IS NULL
""",
)
NUMBERS: Final = Asked(
    texts("partner_id", "scheme", "identifier"),
    """
SELECT DISTINCT b.partner_id, k.scheme, k.normalized FROM bridge_partner_source b
JOIN {base(key)} k ON k.record = b.record_key AND k.kind = 'registry'
WHERE b.is_current AND b._hub_deleted_at IS NULL
""",
)
CONTACTS: Final = Asked(
    texts("partner_id", "contact_id", "role", "name", "title", "email", "phone"),
    """
SELECT b.partner_id, b.contact_id, b.role, c.name, c.title, c.email, c.phone FROM bridge_contact_partner b
JOIN dim_contact c ON c.contact_id = b.contact_id AND c._hub_deleted_at IS NULL WHERE b.is_current
""",
)
CHANGES: Final = Asked(
    {"partner_id": "text", "change_id": "integer"}
    | texts("field", "before", "after")
    | {"changed_at": "time"}
    | texts("run_id"),
    """
SELECT partner_id, change_id, field, before, after, changed_at, _hub_run_id FROM fct_partner_change
""",
)


def by_partner(connection: Connection, asked: Asked) -> Iterator[tuple[str, list[Row]]]:
    """Each partner that has rows, with all of them in one order on both engines. Expects a `snapshot`."""
    for partner, rows in groupby(rows_of(connection, asked), key=itemgetter("partner_id")):
        yield partner, sorted(rows, key=in_order)


def rows_of(connection: Connection, asked: Asked) -> Iterator[Row]:
    """The answer to a query, by partner."""
    schema = pa.schema([(name, TYPES[stored]) for name, stored in asked.columns.items()])
    statement = f"{spelled_out(asked.query, connection.dialect)} ORDER BY 1"
    with read_columns(connection, statement, schema) as batches:
        for batch in batches:
            yield from batch.to_pylist()


def in_order(row: Row) -> tuple[tuple[bool, Any], ...]:
    """By every column, nothing first: collations of engines differ, this does not."""
    return tuple((value is not None, value if value is not None else "") for value in row.values())
