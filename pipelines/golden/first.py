"""The short way of a first publication: organizations with one plain record are copied by the database itself.

Most organizations of a new hub are such, and two hundred thousand of them should not pass through Python one by one.
What comes out equals what the long way says (a rebuild always goes the long way, and a test compares the two).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mappings.keys import anchors_of
from pipelines.golden import work
from pipelines.golden.organizations import EVERY_FIELD, PARTNERSHIP_COLUMNS, TIDIERS, json_text
from pipelines.golden.partners import declared_by
from pipelines.golden.reading import ANCHORED, COMPUTED, GONE, OWNER, VALUES
from warehouse import bulk
from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.golden.history import History
    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

CHUNK = 2_000
COLUMNS = ("organization_id", "record", "anchors_json", "records_json")
TEMPORARY = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS work_first (organization_id TEXT PRIMARY KEY, record TEXT NOT NULL,"
    " anchors_json TEXT, records_json TEXT NOT NULL)"
)
CROWDED = "CREATE TEMPORARY TABLE IF NOT EXISTS work_crowded (organization_id TEXT PRIMARY KEY)"
FIND_CROWDED = (
    "INSERT INTO work_crowded SELECT organization_id FROM organization_link WHERE ended_at IS NULL"
    " GROUP BY organization_id HAVING count(*) > 1"
)
"""Organizations of several records go the long way."""

READ = ("record", "source", "stream", "created_at", "deleted_at")
"""What partner rules need of every record, beside the fields they name."""

PLAIN = " AND ".join(f"s.{name} IS NULL" for name in TIDIERS)
"""A record of which nothing has to be sorted, united or tidied."""

COPY_ORGANIZATIONS = (
    f"INSERT INTO organization (organization_id, {', '.join(VALUES)}, rules, anchors_json)"
    f" SELECT f.organization_id, {', '.join(COMPUTED.get(name, f's.{name}') for name in VALUES)}, ?,"
    " CAST(f.anchors_json AS {json}) FROM work_first f CROSS JOIN staged_organization s"
    f" {OWNER} WHERE s.record = f.record"
)
COPY_PROVENANCE = (
    "INSERT INTO golden_value (organization_id, field, value, record, raw_id, rule)"
    f" SELECT f.organization_id, '{EVERY_FIELD}', '', f.record, s.raw_id, 'only'"
    " FROM work_first f CROSS JOIN staged_organization s WHERE s.record = f.record"
)
COPY_VERSIONS = (
    f"INSERT INTO organization_version (organization_id, recorded_from_at, {', '.join(VALUES)}, records_json, run_id)"
    f" SELECT f.organization_id, CAST(? AS {{time}}), {', '.join(f'o.{name}' for name in VALUES)},"
    " CAST(f.records_json AS {json}), ? FROM work_first f CROSS JOIN organization o"
    " WHERE o.organization_id = f.organization_id"
)


def publish_plain(connection: Connection, settings: PublishSettings, history: History) -> tuple[int, int]:
    """Publish the plain ones among the touched organizations and take them off the list; the rest is left to do.

    Walks records, not organizations, so that large tables are read in the order they lie in. Expects that nothing was
    ever published and nothing pinned. Returns how many there were, and the rows written.
    """
    connection.execute(TEMPORARY)
    connection.execute(CROWDED)
    connection.execute("DELETE FROM work_crowded")
    connection.execute(FIND_CROWDED)
    looked = partnerships = 0
    for span in work.spans(connection, "work_record", CHUNK):
        records = read_plain(connection, span, settings)
        connection.execute("DELETE FROM work_first")
        add_rows(connection, records, read_anchors(connection, span))
        copy(connection, settings.fingerprint(), history)
        partnerships += open_partnerships(connection, records, settings)
        looked += len(records)
    history.log_arrivals()
    connection.execute(
        "DELETE FROM work_organization WHERE organization_id IN (SELECT organization_id FROM organization)"
    )
    return looked, 2 * looked + partnerships


def read_plain(connection: Connection, span: Span, settings: PublishSettings) -> dict[str, dict[str, Any]]:
    """The plain records that are alone in their organization, by its id: the few fields that are needed here."""
    staged = {column.name for column in table("staged_organization").columns}
    named = sorted(({name for rule in settings.partner_rules for name in rule.where} & staged) - {*READ})
    fields = (*READ, *named)
    rows = connection.query(
        f"SELECT l.organization_id, {', '.join(f's.{name}' for name in fields)}"
        " FROM work_record w CROSS JOIN staged_organization s CROSS JOIN organization_link l"
        f" WHERE w.record BETWEEN ? AND ? AND w.kind = 'organization' AND s.record = w.record AND {PLAIN}"
        " AND l.record = w.record AND l.ended_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM work_crowded c WHERE c.organization_id = l.organization_id)",
        span,
    )
    return {row[0]: dict(zip(fields, row[1:], strict=True)) for row in rows}


def read_anchors(connection: Connection, span: Span) -> dict[str, list[str]]:
    """The identifiers of each record."""
    found: dict[str, list[str]] = {}
    for record, *key in connection.query(
        "SELECT k.record, k.kind, k.scheme, k.normalized FROM work_record w CROSS JOIN key k"
        " WHERE w.record BETWEEN ? AND ? AND w.kind = 'organization' AND k.record = w.record"
        f" AND k.kind {ANCHORED}",
        span,
    ):
        found.setdefault(record, []).extend(anchors_of(*key))
    return found


def anchors_text(record: Mapping[str, Any], anchors: Sequence[str]) -> str | None:
    """The identifiers of an organization as it stores them; those of a deleted record are marked."""
    gone = GONE if record["deleted_at"] is not None else ""
    return json_text(sorted({gone + anchor for anchor in anchors})) if anchors else None


def add_rows(
    connection: Connection, records: Mapping[str, Mapping[str, Any]], anchors: Mapping[str, list[str]]
) -> None:
    """Fill the table the copies are made from."""
    rows = [
        (
            key,
            record["record"],
            anchors_text(record, anchors.get(record["record"], ())),
            json_text([record["record"]]),
        )
        for key, record in records.items()
    ]
    if connection.dialect == "postgresql":
        bulk.copy_rows(connection, "work_first", COLUMNS, rows)
        connection.execute("ANALYZE work_first")
    else:
        connection.execute_many("INSERT INTO work_first VALUES (?, ?, ?, ?)", rows)


def copy(connection: Connection, rules: str, history: History) -> None:
    """Copy rows, provenance and versions."""
    types = history.types
    connection.execute(COPY_ORGANIZATIONS.format(**types), (rules,))
    connection.execute(COPY_PROVENANCE)
    connection.execute(COPY_VERSIONS.format(**types), (history.now, history.run_id))


def open_partnerships(
    connection: Connection, records: Mapping[str, Mapping[str, Any]], settings: PublishSettings
) -> int:
    """Open what the records declare; returns how many partnerships that is."""
    empty = dict.fromkeys(TIDIERS)
    rows = [
        (key, *each)
        for key, record in records.items()
        if record["source"] in settings.declaring
        for each in declared_by([{**empty, **record}], settings.partner_rules)
    ]
    bulk.insert(connection, "partnership", PARTNERSHIP_COLUMNS, rows)
    return len(rows)
