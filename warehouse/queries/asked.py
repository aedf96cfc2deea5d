"""Questions about values: whom they were put to, since when they wait, and how they ended; and who owns a value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.record import published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

PAGE: Final = 50
COLLEAGUES: Final = 300
COLUMNS: Final = (
    "q.number, q.organization_id, q.field, q.value, q.record, q.wrong, q.words, q.to_name, q.to_email, q.asked_by,"
    " q.asked_at, q.closed_at, q.closed_by, q.outcome, q.answer, o.name AS organization"
)
FROM: Final = "FROM value_question q LEFT JOIN organization o ON o.organization_id = q.organization_id"
OWNER: Final = (
    "SELECT c.name, c.email FROM staged_organization s JOIN colleague_record r ON r.record = s.owner_record"
    " JOIN colleague c ON c.colleague_id = r.colleague_id WHERE s.record = ?"
)
NAMED: Final = "SELECT name, email FROM colleague WHERE name = ? OR email = ? ORDER BY email LIMIT 1"
ACTIVE: Final = (
    "SELECT name, email FROM colleague WHERE active = TRUE AND email IS NOT NULL"
    " ORDER BY lower(coalesce(name, email)), email LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class ValueQuestion:
    """One question. value: as it was shown then. organization: its partner's name now. Times are UTC text."""

    number: int
    organization_id: str
    field: str
    value: str
    record: str | None
    wrong: str
    words: str
    to_name: str | None
    to_email: str | None
    asked_by: str
    asked_at: str
    closed_at: str | None
    closed_by: str | None
    outcome: str | None
    answer: str | None
    organization: str | None

    @property
    def to(self) -> str:
        """Whom it was put to."""
        return self.to_name or self.to_email or "somebody"


class Owner(NamedTuple):
    """Somebody a question may be put to. why: what makes them its owner, in words."""

    name: str | None
    email: str | None
    why: str

    @property
    def written(self) -> str:
        """`Ana Lind <ana@hub.example>`, as a form has it."""
        if self.name and self.email:
            return f"{self.name} <{self.email}>"
        return self.name or self.email or ""


def questions_about(
    viewer: Viewer, connection: Connection, organization_ids: Sequence[str]
) -> list[ValueQuestion]:
    """The open questions about a partner, and about ids that answer by it, the newest first."""
    ids = [each for each in organization_ids if viewer.may_see(each)]
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    return many(
        connection,
        f"q.organization_id IN ({marks}) AND q.closed_at IS NULL ORDER BY q.asked_at DESC, q.number DESC",
        ids,
    )


def questions_of_value(
    viewer: Viewer, connection: Connection, organization_id: str, field: str
) -> list[ValueQuestion]:
    """Every question there was about one value, the newest first."""
    where = "q.organization_id = ? AND q.field = ? ORDER BY q.number DESC LIMIT ?"
    return many(connection, where, (viewer.only(organization_id), field, PAGE))


def open_questions(
    viewer: Viewer, connection: Connection, *, mine: str = "", before: int = 0, limit: int = PAGE
) -> list[ValueQuestion]:
    """Open questions, the newest first. mine: only those put to or by this login. before: the last number seen."""
    seen, ids = viewer.within("q.organization_id")
    tests, values = ["q.closed_at IS NULL", seen], list(ids)
    if mine:
        tests.append("(q.to_email = ? OR q.asked_by = ?)")
        values += [mine, mine]
    if before:
        tests.append("q.number < ?")
        values.append(before)
    return many(connection, f"{' AND '.join(tests)} ORDER BY q.number DESC LIMIT ?", (*values, limit))


def closed_questions(viewer: Viewer, connection: Connection, limit: int = PAGE) -> list[ValueQuestion]:
    """The newest questions that are over."""
    seen, ids = viewer.within("q.organization_id")
    return many(
        connection, f"q.closed_at IS NOT NULL AND {seen} ORDER BY q.number DESC LIMIT ?", (*ids, limit)
    )


def question_numbered(viewer: Viewer, connection: Connection, number: int) -> ValueQuestion | None:
    """One question by its number; None for none, and where the viewer may not know of its partner."""
    seen, ids = viewer.within("q.organization_id")
    found = many(connection, f"q.number = ? AND {seen}", (number, *ids))
    return found[0] if found else None


def many(connection: Connection, where: str, values: Sequence[Any]) -> list[ValueQuestion]:
    """Questions by a condition of this program."""
    rows = connection.records(f"SELECT {COLUMNS} {FROM} WHERE {where}", values)
    return [ValueQuestion(**row) for row in rows]


def owners_of(
    connection: Connection, records: Mapping[str, str], pinned_by: str, looks_after: str
) -> list[Owner]:
    """Whom a question about a value is for, the likeliest first; only who can be named or written to.

    records: those that say something about it, by what they are called. pinned_by: who set it. looks_after: name of the
    colleague who owns the partner.
    """
    found = [Owner(None, pinned_by, "set this value by hand")] if "@" in pinned_by else []
    for record, called in records.items():
        found += [Owner(name, email, f"owns {called}") for name, email in connection.query(OWNER, (record,))]
    if looks_after:
        rows = connection.query(NAMED, (looks_after, looks_after)) or [(looks_after, None)]
        found += [Owner(name, email, "looks after the partner") for name, email in rows]
    return list({each.email or each.name: each for each in reversed(found)}.values())[::-1]


def colleagues(connection: Connection) -> list[Owner]:
    """Our own people, by name; at most some hundred."""
    return [Owner(name, email, "") for name, email in connection.query(ACTIVE, (COLLEAGUES,))]


def stands_now(row: Mapping[str, Any], stood: Mapping[str, Any]) -> bool:
    """Whether an organization's row holds what it held when a question was put."""
    now = published(dict(row))
    return all(now.get(name) == value for name, value in stood.items())


def changed_since_asked(connection: Connection) -> list[int]:
    """Open questions whose value is another one now, on the partner it was put about or on its survivor."""
    rows = connection.records(
        "SELECT q.number, q.stood_json, coalesce(r.to_id, q.organization_id) AS id FROM value_question q"
        " LEFT JOIN redirect r ON r.from_id = q.organization_id AND r.ended_at IS NULL WHERE q.closed_at IS NULL"
    )
    if not rows:
        return []
    ids = sorted({row["id"] for row in rows})
    found = {
        row["organization_id"]: row
        for start in range(0, len(ids), 500)
        for row in connection.records(
            f"SELECT * FROM organization WHERE organization_id IN ({', '.join('?' * len(ids[start : start + 500]))})",
            ids[start : start + 500],
        )
    }
    return [
        row["number"]
        for row in rows
        if row["id"] in found and not stands_now(found[row["id"]], json.loads(row["stood_json"]))
    ]
