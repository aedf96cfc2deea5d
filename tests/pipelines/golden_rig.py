"""A hub for tests of publication: staged rows written by hand, and an identity that does what the test says."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import time_machine

from mappings.copy_keys import deal_keys, touchpoint_keys
from pipelines.golden.publish import Identity, PublishCounts, publish
from pipelines.golden.settings import PublishSettings
from pipelines.stage.compared import compared_before
from pipelines.stage.packed import staged_columns
from pipelines.stage.past import keep_past
from tests.pipelines.golden_anew import forget_golden
from warehouse import bulk
from warehouse.database import Database
from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.stage.past import Rows
    from warehouse.database import Connection

DAY = "2026-09-{:02d}T08:00:00.000000Z"
OUTPUT_TABLES = (
    "organization",
    "golden_value",
    "partnership",
    "person",
    "person_organization",
    "fact",
    "fact_source",
    "fact_link",
    "timeline",
    "timeline_month",
    "candidate",
    "deal",
    "deal_value",
    "colleague",
    "colleague_record",
)
REQUIRED = {
    "organization": {"name": "Unnamed"},
    "person": {},
    "relation": {"kind": "works_at"},
    "colleague": {"active": True},
    "touchpoint": {
        "kind": "email",
        "happened_at": DAY.format(1),
        "nature": "person",
        "sensitivity": "normal",
    },
    "deal": {"name": "Deal"},
    "deal_stage_change": {},
    "work_item": {"kind": "task", "title": "Task"},
    "document": {"title": "file.pdf"},
    "agreement": {"title": "Contract"},
    "commitment": {"title": "Training"},
}


COPY_KEYS = {"deal": deal_keys, "touchpoint": touchpoint_keys}


class Touched:
    def __init__(self, ids: Iterable[str], moved: Iterable[str]) -> None:
        self.touched_ids = set(ids)
        self.moved_records = set(moved)


@dataclass
class Hub:
    """`groups` says which records are the same: record → name of the group; a record alone is its own group."""

    database: Database
    settings: PublishSettings = field(default_factory=PublishSettings)
    groups: dict[str, str] = field(default_factory=dict)
    runs: int = 0

    def stage(self, kind: str, record: str, keys: Iterable[str] = (), /, **values: Any) -> str:
        """Write one staged record with its keys (`email:x`), as staging would."""
        before = self.staged_row(kind, record)
        self.unstage(kind, record, keep=False)
        source, stream, source_id = record.split("/", 2)
        row = {
            **REQUIRED[kind],
            "record": record,
            "source": source,
            "stream": stream,
            "source_id": source_id,
            "raw_id": 1,
            "rules": "r",
            **{name: json.dumps(value) if name.endswith("_json") and value is not None else value
               for name, value in values.items()},
        }  # fmt: skip
        pairs = [key.split(":", 1) for key in keys]
        copy_keys = COPY_KEYS[kind](defaultdict(lambda: None, row)) if kind in COPY_KEYS else []
        with self.database.session() as connection, connection.transaction():
            bulk.insert(connection, f"staged_{kind}", list(row), [tuple(row.values())])
            bulk.insert(
                connection,
                "key",
                ("record", "kind", "scheme", "normalized", "original", "entity", "source"),
                [(record, name, "", value, value, kind, source) for name, value in pairs] + copy_keys,
            )
            self.mark(connection, kind, record)
        self.keep(kind, record, before)
        return record

    def mail(self, record: str, sender: str, *receivers: str, **values: Any) -> str:
        """Write one mail with its participants."""
        with self.database.session() as connection, connection.transaction():
            bulk.delete(connection, "participant", ("record",), [(record,)])
            rows = [
                (record, 0, "from", sender),
                *((record, at, "to", to) for at, to in enumerate(receivers, 1)),
            ]
            bulk.insert(connection, "participant", ("record", "position", "role", "address"), rows)
        return self.stage("touchpoint", record, **values)

    def unstage(self, kind: str, record: str, *, keep: bool = True) -> None:
        """Remove one staged record, as staging does when it no longer arises."""
        before = self.staged_row(kind, record)
        with self.database.session() as connection, connection.transaction():
            bulk.upsert(
                connection, "pending", ("record", "kind"), compared_before(connection, kind, [(record,)])
            )
            bulk.delete(connection, f"staged_{kind}", ("record",), [(record,)])
            bulk.delete(connection, "key", ("record",), [(record,)])
            self.mark(connection, kind, record)
        if keep:
            self.keep(kind, record, before)

    def staged_row(self, kind: str, record: str) -> Rows:
        """The staged row of a record, if there is one."""
        with self.database.session() as connection:
            columns = ", ".join(staged_columns(kind))
            found = connection.query(f"SELECT {columns} FROM staged_{kind} WHERE record = ?", (record,))
        return {kind: {row[0]: row for row in found}}

    def keep(self, kind: str, record: str, before: Rows) -> None:
        """Write how the record was staged before, three quarters of a minute after the last publication."""
        known = before[kind] or any(row[:2] == (kind, record) for row in self.rows("staged_past"))
        source, stream, rest = record.split("/", 2)
        restaged = [rest.partition("#")[0]] if known else []
        at = datetime(2026, 10, 1, self.runs // 60, self.runs % 60, 45, tzinfo=UTC)
        with (
            time_machine.travel(at, tick=False),
            self.database.session() as connection,
            connection.transaction(),
        ):
            keep_past(connection, (source, stream), restaged, before, self.staged_row(kind, record))

    def mark(self, connection: Connection, kind: str, record: str) -> None:
        bulk.upsert(connection, "pending", ("record", "kind"), [(record, kind)])

    def publish(self) -> PublishCounts:
        self.runs += 1
        now = f"2026-10-01T{self.runs // 60:02d}:{self.runs % 60:02d}:00.000000Z"
        return publish(self.database, self.settings, f"run-{self.runs}", now, identity=self.identity())

    def rebuild(self) -> PublishCounts:
        forget_golden(self.database)
        self.runs += 1
        now = f"2026-10-02T{self.runs // 60:02d}:{self.runs % 60:02d}:00.000000Z"
        return publish(self.database, self.settings, f"run-{self.runs}", now, identity=self.identity())

    def identity(self) -> Identity:
        return Identity(
            lambda *arguments: self.assign("organization", *arguments),
            lambda *arguments: self.assign("person", *arguments),
        )

    def assign(
        self, entity: str, connection: Connection, records: set[str], run_id: str, now: str
    ) -> Touched:
        """Link each record to the id of its group; close what has gone."""
        name, touched, moved = f"{entity}_link", set(), set()
        for record in sorted(records):
            exists = connection.one(f"SELECT 1 FROM staged_{entity} WHERE record = ?", (record,))
            wanted = self.id_of(record) if exists else None
            link = connection.one(
                f"SELECT {entity}_id FROM {name} WHERE record = ? AND ended_at IS NULL", (record,)
            )
            if link is not None and link[0] != wanted:
                connection.execute(
                    f"UPDATE {name} SET ended_at = ? WHERE record = ? AND ended_at IS NULL", (now, record)
                )
                touched.add(link[0])
                moved.add(record)
            if wanted is not None and (link is None or link[0] != wanted):
                columns = ("record", "started_at", f"{entity}_id", "method", "run_id", "ended_at")
                bulk.upsert(connection, name, columns, [(record, now, wanted, "founding", run_id, None)])
                touched.add(wanted)
                moved.add(record)
        return Touched(touched, moved)

    def id_of(self, record: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.groups.get(record, record)))

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """All rows of a table, sorted; all columns unless some are named."""
        wanted = columns or tuple(column.name for column in table(name).columns)
        with self.database.session() as connection:
            return sorted(connection.query(f"SELECT {', '.join(wanted)} FROM {name}"), key=repr)

    def published(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything publication derives."""
        return {name: self.rows(name) for name in OUTPUT_TABLES}
