"""What the hub published when: organization versions and the change log, written with the change itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.golden.organizations import Golden, json_text
from pipelines.golden.reading import VALUES
from warehouse import bulk

if TYPE_CHECKING:
    from pipelines.golden.reading import Before
    from warehouse.database import Connection

VERSION_COLUMNS = ("organization_id", "recorded_from_at", "recorded_to_at", *VALUES, "records_json", "run_id")
CHANGE_COLUMNS = ("change_id", "organization_id", "field", "before", "after", "run_id", "recorded_at")
UNLOGGED = frozenset({"record_count"})
NAME = VALUES.index("name")
WHOLE = "organization"
"""The field name under which an organization's own coming and going is logged."""


@dataclass(slots=True)
class History:
    """Collects versions and changes of one publication and writes them chunk by chunk."""

    connection: Connection
    run_id: str
    now: str
    next_change: int = 0
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[tuple[str]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Continue the change numbers where the last publication ended."""
        found = self.connection.one("SELECT coalesce(max(change_id), 0) + 1 FROM change_log")
        self.next_change = int(found[0]) if found else 1

    def note(self, published: Golden, before: Before | None) -> None:
        """Record the difference between what stood and what is published now; nothing when there is none."""
        former = before.values if before else None
        if former == published.values and (before is None or before.records == published.records):
            return
        if before is not None and before.version_from is not None:
            self.closed.append((published.organization_id,))
        if published.values is not None:
            self.versions.append(
                (published.organization_id, self.now, None, *published.values, json_text(published.records), self.run_id)
            )
        self.note_fields(published.organization_id, former, published.values)

    def note_fields(self, organization_id: str, before: tuple[Any, ...] | None, after: tuple[Any, ...] | None) -> None:
        """One change per field; an organization that comes or goes is one change."""
        if before is None or after is None:
            self.change(organization_id, WHOLE, before and before[NAME], after and after[NAME])
            return
        for name, was, now in zip(VALUES, before, after, strict=True):
            if was != now and name not in UNLOGGED:
                self.change(organization_id, name, was, now)

    def change(self, organization_id: str, name: str, before: Any, after: Any) -> None:
        """Log one change."""
        texts = [value if value is None or isinstance(value, str) else str(value) for value in (before, after)]
        self.changes.append((self.next_change, organization_id, name, *texts, self.run_id, self.now))
        self.next_change += 1

    def write(self) -> None:
        """Write what was collected. A version that began at this very time is replaced, not closed."""
        self.connection.execute_many(
            "UPDATE organization_version SET recorded_to_at = ? WHERE organization_id = ? AND recorded_to_at IS NULL",
            [(self.now, *key) for key in self.closed],
        )
        bulk.upsert(self.connection, "organization_version", VERSION_COLUMNS, self.versions)
        bulk.insert(self.connection, "change_log", CHANGE_COLUMNS, self.changes)
        self.versions, self.closed, self.changes = [], [], []
