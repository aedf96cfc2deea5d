"""A question about a value, put to whoever owns it; it ends when the value changes, or by hand. Each is an act."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.pin import name_of
from warehouse.errors import NotFound, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.database import Connection
    from warehouse.queries.acts import DoneAct

WRONG: Final[dict[str, str]] = {
    "outdated": "It is out of date",
    "wrong": "It was never right",
    "disputed": "Sources disagree about it",
    "unclear": "I do not know whether it is right",
}
"""What may be wrong with a value → in words."""
CHANGED, ANSWERED, WITHDRAWN = "changed", "answered", "withdrawn"
LONGEST: Final = 4000
COLUMNS: Final = (
    "number", "organization_id", "field", "value", "stood_json", "record", "wrong", "words", "to_name", "to_email",
    "asked_by", "asked_at", "closed_at", "closed_by", "outcome", "answer",
)  # fmt: skip
CLOSE: Final = (
    "UPDATE value_question SET closed_at = ?, closed_by = ?, outcome = ?, answer = ?"
    " WHERE number = ? AND closed_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as somebody puts it. field: as the page names it; stood: stored field → what it holds now.

    to: name and e-mail address of whom it is for; one of the two is enough.
    """

    organization_id: str
    field: str
    value: str
    stood: Mapping[str, Any]
    record: str | None
    wrong: str
    words: str
    to: tuple[str, str]


def ask(connection: Connection, asking: Asking, said: Said) -> int:
    """Put a question; returns its number. Expects a transaction. Raises WarehouseError for one that says too little."""
    check(connection, asking)
    found = connection.one("SELECT coalesce(max(number), 0) + 1 FROM value_question")
    number = int(found[0]) if found else 1
    name, email = (each.strip() or None for each in asking.to)
    stood = json.dumps(asking.stood, ensure_ascii=False, sort_keys=True)
    row = (
        number, asking.organization_id, asking.field, asking.value, stood, asking.record, asking.wrong,
        asking.words.strip(), name, email.lower() if email else None, said.actor, said.now, None, None, None, None,
    )  # fmt: skip
    bulk.insert(connection, "value_question", COLUMNS, [row])
    subject = f"{asking.field} of {name_of(connection, asking.organization_id)}, asked {name or email}"
    remember_act(connection, act_of("ask", subject, number, asking.organization_id), said)
    return number


def check(connection: Connection, asking: Asking) -> None:
    """Refuse what nobody could answer."""
    if asking.wrong not in WRONG:
        raise WarehouseError("Say what is wrong with it.", f"Choose one of: {', '.join(WRONG)}.")
    if not any(each.strip() for each in asking.to):
        raise WarehouseError("Nobody is asked.", "Name a colleague, or write an e-mail address.")
    if len(asking.words) > LONGEST:
        raise WarehouseError("The question is too long.", f"Write at most {LONGEST} characters.")
    waiting = connection.one(
        "SELECT number, coalesce(to_name, to_email), asked_by FROM value_question"
        " WHERE organization_id = ? AND field = ? AND closed_at IS NULL",
        (asking.organization_id, asking.field),
    )
    if waiting:
        raise WarehouseError(
            f"{waiting[2]} asked {waiting[1]} about this value already.",
            f"Close question {waiting[0]} first, or add to it in person.",
        )


def close(connection: Connection, number: int, outcome: str, answer: str, said: Said) -> None:
    """Close a question by hand. Expects a transaction. Raises NotFound, and WarehouseError for one that is over."""
    row = connection.one(
        "SELECT organization_id, field, closed_at, outcome FROM value_question WHERE number = ?", (number,)
    )
    if row is None:
        raise NotFound(f"There is no question {number}.", "The page of open questions lists them.")
    organization_id, field, closed_at, was = row
    if closed_at or outcome not in {ANSWERED, WITHDRAWN} or len(answer) > LONGEST:
        raise WarehouseError(
            f"Question {number} is over: {was}." if closed_at else "It cannot be closed like that.",
            f"Look at it again; answers have at most {LONGEST} characters.",
        )
    connection.execute(CLOSE, (said.now, said.actor, outcome, answer.strip() or None, number))
    subject = f"{field} of {name_of(connection, organization_id)}, {outcome}"
    remember_act(connection, act_of("answer", subject, number, organization_id), said)


def act_of(kind: str, subject: str, number: int, organization_id: str) -> Act:
    """An act about a question."""
    detail = {"question": number, "organization_id": organization_id, "place": ["question", str(number)]}
    return Act(kind, subject, detail=detail)


def take_back_question(connection: Connection, act: DoneAct, said: Said) -> None:
    """A question that was put is withdrawn; one that was closed by hand is open again."""
    number = act.detail["question"]
    if act.kind == "ask":
        connection.execute(CLOSE, (said.now, said.actor, WITHDRAWN, None, number))
    else:
        connection.execute(
            "UPDATE value_question SET closed_at = NULL, closed_by = NULL, outcome = NULL, answer = NULL"
            " WHERE number = ? AND outcome IN ('answered', 'withdrawn')",
            (number,),
        )
