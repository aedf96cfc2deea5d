"""A person's word that two organizations are one family: a parent, a branch, or nobody knows which stands above.

They are two for ever, like after "different", and how they stand to each other is an entry of source `hub`: staged,
published and shown like what any source states, and withdrawn when the act is taken back.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from warehouse import bulk
from warehouse.commands.acts import Act, remember_act
from warehouse.commands.enter import HUB, land
from warehouse.commands.judge import COLUMNS, DIFFERENT, across, staged, verdicts_among
from warehouse.commands.pending import mark
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partnerhub.identity.families import Related
    from warehouse.commands.acts import Said
    from warehouse.database import Connection

RELATED: Final = "related"
STREAM: Final = "relations"
KINDS: Final = ("parent_of", "branch_of", "family")
STATED: Final = (
    "SELECT r.kind, r.from_record, r.to_record FROM asked_left a JOIN staged_relation r ON r.{one}_record = a.record"
    " JOIN asked_right b ON b.record = r.{other}_record"
    " WHERE r.kind IN ('parent_of', 'branch_of', 'family') AND r.deleted_at IS NULL"
)


def judge_related(
    connection: Connection,
    lefts: Sequence[str],
    rights: Sequence[str],
    related: Related,
    subject: str,
    said: Said,
    *,
    certain: bool,
) -> int | None:
    """These are two organizations of one family. Returns the act's number, None when all of it was known already.

    related: how two of their records stand to each other. certain: a person chose that; where it is a guess, whatever
    a source states about the two already counts, and nothing is entered beside it. Raises NotFound, WarehouseError.
    """
    lefts, rights = staged(connection, "organization", lefts), staged(connection, "organization", rights)
    stands = verdicts_among(connection, "organization", [*lefts, *rights])
    news = sorted(
        pair for pair in across(lefts, rights) if pair not in stands or stands[pair].verdict != DIFFERENT
    )
    known = stated_between(connection, lefts, rights)
    entry = None if is_stated(related, known, lefts, rights, certain=certain) else str(uuid.uuid4())
    if not news and entry is None:
        return None
    if entry:
        land_relation(connection, entry, related, said, withdrawn=False)
    rows = [(*pair, said.now, "organization", DIFFERENT, said.actor, said.reason) for pair in news]
    bulk.upsert(connection, "decision", COLUMNS, rows)
    mark(connection, "organization", (record for pair in news for record in pair))
    mark(connection, "organization", (related.upper, related.lower))
    detail = {"pairs": news, "entry": entry, "related": list(related)}
    return remember_act(connection, Act(RELATED, subject, "organization", detail), said)


def stated_between(
    connection: Connection, lefts: Iterable[str], rights: Iterable[str]
) -> set[tuple[str, str, str]]:
    """(kind, from record, to record) of every parent, branch or family stated between two sets of records."""
    for name, records in (("asked_left", lefts), ("asked_right", rights)):
        bulk.load_keys(connection, name, ("record",), ((record,) for record in set(records)))
    return {
        (row[0], row[1], row[2])
        for ends in (("from", "to"), ("to", "from"))
        for row in connection.query(STATED.format(one=ends[0], other=ends[1]))
    }


def is_stated(
    related: Related,
    known: Iterable[tuple[str, str, str]],
    lefts: Sequence[str],
    rights: Sequence[str],
    *,
    certain: bool,
) -> bool:
    """Whether something stated says the same of the two sides; of a guess, whether anything is stated."""
    upper_side = set(lefts if related.upper in lefts else rights)
    found = {(kind, (to if kind == "branch_of" else origin) in upper_side) for kind, origin, to in known}
    if not certain:
        return bool(found)
    if related.kind == "family":
        return any(kind == "family" for kind, _ in found)
    return (related.kind, True) in found


def withdraw_relation(connection: Connection, entry: str, related: Related, said: Said) -> None:
    """The entry says nothing any more. Stage and publish to see it."""
    land_relation(connection, entry, related, said, withdrawn=True)


def land_relation(
    connection: Connection, entry: str, related: Related, said: Said, *, withdrawn: bool
) -> None:
    """Append a version of the entry."""
    if related.kind not in KINDS or related.upper == related.lower:
        raise WarehouseError(
            f"{related.upper} cannot be {related.kind} {related.lower}.", f"Use one of: {', '.join(KINDS)}."
        )
    ends = (related.lower, related.upper) if related.kind == "branch_of" else (related.upper, related.lower)
    payload: dict[str, object] = {
        "kind": related.kind,
        "from": ends[0],
        "to": ends[1],
        "actor": said.actor,
        "entered_at": said.now,
        **({"reason": said.reason} if said.reason else {}),
        **({"withdrawn": True} if withdrawn else {}),
    }
    land(connection, STREAM, entry, payload, now=said.now, run_id=f"{HUB}:{entry}")
