"""What the hub published when: organization versions and the change log, written with the change itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.golden.organizations import Golden, json_text
from pipelines.golden.reading import VALUES
from warehouse import bulk
from warehouse.changes.turn import first_number

if TYPE_CHECKING:
    from pipelines.golden.reading import Before
    from warehouse.database import Connection

ADD_VERSIONS = (
    f"INSERT INTO organization_version (organization_id, recorded_from_at, {', '.join(VALUES)}, records_json, run_id)"
    f" SELECT o.organization_id, CAST(? AS {{time}}), {', '.join(f'o.{name}' for name in VALUES)},"
    " CAST(w.records_json AS {json}), ? FROM work_version w CROSS JOIN organization o"
    " WHERE o.organization_id = w.organization_id ON CONFLICT (organization_id, recorded_from_at) DO UPDATE SET"
    f" recorded_to_at = NULL, {', '.join(f'{name} = excluded.{name}' for name in VALUES)},"
    " records_json = excluded.records_json, run_id = excluded.run_id"
)
"""A version is what was just published; one that began at this very time is replaced."""

WHOLE = "organization"
"""The field name under which an organization's own coming and going is logged."""

LOG_ARRIVALS = tuple(
    "INSERT INTO change_log (change_id, organization_id, field, after, run_id, recorded_at)"
    f" SELECT CAST(? AS BIGINT) - 1 + row_number() OVER (ORDER BY {order}), organization_id, {logged}, {after},"
    f" CAST(? AS TEXT), CAST(? AS {{time}}) FROM {name}"
    for name, order, logged, after in (
        ("organization", "organization_id", f"'{WHOLE}'", "name"),
        ("partnership", "organization_id, program", "'partnership.' || program", "rule"),
    )
)
"""What a first publication logs."""

TYPES = {
    "sqlite": {"time": "TEXT", "json": "TEXT"},
    "postgresql": {"time": "TIMESTAMPTZ", "json": "JSON"},
}
CHANGE_COLUMNS = ("change_id", "organization_id", "field", "before", "after", "run_id", "recorded_at")
UNLOGGED = frozenset({"record_count"})
NAME = VALUES.index("name")


@dataclass(slots=True)
class History:
    """Collects versions and changes of one publication and writes them chunk by chunk."""

    connection: Connection
    run_id: str
    now: str
    next_change: int = 0
    versions: list[tuple[str, str]] = field(default_factory=list)
    closed: list[tuple[str]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Continue the change numbers where the last publication ended."""
        self.next_change = first_number(self.connection, "change_log", "change_id")

    @property
    def types(self) -> dict[str, str]:
        """How this engine calls the types of times and JSON."""
        return TYPES[self.connection.dialect]

    def log_arrivals(self) -> None:
        """Log, by the database itself, that all there is came: organizations, then partnerships, by id."""
        for statement in LOG_ARRIVALS:
            values = (self.next_change, self.run_id, self.now)
            self.next_change += self.connection.execute(statement.format(**self.types), values)

    def note(self, published: Golden, before: Before | None) -> None:
        """Record the difference between what stood and what is published now; nothing when there is none."""
        former = before.values if before else None
        if former == published.values and (before is None or before.records == published.records):
            return
        if before is not None and before.version_from is not None:
            self.closed.append((published.organization_id,))
        if published.values is not None:
            self.versions.append((published.organization_id, json_text(published.records)))
        self.note_fields(published.organization_id, former, published.values)

    def note_fields(
        self, organization_id: str, before: tuple[Any, ...] | None, after: tuple[Any, ...] | None
    ) -> None:
        """One change per field; an organization that comes or goes is one change."""
        if before is None or after is None:
            self.change(organization_id, WHOLE, before and before[NAME], after and after[NAME])
            return
        for name, was, now in zip(VALUES, before, after, strict=True):
            if was != now and name not in UNLOGGED:
                self.change(organization_id, name, was, now)

    def change(self, organization_id: str, name: str, before: Any, after: Any) -> None:
        """Log one change."""
        was = before if before is None or isinstance(before, str) else str(before)
        now = after if after is None or isinstance(after, str) else str(after)
        self.changes.append((self.next_change, organization_id, name, was, now, self.run_id, self.now))
        self.next_change += 1

    def write(self) -> None:
        """Write what was collected. Expects the organizations themselves to be written."""
        self.connection.execute_many(
            "UPDATE organization_version SET recorded_to_at = ? WHERE organization_id = ? AND recorded_to_at IS NULL",
            [(self.now, *key) for key in self.closed],
        )
        bulk.load_keys(self.connection, "work_version", ("organization_id", "records_json"), self.versions)
        self.connection.execute(ADD_VERSIONS.format(**self.types), (self.now, self.run_id))
        bulk.insert(self.connection, "change_log", CHANGE_COLUMNS, self.changes)
        self.versions, self.closed, self.changes = [], [], []
