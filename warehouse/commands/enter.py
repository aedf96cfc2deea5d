"""What a person enters by hand lands as a raw version of the source `hub`: a call, a note, an agreement, a promise.

So provenance, undo, history and rebuild need no second path: it is staged and published like everything else.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, TypeAlias

from warehouse.commands.audit import Deed, did
from warehouse.commands.pending import records_of
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.database import Connection

HUB = "hub"
TITLE = "Entered in the hub"
TOUCHPOINTS, AGREEMENTS, COMMITMENTS = "touchpoints", "agreements", "commitments"
PARTNER, PARTNERS = "partner", "organizations"
DIRECTIONS = frozenset({"in", "out", "internal"})
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
DAYS: Final = frozenset(
    {"starts_on", "ends_on", "renews_on", "reviewed_on", "promised_on", "due_on", "done_on"}
)
NEXT_RAW_ID = (
    "INSERT INTO hub_state (name, value) VALUES ('raw_id', '1') ON CONFLICT (name) DO UPDATE SET"
    " value = CAST(CAST(hub_state.value AS BIGINT) + 1 AS TEXT) RETURNING value"
)

Value: TypeAlias = "str | int | Sequence[Mapping[str, str]] | None"


@dataclass(frozen=True, slots=True)
class Template:
    """What an entry of one kind must say. required: groups of fields of which one must be filled."""

    stream: str
    required: tuple[tuple[str, ...], ...]


SPOKEN: Final = Template(TOUCHPOINTS, (("happened_at",), ("participants",), ("text",)))
TOGETHER: Final = Template(TOUCHPOINTS, (("happened_at",), ("participants",), ("subject",)))
NAMED: Final = Template(TOUCHPOINTS, (("happened_at",), ("subject",)))
TOLD: Final = Template(TOUCHPOINTS, (("happened_at",), ("subject",), ("text",)))
TEMPLATES: Final[dict[str, Template]] = {
    "call": SPOKEN,
    "meeting": SPOKEN,
    "visit": SPOKEN,
    "message": SPOKEN,
    "note": Template(TOUCHPOINTS, (("happened_at",), ("text",))),
    "check_in": SPOKEN,
    "review": SPOKEN,
    "task": NAMED,
    "deliverable": NAMED,
    "document": TOLD,
    "outcome": TOLD,
    "ticket": TOLD,
    "quality_report": TOLD,
    "deal": TOLD,
    "order": TOLD,
    "training": TOGETHER,
    "certification": NAMED,
    "campaign": NAMED,
    "joint_project": TOLD,
    "agreement": Template(AGREEMENTS, (("title",), ("starts_on",), ("ends_on", "renews_on"))),
    "commitment": Template(COMMITMENTS, (("title",), ("due_on",))),
    PARTNER: Template(PARTNERS, (("name",),)),
}
"""Kind of entry → what it must say."""

MEANT: Final = {
    "happened_at": "when it happened",
    "participants": "with whom",
    "text": "what was said",
    "subject": "what it is about",
    "title": "what it is",
    "starts_on": "its start",
    "ends_on": "its end",
    "renews_on": "its renewal",
    "due_on": "when it is due",
}
"""Required fields in words."""


class EntryIncomplete(WarehouseError):
    """An entry lacks what its kind must say. missing: the groups of fields of which none is filled."""

    def __init__(self, kind: str, missing: Sequence[tuple[str, ...]], do: str = "") -> None:
        """Name everything that is missing at once."""
        self.kind, self.missing = kind, tuple(missing)
        words = [" or ".join(MEANT.get(name, name) for name in group) for group in missing]
        article = "An" if kind[:1] in "aeiou" else "A"
        super().__init__(
            f"{article} {kind} needs {', '.join(words)}.", do or f"Say also: {', '.join(words)}."
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing as a person tells it. kind: of `TEMPLATES`. about: record keys of what it concerns.

    fields: by canonical name; times as UTC text, days as `YYYY-MM-DD`, amounts in minor units beside their currency.
    `participants` is a list of `{name?, address?, record?}`.
    """

    kind: str
    about: Sequence[str]
    fields: Mapping[str, Value] = field(default_factory=dict)


def enter(
    connection: Connection, entry: Entry, *, actor: str, now: str, run_id: str, entry_id: str | None = None
) -> str:
    """Land an entry; returns the key of its record. With an `entry_id` of before, it is a new version of that entry.

    Stage and publish to see it. Raises EntryIncomplete, and WarehouseError for a kind, direction or day the hub cannot
    read, or for an entry that was redacted.
    """
    record, about = landed(
        connection, entry, entry_id or str(uuid.uuid4()), actor=actor, now=now, run_id=run_id
    )
    verb = "entry.correct" if entry_id else "entry.log"
    did(connection, now, actor, Deed(verb, f"record:{record}", {"kind": entry.kind, "about": about}))
    return record


def enter_all(
    connection: Connection, entries: Sequence[Entry], *, actor: str, now: str, run_id: str
) -> list[str]:
    """Land several entries as one act, in order; the keys of their records. Raises as `enter` does, for all or none."""
    records = [
        landed(connection, each, str(uuid.uuid4()), actor=actor, now=now, run_id=run_id)[0]
        for each in entries
    ]
    if records:
        detail = {"kinds": sorted({each.kind for each in entries}), "records": records}
        did(connection, now, actor, Deed("entry.log_list", f"entries:{len(records)}", detail))
    return records


def landed(
    connection: Connection, entry: Entry, entry_id: str, *, actor: str, now: str, run_id: str
) -> tuple[str, list[str]]:
    """Land an entry without a word in the audit log; the key of its record, and what it is about."""
    template = check(entry, now)
    about = sorted(set(entry.about))
    payload: dict[str, object] = {
        **{name: value for name, value in entry.fields.items() if value not in (None, "", ())},
        "kind": entry.fields.get("kind") if template.stream == AGREEMENTS else entry.kind,
        "about": about,
        "actor": actor,
        "entered_at": now,
    }
    land(connection, template.stream, entry_id, payload, now=now, run_id=run_id)
    return f"{HUB}/{template.stream}/{entry_id}", about


def about_organization(connection: Connection, organization_id: str) -> list[str]:
    """What an entry about an organization names: its oldest record, a living one where there is one."""
    records = records_of(connection, organization_id)
    marks = ", ".join("?" * len(records))
    living = {
        row[0]
        for row in connection.query(
            f"SELECT record FROM staged_organization WHERE record IN ({marks}) AND deleted_at IS NULL",
            records,
        )
    }
    return [next((record for record in records if record in living), records[0])]


def check(entry: Entry, now: str) -> Template:
    """The template of an entry's kind. Raises WarehouseError for what does not fit it."""
    template = TEMPLATES.get(entry.kind)
    direction = entry.fields.get("direction")
    if template is None or (direction is not None and direction not in DIRECTIONS):
        raise WarehouseError(
            f"The hub knows no {direction or ''} {entry.kind}.".replace("  ", " "),
            f"Use one of: {', '.join(sorted(TEMPLATES))}; direction in, out or internal.",
        )
    missing = [group for group in template.required if not any(entry.fields.get(name) for name in group)]
    if missing:
        raise EntryIncomplete(entry.kind, missing)
    for name in sorted(DAYS & entry.fields.keys()):
        check_day(name, entry.fields[name])
    happened_at, ended_at = entry.fields.get("happened_at"), entry.fields.get("ended_at")
    for moment in (happened_at, ended_at):
        if moment is not None and not is_time(str(moment)):
            raise WarehouseError(
                f"“{moment}” is not a time.", "Write it as 2026-09-01T14:30:00.000000Z, in UTC."
            )
    if happened_at and ended_at and str(ended_at) < str(happened_at):
        raise WarehouseError("It would end before it begins.", "Mend one of the two.")
    if happened_at is not None and str(happened_at) > now:
        raise WarehouseError(
            f"{str(happened_at)[:16]} is still to come.", "Log what has happened; times are in UTC."
        )
    starts_on, ends_on = entry.fields.get("starts_on"), entry.fields.get("ends_on")
    if starts_on and ends_on and str(ends_on) < str(starts_on):
        raise WarehouseError(
            f"It would end on {ends_on}, before it starts on {starts_on}.", "Mend one of the two."
        )
    return template


def check_day(name: str, value: Value) -> None:
    """Raise WarehouseError for a day the calendar does not have."""
    try:
        well = value in (None, "") or date.fromisoformat(str(value)).isoformat() == value
    except ValueError:
        well = False
    if not well:
        raise WarehouseError(
            f"“{value}” is not a day for {MEANT.get(name, name)}.", "Write it as 2026-09-01."
        )


def is_time(text: str) -> bool:
    """Whether a text is a moment in the hub's form."""
    try:
        return bool(TIME.fullmatch(text)) and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def land(
    connection: Connection, stream: str, source_id: str, payload: dict[str, object], *, now: str, run_id: str
) -> None:
    """Append a version of a hub record and make it the current one. Raises WarehouseError for a redacted one."""
    if connection.one(
        "SELECT 1 FROM redaction WHERE source = ? AND stream = ? AND source_id = ?", (HUB, stream, source_id)
    ):
        raise WarehouseError(
            f"The entry {source_id} was redacted.", "Enter it anew, without an id of before."
        )
    content = json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()
    digest = blake2b(content, digest_size=16).digest()
    raw_id = int(connection.query(NEXT_RAW_ID)[0][0])
    connection.execute(
        "INSERT INTO source (source, connector, title, account, pinned_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (source) DO NOTHING",
        (HUB, HUB, TITLE, HUB, now),
    )
    connection.execute(
        "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, version, payload, run_id,"
        " landed_at) VALUES (?, ?, ?, ?, 'upsert', ?, ?, ?, ?, ?)",
        (raw_id, HUB, stream, source_id, digest, now, content, run_id, now),
    )
    connection.execute(
        "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, version, staged_raw_id,"
        " staged_rules) VALUES (?, ?, ?, ?, 'upsert', ?, ?, 0, '') ON CONFLICT (source, stream, source_id) DO UPDATE"
        " SET raw_id = excluded.raw_id, op = excluded.op, content_hash = excluded.content_hash,"
        " version = excluded.version, quarantine = NULL",
        (HUB, stream, source_id, raw_id, digest, now),
    )
