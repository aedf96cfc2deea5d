"""A person's verdict on two sets of records: one organization (or person), different ones, or nobody can tell.

Every verdict is kept on pairs of records, so it outlives ids, scores and the rules themselves. "Different" is kept on
every pair across, and so holds on any path through a third record; "same" on enough pairs to tie them all together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse import bulk
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.pending import mark
from warehouse.errors import NotFound, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.database import Connection

SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
COLUMNS: Final = ("left_record", "right_record", "decided_at", "entity", "verdict", "actor", "reason")

Pair = tuple[str, str]


class Standing(NamedTuple):
    """The last verdict on a pair."""

    verdict: str
    actor: str
    decided_at: str
    reason: str | None


class Contradicted(WarehouseError):
    """Somebody said the opposite, and that stands until it is taken back."""


def judge_same(
    connection: Connection, lefts: Sequence[str], rights: Sequence[str], subject: str, said: Said, *,
    entity: str = "organization", kind: str = SAME,
) -> int | None:  # fmt: skip
    """All these records are one. Returns the act's number, None when that was known already.

    Raises Contradicted where somebody said that two of them are different, NotFound for records that are not there.
    """
    lefts, rights = staged(connection, entity, lefts), staged(connection, entity, rights)
    stands = verdicts_among(connection, entity, [*lefts, *rights])
    for pair in sorted(across(lefts, rights)):
        if pair in stands and stands[pair].verdict == DIFFERENT:
            raise contradicted(connection, pair, stands[pair])
    ties = {pair_of(lefts[0], right) for right in rights} | {pair_of(left, rights[0]) for left in lefts}
    return judge(connection, Act(kind, subject, entity), dict.fromkeys(ties, SAME), stands, said)


def judge_different(
    connection: Connection, lefts: Sequence[str], rights: Sequence[str], subject: str, said: Said, *,
    entity: str = "organization", kind: str = DIFFERENT,
) -> int | None:  # fmt: skip
    """None of the left records is one with any of the right ones, for ever. Returns as `judge_same`."""
    lefts, rights = staged(connection, entity, lefts), staged(connection, entity, rights)
    stands = verdicts_among(connection, entity, [*lefts, *rights])
    wanted = dict.fromkeys(across(lefts, rights), DIFFERENT)
    return judge(connection, Act(kind, subject, entity), wanted, stands, said)


def judge_apart(
    connection: Connection, leaving: Sequence[str], staying: Sequence[str], subject: str, said: Said, *,
    entity: str, within: Iterable[Pair], verdict_within: str,
) -> int | None:  # fmt: skip
    """The leaving records are others than the staying ones; `within`: pairs of leaving ones, with their own verdict.

    Returns as `judge_same`.
    """
    stands = verdicts_among(connection, entity, [*leaving, *staying])
    wanted = dict.fromkeys(
        across(staged(connection, entity, leaving), staged(connection, entity, staying)), DIFFERENT
    )
    wanted |= dict.fromkeys(within, verdict_within)
    return judge(connection, Act("split", subject, entity), wanted, stands, said)


def judge_unsure(
    connection: Connection, left: str, right: str, subject: str, said: Said, *, entity: str = "organization"
) -> int | None:
    """Nobody can tell about two records yet; they are not asked about again. Returns as `judge_same`."""
    staged(connection, entity, [left])
    staged(connection, entity, [right])
    stands = verdicts_among(connection, entity, [left, right])
    return judge(connection, Act(UNSURE, subject, entity), {pair_of(left, right): UNSURE}, stands, said)


def judge(
    connection: Connection,
    act: Act,
    wanted: Mapping[Pair, str],
    stands: Mapping[Pair, Standing],
    said: Said,
) -> int | None:
    """Write the verdicts that are news, remember the act, and let the records wait for publication."""
    news = sorted(
        pair for pair, verdict in wanted.items() if pair not in stands or stands[pair].verdict != verdict
    )
    if not news:
        return None
    rows = [(*pair, said.now, act.entity, wanted[pair], said.actor, said.reason) for pair in news]
    bulk.upsert(connection, "decision", COLUMNS, rows)
    mark(connection, act.entity, (record for pair in news for record in pair))
    return remember_act(connection, Act(act.kind, act.subject, act.entity, {"pairs": news}), said)


def across(lefts: Iterable[str], rights: Iterable[str]) -> set[Pair]:
    """Every pair of one record on each side."""
    right_records = list(rights)
    return {pair_of(left, right) for left in lefts for right in right_records if left != right}


def pair_of(one: str, other: str) -> Pair:
    """Two records in the order in which verdicts are kept."""
    return (one, other) if one < other else (other, one)


def verdicts_among(connection: Connection, entity: str, records: Iterable[str]) -> dict[Pair, Standing]:
    """The last verdict on every pair of which one record is among these."""
    bulk.load_keys(connection, "asked_record", ("record",), ((record,) for record in set(records)))
    columns = "d.left_record, d.right_record, d.verdict, d.actor, d.decided_at, d.reason"
    rows = connection.query(
        f"SELECT {columns} FROM asked_record a JOIN decision d ON d.left_record = a.record WHERE d.entity = ?"
        " ORDER BY 5, 1, 2",
        (entity,),
    )
    return {(left, right): Standing(*rest) for left, right, *rest in rows}


def staged(connection: Connection, entity: str, records: Sequence[str]) -> list[str]:
    """The records that are staged, in their order. Raises NotFound when none is."""
    found = [
        record
        for record in records
        if connection.one(f"SELECT 1 FROM staged_{entity} WHERE record = ?", (record,))
    ]
    if not found:
        raise NotFound(
            f"The hub holds no {entity} record {', '.join(records)}.",
            "Copy the key from `partnerhub show NAME --why`.",
        )
    return found


def contradicted(connection: Connection, pair: Pair, stands: Standing) -> Contradicted:
    """Who said otherwise, and how to take it back."""
    reason = f" ({stands.reason})" if stands.reason else ""
    act = connection.one(
        "SELECT act_id FROM steward_act WHERE acted_at = ? AND actor = ? AND undone_at IS NULL",
        (stands.decided_at, stands.actor),
    )
    do = (
        f"If that was wrong, take it back first: `partnerhub undo {act[0]}`."
        if act
        else f"If that was wrong, say so first: `partnerhub decide {pair[0]} {pair[1]} unsure`."
    )
    return Contradicted(
        f"{stands.actor} said on {stands.decided_at[:10]} that {pair[0]} and {pair[1]} are different{reason}.",
        do,
    )
