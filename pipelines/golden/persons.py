"""Golden persons and where they work, recomputed whole per touched person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from partnerhub.identity.survivorship import ranked
from pipelines.golden import work
from pipelines.golden.affiliations import former_affiliations, note_moves
from pipelines.golden.differences import write_difference

if TYPE_CHECKING:
    from partnerhub.identity.survivorship import Survivorship
    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

CHUNK = 2_000
PERSON_COLUMNS = (
    "person_id", "name", "email", "phone", "title", "record_count", "deleted_at", "anchors_json",
)  # fmt: skip
WORKPLACE_COLUMNS = ("person_id", "organization_id", "role", "record", "since", "until")
STAGED_FIELDS = (
    "record", "source", "modified_at", "deleted_at", "name", "given_name", "family_name", "email", "phone", "mobile",
    "title",
)  # fmt: skip

Row = tuple[Any, ...]
Grouped = dict[str, list[Row]]

TOUCHED = (
    "SELECT l.person_id FROM work_record w CROSS JOIN person_link l WHERE w.kind = 'person' AND l.record = w.record",
    (
        "SELECT l.person_id FROM work_record w CROSS JOIN staged_relation r CROSS JOIN person_link l"
        " WHERE w.kind = 'relation' AND r.record = w.record AND r.kind = 'works_at' AND l.record = r.from_record"
    ),
    (
        "SELECT p.person_id FROM work_record w CROSS JOIN person_organization p"
        " WHERE w.kind = 'relation' AND p.record = w.record"
    ),
    (
        "SELECT l.person_id FROM work_anchor w CROSS JOIN staged_relation r CROSS JOIN person_link l"
        " WHERE w.anchor LIKE 'record:%' AND r.to_record = substr(w.anchor, 8) AND r.kind = 'works_at'"
        " AND l.record = r.from_record"
    ),
)
"""Persons of waiting records, of waiting or vanished employments, and of organization records that moved."""


def touch_persons(connection: Connection) -> None:
    """Find the persons a change touches. Expects organizations to be published."""
    for select in TOUCHED:
        work.add(connection, "work_person", select)
    work.settle(connection, "work_person")


def publish_persons(
    connection: Connection, settings: PublishSettings, now: str, *, everything: bool
) -> tuple[int, int]:
    """Recompute every touched person; returns how many were looked at, and how many rows were written.

    now: UTC text; the day on which somebody counts as having moved.
    everything: all facts are looked at anyway, so nothing needs to be handed on.
    """
    looked = written = 0
    for span in work.spans(connection, "work_person", CHUNK):
        ids = [
            row[0]
            for row in connection.query(
                "SELECT person_id FROM work_person WHERE person_id BETWEEN ? AND ?", span
            )
        ]
        records, addresses = read_records(connection, span), read_addresses(connection, span)
        workplaces = read_workplaces(connection, span)
        persons = [
            person_row(each, records[each], addresses.get(each, []), settings.survivorship)
            for each in records
        ]
        employed = [row for each in workplaces.values() for row in each if row[0] in records]
        stands = read_rows(connection, "person", PERSON_COLUMNS, span)
        employed_before = read_rows(connection, "person_organization", WORKPLACE_COLUMNS, span)
        if note_moves(connection, employed_before, employed, now):
            workplaces = read_workplaces(connection, span)
            employed = [row for each in workplaces.values() for row in each if row[0] in records]
        work.add_keys(connection, "work_asked", (row[1] for row in set(employed_before) ^ set(employed)))
        if not everything:
            hand_on(connection, (stands, persons), (employed_before, employed))
        known = {row[0] for row in stands}
        written += write_difference(connection, "person", PERSON_COLUMNS, stands, persons, known=known)
        written += write_difference(
            connection, "person_organization", WORKPLACE_COLUMNS, employed_before, employed, known=known
        )
        looked += len(ids)
    return looked, written


def read_records(connection: Connection, span: Span) -> dict[str, list[dict[str, Any]]]:
    """The staged records behind each person of a span."""
    columns = ", ".join(f"s.{name}" for name in STAGED_FIELDS)
    rows = connection.query(
        f"SELECT l.person_id, {columns} FROM work_person w CROSS JOIN person_link l CROSS JOIN staged_person s"
        " WHERE w.person_id BETWEEN ? AND ? AND l.person_id = w.person_id AND l.ended_at IS NULL"
        " AND s.record = l.record",
        span,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(dict(zip(STAGED_FIELDS, row[1:], strict=True)))
    return found


def read_addresses(connection: Connection, span: Span) -> dict[str, list[str]]:
    """The mail addresses of each person of a span."""
    rows = connection.query(
        "SELECT DISTINCT l.person_id, k.normalized FROM work_person w CROSS JOIN person_link l CROSS JOIN key k"
        " WHERE w.person_id BETWEEN ? AND ? AND l.person_id = w.person_id AND l.ended_at IS NULL"
        " AND k.record = l.record AND k.kind = 'email'",
        span,
    )
    found: dict[str, list[str]] = {}
    for person_id, address in rows:
        found.setdefault(person_id, []).append(address)
    return found


def read_workplaces(connection: Connection, span: Span) -> Grouped:
    """Where each person works or worked: one row per organization and role, on the smallest relation record."""
    rows = connection.query(
        "SELECT l.person_id, o.organization_id, coalesce(r.role, ''), r.record, coalesce(r.since, a.since), r.until"
        " FROM work_person w CROSS JOIN person_link l CROSS JOIN staged_relation r CROSS JOIN organization_link o"
        " LEFT JOIN affiliation a ON a.person_record = r.from_record AND a.organization_record = r.to_record"
        " AND a.role = coalesce(r.role, '')"
        " WHERE w.person_id BETWEEN ? AND ? AND l.person_id = w.person_id AND l.ended_at IS NULL"
        " AND r.from_record = l.record AND r.kind = 'works_at' AND r.deleted_at IS NULL"
        " AND o.record = r.to_record AND o.ended_at IS NULL",
        span,
    )
    found: Grouped = {}
    seen: set[Row] = set()
    for row in (
        *sorted(rows, key=lambda row: row[:4]),
        *sorted(former_affiliations(connection, span), key=repr),
    ):
        if row[:3] not in seen:
            seen.add(row[:3])
            found.setdefault(row[0], []).append(row)
    return found


def read_rows(connection: Connection, name: str, columns: Sequence[str], span: Span) -> list[Row]:
    """The rows a table holds of the touched persons of a span."""
    listed = ", ".join(f"t.{column}" for column in columns)
    return connection.query(
        f"SELECT {listed} FROM work_person w CROSS JOIN {name} t"
        " WHERE w.person_id BETWEEN ? AND ? AND t.person_id = w.person_id",
        span,
    )


def person_row(
    person_id: str, records: Sequence[Mapping[str, Any]], addresses: Iterable[str], rules: Survivorship
) -> Row:
    """The row of table `person`: each value from the best record that has one."""
    living = [record for record in records if record["deleted_at"] is None]
    order = ranked(living or records, rules, "person")
    values = (
        first(spelled_name(record) for record in order),
        first(record["email"] for record in order),
        first(record["phone"] or record["mobile"] for record in order),
        first(record["title"] for record in order),
        len(living),
        None if living else max(record["deleted_at"] for record in records),
    )
    anchors = sorted(
        {f"record:{record['record']}" for record in records} | {f"email:{each}" for each in addresses}
    )
    return (person_id, *values, orjson.dumps(anchors).decode())


def spelled_name(record: Mapping[str, Any]) -> str | None:
    """The name as one line."""
    parts = [record["given_name"], record["family_name"]]
    return record["name"] or " ".join(part for part in parts if part) or None


def first(values: Iterable[str | None]) -> str | None:
    """The first value there is."""
    return next((value for value in values if value), None)


def hand_on(
    connection: Connection,
    persons: tuple[Sequence[Row], Sequence[Row]],
    employed: tuple[Sequence[Row], Sequence[Row]],
) -> None:
    """Facts anchored at a person whose records, addresses or workplaces changed come next."""
    before, after = ({row[0]: set(orjson.loads(row[-1])) for row in rows} for rows in persons)
    worked, works = ({row[0] for row in set(one) - set(other)} for one, other in (employed, employed[::-1]))
    anchors: set[str] = set()
    for person_id in before.keys() | after.keys():
        old, new = before.get(person_id, set()), after.get(person_id, set())
        # Another address changes what can be a copy of a touchpoint that only names the record.
        whole = person_id in worked | works or any(each.startswith("email:") for each in old ^ new)
        anchors |= old | new if whole else old ^ new
    work.add_keys(connection, "work_anchor", anchors)
