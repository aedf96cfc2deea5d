"""The stewards' queue, kept with every publication: the questions of whatever was touched are asked anew.

A pair of organizations, or of persons, is asked about once, by its strongest pair of records. It is not asked about
when somebody said of any two of their records that they are different (on no path can they become one); after "unsure"
it comes last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipelines.golden import work
from pipelines.leases import held
from warehouse import bulk
from warehouse.hub_state import remember, remembered
from warehouse.queries.review import Question, asked_about, question_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from warehouse.database import Connection, Database

STATE: Final = "questions"
"""The name under which the hub remembers by which rules, and when, the queue was last brought up to date."""
MATCH_RULES: Final = "match_rules"
LEASE: Final = "publish"
COLUMNS: Final = (
    "left_record", "right_record", "question_id", "left_id", "right_id", "bits", "band", "pairs", "proposal", "reason",
    "unsure", "behind",
)  # fmt: skip
LINKED: Final = (
    " LEFT JOIN {entity}_link a ON a.record = e.left_record AND a.ended_at IS NULL"
    " LEFT JOIN {entity}_link b ON b.record = e.right_record AND b.ended_at IS NULL"
)
APART: Final = (
    "SELECT e.left_record, e.right_record, e.score, e.band,"
    " coalesce(a.{entity}_id, e.left_record), coalesce(b.{entity}_id, e.right_record)"
    f" FROM {{scope}}match_edge e{LINKED}"
    " WHERE {test}e.entity = '{entity}' AND e.band NOT IN ('no', 'veto')"
    " AND (a.{entity}_id IS NULL OR b.{entity}_id IS NULL OR a.{entity}_id <> b.{entity}_id)"
)
SUGGESTED: Final = (
    "SELECT e.left_record, e.right_record, coalesce(e.score, m.score), e.reason, e.proposal,"
    " coalesce(a.{entity}_id, e.left_record), coalesce(b.{entity}_id, e.right_record)"
    f" FROM {{scope}}identity_review e{LINKED}"
    " LEFT JOIN match_edge m ON m.left_record = e.left_record AND m.right_record = e.right_record"
    " WHERE {test}e.entity = '{entity}' AND e.closed_at IS NULL"
)
"""What the rules suggest and do not do by themselves: a guard held it back, a family, an effect of retraining."""
ENTITIES: Final = ("organization", "person")
TOUCHED: Final = (
    {"scope": "asked_scope s CROSS JOIN ", "test": "e.left_record = s.record AND "},
    {"scope": "asked_scope s CROSS JOIN ", "test": "e.right_record = s.record AND "},
)
EVERYWHERE: Final = ({"scope": "", "test": ""},)
DECIDED: Final = (
    "SELECT coalesce(a.{entity}_id, e.left_record), coalesce(b.{entity}_id, e.right_record), e.verdict,"
    f" e.left_record, e.right_record, e.decided_at FROM {{scope}}decision e{LINKED}"
    " WHERE {test}e.entity = '{entity}' ORDER BY 6"
)
REVIEWED: Final = (
    "SELECT left_record, right_record FROM identity_review WHERE opened_at >= ? UNION"
    " SELECT left_record, right_record FROM identity_review WHERE closed_at >= ?"
)
PART: Final = "part"


@dataclass(slots=True)
class Strongest:
    """The strongest pair of records between two organizations so far. ids: theirs, in the order of the pair."""

    bits: float
    band: str
    pair: tuple[str, str]
    ids: tuple[str, str]
    pairs: int = 1
    proposal: str = "join"
    reason: str = "score"


Scopes = tuple[dict[str, str], ...]
Ids = tuple[str, str]
"""Two organizations (or records that wait), the smaller one first."""


def publish_questions(connection: Connection, now: str, *, everything: bool) -> int:
    """Ask anew about all that this publication touched; returns how many questions there are of it.

    Expects `work_asked` to hold the organizations on which something else hangs now. The whole queue is made where it
    never was, or not by the rules that scored the pairs.
    """
    rules = remembered(connection, MATCH_RULES) or ""
    known = (remembered(connection, STATE) or "").rpartition("|")
    if everything or known[0] != rules or not known[2]:
        connection.execute("DELETE FROM question")
        found = [
            each for name in ENTITIES for each in open_questions(connection, scopes_of(name, EVERYWHERE))
        ]
    else:
        touch(connection, known[2])
        found = []
        for name in ENTITIES:
            load_scope(connection, name)
            found += open_questions(connection, scopes_of(name, TOUCHED))
    bulk.insert(connection, "question", COLUMNS, [row_of(each) for each in found])
    remember(connection, STATE, f"{rules}|{now}")
    return len(found)


def make_whole(database: Database, now: str) -> None:
    """Make the queue where it was never made, as after an upgrade. Safe to call twice."""
    with database.session() as connection:
        if remembered(connection, STATE):
            return
    with held(database, LEASE), database.session() as connection, connection.transaction():
        publish_questions(connection, now, everything=True)


def scopes_of(entity: str, scopes: Scopes) -> Scopes:
    """The same scopes, of one entity."""
    return tuple({**scope, "entity": entity} for scope in scopes)


def touch(connection: Connection, since: str) -> None:
    """Forget the questions of all that was touched, organizations and persons."""
    reviewed = {record for row in connection.query(REVIEWED, (since, since)) for record in row}
    work.add_keys(connection, "work_asked", reviewed)
    for entity in ENTITIES:
        work.add(connection, "work_asked", f"SELECT {entity}_id FROM work_{entity}")
        work.add(connection, "work_asked", f"SELECT record FROM work_record WHERE kind = '{entity}'")
        work.add(
            connection,
            "work_asked",
            f"SELECT l.{entity}_id FROM work_asked w CROSS JOIN {entity}_link l"
            " WHERE l.record = w.id AND l.ended_at IS NULL",
        )
    work.settle(connection, "work_asked")
    for side in ("left_id", "right_id"):
        connection.execute(f"DELETE FROM question WHERE {side} IN (SELECT id FROM work_asked)")


def load_scope(connection: Connection, entity: str) -> None:
    """Put the records of what was touched into `asked_scope`."""
    bulk.load_keys(
        connection,
        "asked_scope",
        ("record",),
        connection.query(
            f"SELECT l.record FROM work_asked w CROSS JOIN {entity}_link l"
            f" WHERE l.{entity}_id = w.id AND l.ended_at IS NULL"
            f" UNION SELECT s.record FROM work_asked w CROSS JOIN staged_{entity} s WHERE s.record = w.id"
        ),
    )


def open_questions(connection: Connection, scopes: Scopes) -> list[Question]:
    """The questions of a scope, with what hangs on both sides."""
    between = strongest_pairs(connection, scopes)
    parts = add_suggested(connection, scopes, between)
    if not between and not parts:
        return []
    records = {each for found in (*between.values(), *parts) for each in found.pair}
    verdicts, said = verdicts_among(connection, records, scopes[0])
    waiting = [(found, verdicts.get(ids, set()) - {"same"}) for ids, found in between.items()]
    waiting += [(found, {said[found.pair]} if found.pair in said else set()) for found in parts]
    still = [(found, words) for found, words in waiting if words <= {"unsure"}]
    asked = asked_about(connection, {each for found, _ in still for each in found.ids})
    return [
        Question(
            question_id(found.pair), asked[found.ids[0]], asked[found.ids[1]], found.pair, found.bits, found.band,
            found.pairs, "unsure" in words, found.proposal, found.reason,
        )
        for found, words in still
        if all(each in asked for each in found.ids)
    ]  # fmt: skip


def rows_of(connection: Connection, select: str, scopes: Scopes) -> Iterator[tuple[Any, ...]]:
    """The rows of a query over a scope; a pair that lies in it with both ends comes once."""
    seen: set[tuple[Any, ...]] = set()
    for scope in scopes:
        for row in connection.query(select.format(**scope)):
            key = (row[0], row[1], row[3])
            if key not in seen:
                seen.add(key)
                yield row


def strongest_pairs(connection: Connection, scopes: Scopes) -> dict[Ids, Strongest]:
    """The strongest scored pair between any two organizations, by their ids in order."""
    found: dict[Ids, Strongest] = {}
    for left, right, bits, band, one, other in rows_of(connection, APART, scopes):
        key = (min(one, other), max(one, other))
        known = found.get(key)
        if known is None:
            found[key] = Strongest(bits, band, (left, right), (one, other))
        else:
            known.pairs += 1
            if (bits, (right, left)) > (known.bits, known.pair[::-1]):
                known.bits, known.band, known.pair, known.ids = bits, band, (left, right), (one, other)
    return found


def add_suggested(connection: Connection, scopes: Scopes, between: dict[Ids, Strongest]) -> list[Strongest]:
    """Add what the rules suggest of two organizations; returns what they suggest to part, within one."""
    parts = []
    rows = sorted(rows_of(connection, SUGGESTED, scopes), key=lambda row: (row[0], row[1], row[3]))
    for left, right, bits, reason, proposal, one, other in rows:
        pair, sides = ((left, right), (one, other)) if left < right else ((right, left), (other, one))
        ids = (min(one, other), max(one, other))
        if one == other:
            if proposal == PART:
                parts.append(Strongest(bits or 0.0, "", pair, sides, 1, proposal, reason))
        elif ids in between:
            between[ids].proposal, between[ids].reason = proposal, reason
        else:
            between[ids] = Strongest(bits or 0.0, "", pair, sides, 1, proposal, reason)
    return parts


def verdicts_among(
    connection: Connection, records: Iterable[str], scope: Mapping[str, str]
) -> tuple[dict[Ids, set[str]], dict[tuple[str, str], str]]:
    """Which last words stand between any two organizations (or persons) of these records; and the last word per pair.

    A verdict stands on a pair in order, so those with a left record of one of the organizations are all there are.
    """
    entity = scope["entity"]
    if scope["scope"]:
        bulk.load_keys(connection, "asked_pair", ("record",), ((record,) for record in set(records)))
        party = connection.query(
            f"SELECT m.record FROM asked_pair p CROSS JOIN {entity}_link l CROSS JOIN {entity}_link m"
            " WHERE l.record = p.record AND l.ended_at IS NULL"
            f" AND m.{entity}_id = l.{entity}_id AND m.ended_at IS NULL"
            " UNION SELECT record FROM asked_pair"
        )
        bulk.load_keys(connection, "asked_scope", ("record",), party)
    rows = connection.query(DECIDED.format(**scope))
    last = {(left, right): (one, other, verdict) for one, other, verdict, left, right, _ in rows}
    found: dict[Ids, set[str]] = {}
    for one, other, verdict in last.values():
        found.setdefault((min(one, other), max(one, other)), set()).add(verdict)
    return found, {pair: verdict for pair, (_, _, verdict) in last.items()}


def row_of(question: Question) -> tuple[Any, ...]:
    """The row of table `question`."""
    return (
        *question.pair, question.id, question.left.id, question.right.id, question.bits, question.band, question.pairs,
        question.proposal, question.reason, question.unsure, -question.rank,
    )  # fmt: skip
