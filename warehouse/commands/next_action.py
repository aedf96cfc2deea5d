"""What a person says of a thing to do with a partner: done, not before a day, or back again. Each is an act."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from warehouse import bulk
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.pin import is_day, name_of
from warehouse.errors import WarehouseError
from warehouse.queries.next_words import DONE, SNOOZED, pieces
from warehouse.queries.signals import SAID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.database import Connection
    from warehouse.queries.acts import DoneAct

COLUMNS: Final = (
    "number", "organization_id", "about", "rule", "sentence", "evidence_json", "opened_at", "word", "until_on",
    "reason", "actor", "said_at", "ended_at", "ended_by",
)  # fmt: skip
END: Final = "UPDATE next_word SET ended_at = ?, ended_by = ? WHERE number = ? AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class ToDo:
    """A thing to do as it was shown. about: the signal's id, or what of the partner it is about."""

    organization_id: str
    about: str
    rule: str
    sentence: str
    evidence: Sequence[Mapping[str, Any]]
    opened_at: str | None


def set_aside(
    connection: Connection, to_do: ToDo, until_on: str | None, said: Said, followed: int | None = None
) -> int:
    """It is done; with a day, it is not before that day. Returns the number of the word. Expects a transaction.

    A word of before on the same thing ends; followed: the number of one that came along with a merge. Raises
    WarehouseError for what is no day to come.
    """
    if until_on is not None and (not is_day(until_on) or until_on <= said.now[:10]):
        raise WarehouseError(f"“{until_on}” is no day to come.", "Write one after today, as 2026-09-01.")
    for number, _ in standing(connection, to_do.organization_id, to_do.about, followed):
        connection.execute(END, (said.now, said.actor, number))
    found = connection.one("SELECT coalesce(max(number), 0) + 1 FROM next_word")
    number = int(found[0]) if found else 1
    sentence = SAID.sub("", to_do.sentence)
    rests_on = json.dumps(pieces(to_do.evidence), ensure_ascii=False, sort_keys=True)
    row = (
        number, to_do.organization_id, to_do.about, to_do.rule, sentence, rests_on, to_do.opened_at,
        SNOOZED if until_on else DONE, until_on, said.reason, said.actor, said.now, None, None,
    )  # fmt: skip
    bulk.insert(connection, "next_word", COLUMNS, [row])
    words = f"until {until_on}" if until_on else "done"
    kind = "snooze" if until_on else "done"
    remember_act(connection, act_of(connection, kind, to_do.organization_id, to_do.rule, number, words), said)
    return number


def standing(
    connection: Connection, organization_id: str, about: str, followed: int | None
) -> list[tuple[int, str]]:
    """Number and rule of the words that stand on a thing to do, the one that came along with a merge among them."""
    return connection.query(
        "SELECT number, rule FROM next_word WHERE ((organization_id = ? AND about = ?) OR number = ?)"
        " AND ended_at IS NULL ORDER BY number",
        (organization_id, about, -1 if followed is None else followed),
    )


def bring_back(
    connection: Connection, organization_id: str, about: str, said: Said, followed: int | None = None
) -> bool:
    """It is to be done again. Says whether it was set aside. followed: as in `set_aside`. Expects a transaction."""
    rows = standing(connection, organization_id, about, followed)
    for number, rule in rows:
        connection.execute(END, (said.now, said.actor, number))
        remember_act(connection, act_of(connection, "back", organization_id, rule, number, "back"), said)
    return bool(rows)


def act_of(
    connection: Connection, kind: str, organization_id: str, rule: str, number: int, words: str
) -> Act:
    """An act about a thing to do."""
    subject = f"{rule.replace('_', ' ')} of {name_of(connection, organization_id)}: {words}"
    detail = {
        "organization_id": organization_id,
        "rule": rule,
        "word": number,
        "place": ["word", str(number)],
    }
    return Act(kind, subject, detail=detail)


def take_back_word(connection: Connection, act: DoneAct, said: Said) -> None:
    """What was set aside is to be done again; what was brought back is set aside again."""
    number = act.detail["word"]
    if act.kind == "back":
        connection.execute(
            "UPDATE next_word SET ended_at = NULL, ended_by = NULL WHERE number = ?", (number,)
        )
    else:
        connection.execute(END, (said.now, said.actor, number))
