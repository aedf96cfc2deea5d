"""What people wrote about a record that is forgotten: blanked where it hangs on the record itself, else listed.

A sentence somebody wrote may name anybody, and only a person can tell whom. So what was said of the record goes, and
what was said near it (entries, questions and acts about its partner) is named with the command that looks at it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection

FORGOTTEN: Final = "(redacted)"
"""Where a text must stand: what an act was about."""
OWN: Final = "{column} = ? OR {column} LIKE ? ESCAPE '!'"
ENTRIES: Final = """
SELECT record, 'is about it' AS why FROM staged_relation WHERE source = 'hub' AND ({to_record})
UNION SELECT record, 'is about it' FROM staged_agreement WHERE source = 'hub' AND ({organization_record})
UNION SELECT record, 'is about it' FROM staged_commitment WHERE source = 'hub' AND ({organization_record})
UNION SELECT p.record, 'names it among those who took part' FROM participant p
WHERE p.record LIKE 'hub/%' AND ({participant} OR p.address IN
(SELECT k.normalized FROM key k WHERE k.kind = 'email' AND ({key}))
OR lower(p.name) IN (SELECT lower(s.name) FROM staged_person s WHERE {staged}))
ORDER BY 1, 2
"""
NEAR: Final = """
SELECT DISTINCT organization_id FROM organization_link WHERE {link}
UNION SELECT w.organization_id FROM person_link l JOIN person_organization w ON w.person_id = l.person_id
WHERE {person}
"""
QUESTIONS: Final = """
SELECT number FROM value_question WHERE organization_id = ? AND (words <> '' OR coalesce(answer, '') <> '')
AND (record IS NULL OR NOT ({record})) ORDER BY number
"""
ACTS: Final = (
    "SELECT act_id FROM steward_act WHERE reason IS NOT NULL AND CAST(detail_json AS TEXT) LIKE ? ESCAPE '!'"
    " ORDER BY act_id"
)
ACT: Final = (
    "UPDATE steward_act SET reason = NULL, subject = ? WHERE CAST(detail_json AS TEXT) LIKE ? ESCAPE '!'"
)
PAIR: Final = "UPDATE {table} SET reason = NULL WHERE ({left_record}) OR ({right_record})"
ASKED: Final = (
    "UPDATE value_question SET value = '', stood_json = '{{}}', words = '', answer = CASE WHEN answer IS NULL THEN NULL"
    " ELSE '' END WHERE {record}"
)


class Remaining(NamedTuple):
    """Something people wrote that may still name whoever is forgotten. look: the command or page that shows it."""

    what: str
    why: str
    look: str


def own(column: str) -> str:
    """A test for a record and its parts."""
    return OWN.format(column=column)


def parts_of(record: str) -> str:
    """A pattern for the parts of a record, with `!` as its escape."""
    return f"{escaped(record)}#%"


def escaped(text: str) -> str:
    """A text within a pattern, with `!` as its escape."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def named_in_json(text: str) -> Iterable[str]:
    """Patterns for a JSON text that holds a record, or a part of it, as a whole word."""
    written = escaped(json.dumps(text, ensure_ascii=False)[1:-1])
    return f'%"{written}"%', f'%"{written}#%'


def forget_words(connection: Connection, record: str) -> None:
    """Blank what people said of one record: questions and answers about its values, reasons of decisions on it."""
    both = (record, parts_of(record))
    connection.execute(ASKED.format(record=own("record")), both)
    for table in ("decision", "decision_withdrawn"):
        left, right = own("left_record"), own("right_record")
        connection.execute(PAIR.format(table=table, left_record=left, right_record=right), both * 2)
    for pattern in named_in_json(record):
        connection.execute(ACT, (FORGOTTEN, pattern))
        connection.execute(
            "UPDATE next_word SET reason = NULL, sentence = '' WHERE CAST(evidence_json AS TEXT) LIKE ? ESCAPE '!'",
            (pattern,),
        )
    source, stream, source_id = record.split("/", 2)
    connection.execute(
        "UPDATE sync_error SET reason = NULL WHERE source = ? AND stream = ? AND source_id = ?",
        (source, stream, source_id),
    )


def remaining(connection: Connection, record: str) -> list[Remaining]:
    """What people wrote near a record and is not blanked with it. To be asked before it is redacted."""
    both = (record, parts_of(record))
    statement = ENTRIES.format(
        to_record=own("to_record"), organization_record=own("organization_record"),
        participant=own("p.person_record"), key=own("k.record"),
        staged=own("s.record"),
    )  # fmt: skip
    found = [
        Remaining(f"entry {entry}", f"It {why}.", f"`partnerhub redact {entry} --reason …`")
        for entry, why in connection.query(statement, both * 6)
    ]
    near = NEAR.format(link=own("record"), person=own("l.record"))
    for (organization_id,) in connection.query(near, both * 2):
        found += [
            Remaining(f"question {number}", "It is about another value of the partner.", f"/asked/{number}")
            for (number,) in connection.query(
                QUESTIONS.format(record=own("record")), (organization_id, *both)
            )
        ]
        pattern = f'%"{escaped(str(organization_id))}"%'
        found += [
            Remaining(f"act {act}", "Its reason is about the partner.", "/review/acts")
            for (act,) in connection.query(ACTS, (pattern,))
        ]
    return list(dict.fromkeys(found))
