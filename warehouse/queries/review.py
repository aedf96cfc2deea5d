"""What waits for a steward: pairs of organizations or persons that may be one, worth most and likeliest first.

The queue is a table in its order, kept by every publication (`pipelines.golden.questions`), so that its first page
takes the same few milliseconds however long it is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from partnerhub.identity.bands import probability_of
from warehouse import bulk
from warehouse.errors import WarehouseError
from warehouse.queries.sides import holdings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from warehouse.database import Connection

COLUMNS: Final = (
    "question_id, left_id, right_id, left_record, right_record, bits, band, pairs, unsure, proposal, reason"
)
NAMED: Final = (
    "SELECT k.id, o.name, o.city, o.country, o.domain, o.annual_value_minor, EXISTS (SELECT 1 FROM partnership p"
    " WHERE p.organization_id = o.organization_id) FROM asked_id k CROSS JOIN organization o"
    " WHERE o.organization_id = k.id AND o.deleted_at IS NULL"
)
WAITING: Final = (
    "SELECT k.id, s.name, s.city, s.country, s.domain, NULL, 1 = 0 FROM asked_id k CROSS JOIN staged_organization s"
    " WHERE s.record = k.id AND s.deleted_at IS NULL"
)
NAMED_PERSON: Final = (
    "SELECT k.id, coalesce(p.name, p.email, k.id), p.email, p.record_count FROM asked_id k CROSS JOIN person p"
    " WHERE p.person_id = k.id AND p.deleted_at IS NULL"
)
EMPLOYERS: Final = (
    "SELECT k.id, o.name FROM asked_id k CROSS JOIN person_organization w CROSS JOIN organization o"
    " WHERE w.person_id = k.id AND w.until IS NULL AND o.organization_id = w.organization_id ORDER BY 1, 2"
)
COMPUTED: Final = frozenset({"owner"})
"""Golden fields no staged record has as such."""

PARTNER_WEIGHT: Final = 2.0
DEAL_WEIGHT: Final = 5
"""A deal says as much about what an organization is worth as so many facts."""
MAJOR: Final = 100
DIGITS: Final = 4
"""Bytes of a question's id: four billion of them, against some hundred thousand questions at a time."""
PAGE: Final = 20
NAME: Final = re.compile(r"[0-9a-f]{4,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the two organizations or persons of a question, and what hangs on it.

    id: the record's key where it has none yet. email, employer: of a person; who works in several places, all of them.
    """

    id: str
    name: str
    city: str | None
    country: str | None
    domain: str | None
    partner: bool
    records: int
    people: int
    facts: int
    deals: int
    annual_value_minor: int | None
    entity: str = "organization"
    email: str | None = None
    employer: str | None = None

    @property
    def worth(self) -> float:
        """What hangs on it, in orders of magnitude: facts, deals and yearly money; a partner counts twice."""
        hanging = math.log2(2 + self.facts + self.people + DEAL_WEIGHT * self.deals)
        money = math.log10(1 + (self.annual_value_minor or 0) / MAJOR)
        return (hanging + money) * (PARTNER_WEIGHT if self.partner else 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """Are these two one organization, or one person? pair: its strongest two records, with their score as bits.

    value: what both are worth.
    unsure: whether somebody could not tell already. pairs: how many pairs of records speak for it. proposal: join, part
    (they are one, and should perhaps not be) or related (one family, two organizations). reason: what made it a
    question: score, a guard (registry, country, size, bridge), family, branch or retrained; of persons addresses,
    either, moved or mailbox (`partnerhub.identity.people.Doubt`), registry or size.
    """

    id: str
    left: Asked
    right: Asked
    pair: tuple[str, str]
    bits: float
    band: str
    pairs: int
    unsure: bool = False
    proposal: str = "join"
    reason: str = "score"

    @property
    def entity(self) -> str:
        """Organization or person."""
        return self.left.entity

    @property
    def probability(self) -> float:
        """How probable it is that they are one."""
        return probability_of(self.bits)

    @property
    def value(self) -> float:
        """What the two are worth together."""
        return round(self.left.worth + self.right.worth, 1)

    @property
    def rank(self) -> float:
        """Value times confidence: what comes first."""
        return self.value * self.probability


def questions(connection: Connection, *, unsure: bool = False, limit: int = PAGE) -> list[Question]:
    """What waits for a steward, the highest value times probability first; read off an index, at most `limit`.

    unsure: also what somebody could not tell; those come last.
    """
    test = "" if unsure else " WHERE unsure = FALSE"
    return with_sides(
        connection,
        connection.query(
            f"SELECT {COLUMNS} FROM question{test} ORDER BY unsure, behind, left_record, right_record LIMIT ?",
            (limit,),
        ),
    )


def count_questions(connection: Connection, *, unsure: bool = False) -> int:
    """How many questions wait."""
    found = connection.one(f"SELECT count(*) FROM question{'' if unsure else ' WHERE unsure = FALSE'}")
    return int(found[0]) if found else 0


def with_sides(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[Question]:
    """Questions in the given order, with what hangs on either side today."""
    asked = asked_about(connection, {each for row in rows for each in row[1:3]})
    return [
        Question(
            question,
            asked[one],
            asked[other],
            (left, right),
            bits,
            band,
            pairs,
            bool(unsure),
            proposal,
            reason,
        )
        for question, one, other, left, right, bits, band, pairs, unsure, proposal, reason in rows
        if one in asked and other in asked
    ]


def asked_about(connection: Connection, ids: Iterable[str]) -> dict[str, Asked]:
    """Organizations, waiting records and persons by id, with what hangs on them."""
    held: dict[str, Any] = holdings(connection, ids)  # leaves the ids in `asked_id`
    nothing = {"records": 1, "people": 0, "facts": 0, "deals": 0}
    rows: list[tuple[Any, ...]] = connection.query(NAMED) + connection.query(WAITING)
    return persons_asked_about(connection) | {
        row[0]: Asked(
            id=row[0],
            name=row[1],
            city=row[2],
            country=row[3],
            domain=row[4],
            partner=bool(row[6]),
            annual_value_minor=row[5],
            **(held[row[0]] if held[row[0]]["records"] else nothing),
        )
        for row in rows
    }


def persons_asked_about(connection: Connection) -> dict[str, Asked]:
    """The persons among the ids in `asked_id`. Nothing but their records counts as what hangs on them."""
    employers: dict[str, list[str]] = {}
    for person_id, name in connection.query(EMPLOYERS):
        employers.setdefault(person_id, []).append(name)
    return {
        person_id: Asked(
            person_id, name, None, None, None, False, records, 0, 0, 0, None, "person", email,
            ", ".join(dict.fromkeys(employers.get(person_id, ()))) or None,
        )
        for person_id, name, email, records in connection.query(NAMED_PERSON)
    }  # fmt: skip


def question_id(pair: tuple[str, str]) -> str:
    """Eight hexadecimal digits by which a question can be named."""
    return blake2b("\n".join(pair).encode(errors="backslashreplace"), digest_size=DIGITS).hexdigest()


def question_named(connection: Connection, wanted: str) -> Question | None:
    """The open question of that id or whose id begins so, also one somebody was unsure about.

    Raises WarehouseError where several begin so.
    """
    if not NAME.fullmatch(wanted):
        return None
    found = with_sides(
        connection,
        connection.query(
            f"SELECT {COLUMNS} FROM question WHERE question_id >= ? AND question_id < ? ORDER BY question_id LIMIT 2",
            (wanted, f"{wanted}g"),
        ),
    )
    if len(found) > 1:
        raise WarehouseError(
            f"{wanted} begins the ids of several questions.",
            f"Say more of it: {found[0].id} or {found[1].id}.",
        )
    return found[0] if found else None


def fields_of(
    connection: Connection, ids: Iterable[str], fields: Iterable[str], entity: str = "organization"
) -> dict[str, dict[str, Any]]:
    """Golden values of organizations (or persons), or of records that wait, by id: what is put side by side."""
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in set(ids)))
    wanted = list(fields)
    golden = ", ".join(f"x.{name}" for name in wanted)
    waiting = ", ".join(f"NULL AS {name}" if name in COMPUTED else f"x.{name}" for name in wanted)
    rows = connection.records(
        f"SELECT k.id, {golden} FROM asked_id k CROSS JOIN {entity} x WHERE x.{entity}_id = k.id"
    ) + connection.records(
        f"SELECT k.id, {waiting} FROM asked_id k CROSS JOIN staged_{entity} x WHERE x.record = k.id"
    )
    return {row.pop("id"): row for row in rows}
