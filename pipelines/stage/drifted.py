"""Fields that are new, or that hold another kind of value than they did: in how many records, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from connectors.record import utc_text
from mappings.places import EMPTY, filled_fields, own_fields, with_fields
from pipelines.land.content import decode
from pipelines.problems import Problem
from pipelines.stage.field_notes import accepting, listed, tell_fields
from pipelines.stage.lost import LATEST, MOST_LOOKED_AT, MOST_STAGED, WHOLE_RECORD, only_custom
from pipelines.stage.shapes import SHAPES, STRANGE, left_empty, staged_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.stage.lost import Search
    from pipelines.stage.shapes import Shapes
    from warehouse.database import Connection

NEW, RETYPED = CODES = ("field_new", "field_retyped")
"""Codes of the problems told here."""
MOST_COUNTED: Final = 20_000
"""Newest records among which those with another kind of value are counted."""
STAGED_WITHIN: Final = timedelta(days=7)
"""How long before it was noticed a value of another kind may have arrived."""
TOGETHER: Final = 400
COUNTED_AGAIN: Final = timedelta(days=1)
"""How old the count of a new field may be; nobody waits for it."""


class Retyped(NamedTuple):
    """A kind of value that a field did not hold when it was first seen, and that nobody accepted yet.

    usual: the kinds it is known to hold.
    """

    name: str
    shape: str
    usual: tuple[str, ...]
    since: str


class Told(NamedTuple):
    """How a problem stands, and when it was counted last."""

    state: str
    counted_at: str


class Holding(NamedTuple):
    """Records that hold values of another kind: all of their ids, and the first of them whole."""

    ids: list[str]
    first: list[Arrived]


class Arrived(NamedTuple):
    """The version of a record that counts now."""

    source_id: str
    raw_id: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drift:
    """What is not told to be settled of one stream. fresh: new field → since when it is there."""

    fresh: dict[str, str] = field(default_factory=dict)
    retyped: tuple[Retyped, ...] = ()


def tell_drift(
    search: Search, shapes: Shapes, twins: frozenset[str], run: tuple[str, str], *, changed: bool
) -> None:
    """Tell of new and of retyped fields; close what is settled. Writes nothing where all is as it was told.

    twins: new fields that are told as what took a lost one's place. changed: something of the stream was staged.
    """
    connection, place = search.connection, search.place
    drift = find_drift(connection, place, twins)
    told = standing(connection, place)
    if not drift.fresh and not drift.retyped and not told:
        return
    tell_retyped(search, shapes, drift.retyped, told, run, changed=changed)
    tell_new(search, drift.fresh, told, run, changed=changed)


def find_drift(connection: Connection, place: tuple[str, str], twins: frozenset[str] = frozenset()) -> Drift:
    """The stream's new fields that nobody accepted, and the kinds of values that are strange."""
    fresh = connection.query(
        "SELECT field, first_seen_at FROM stream_field WHERE source = ? AND stream = ? AND gone_since_at IS NULL"
        " AND let_go_at IS NULL AND first_seen_at > (SELECT min(first_seen_at) FROM stream_field WHERE source = ?"
        " AND stream = ?) ORDER BY field",
        (*place, *place),
    )
    kinds = connection.query(
        "SELECT field, shape, standing, first_seen_at FROM field_shape WHERE source = ? AND stream = ? AND field IN"
        " (SELECT field FROM field_shape WHERE source = ? AND stream = ? AND standing = ?) ORDER BY field, shape",
        (*place, *place, STRANGE),
    )
    usual: dict[str, tuple[str, ...]] = {}
    for name, shape, standing_, _ in kinds:
        if standing_ != STRANGE:
            usual[name] = (*usual.get(name, ()), shape)
    return Drift(
        {name: since for name, since in fresh if name not in twins},
        tuple(
            Retyped(name, shape, usual.get(name, ()), since)
            for name, shape, is_, since in kinds
            if is_ == STRANGE
        ),
    )


def standing(connection: Connection, place: tuple[str, str]) -> dict[tuple[str, str], Told]:
    """(Code, field) of what was ever told."""
    return {
        (code, name): Told(state, at)
        for code, name, state, at in connection.query(
            "SELECT code, field, state, last_seen_at FROM sync_error WHERE source = ? AND stream = ?"
            " AND code IN (?, ?)",
            (*place, *CODES),
        )
    }


def came_since(search: Search, since: str, most: int) -> Iterator[Arrived]:
    """The live records that arrived since a moment, the newest first, up to so many."""
    ids = search.connection.query(
        "SELECT c.source_id, r.raw_id FROM raw_current c JOIN raw_record r ON r.raw_id = c.raw_id"
        " WHERE c.source = ? AND c.stream = ? AND r.landed_at >= ? AND r.payload IS NOT NULL AND r.quarantine IS NULL"
        f" AND c.op IN ('upsert', 'restore') ORDER BY r.raw_id DESC LIMIT {most}",
        (*search.place, since),
    )
    for start in range(0, len(ids), TOGETHER):
        some = ids[start : start + TOGETHER]
        marks = ", ".join("?" * len(some))
        payloads: dict[int, bytes] = dict(
            search.connection.query(
                f"SELECT raw_id, payload FROM raw_record WHERE raw_id IN ({marks})",
                [raw_id for _, raw_id in some],
            )
        )
        for source_id, raw_id in some:
            yield Arrived(str(source_id), raw_id, decode(payloads[raw_id]))


# ---------------------------------------------------------------- other kinds of values


def tell_retyped(
    search: Search,
    shapes: Shapes,
    retyped: Sequence[Retyped],
    told: dict[tuple[str, str], Told],
    run: tuple[str, str],
    *,
    changed: bool,
) -> None:
    """A problem per field with values of another kind, as long as live records hold them and nobody accepted it."""
    names = {one.name for one in retyped}
    ever = {name for code, name in told if code == RETYPED}
    known = {name for name in ever if told[RETYPED, name].state != "resolved"}
    due = {name for name in names if changed and (name in known or name in shapes.met or name not in ever)}
    if not due and known <= names:
        return
    problems = []
    for name in sorted(
        due | (known & names)
    ):  # of the others no record has held such a value since they were mended
        kinds = [one for one in retyped if one.name == name]
        holding = holding_since(search, kinds)
        if holding is None and name in known:
            return  # more came since than anybody counts: what is told stays
        if holding and holding.ids:
            problems.append(retyped_problem(search, shapes, kinds, holding))
    tell_fields(search.connection, search.place, problems, (RETYPED,), run)


def holding_since(search: Search, kinds: Sequence[Retyped]) -> Holding | None:
    """The live records whose value in a field is of one of these kinds; None where they are beyond counting."""
    name, shapes = kinds[0].name, {one.shape for one in kinds}
    since = datetime.fromisoformat(min(one.since for one in kinds)) - STAGED_WITHIN
    seen, found = 0, Holding([], [])
    for one in came_since(search, utc_text(since), MOST_COUNTED):
        seen += 1
        value = own_fields(search.mapping, one.payload).get(name)
        if value not in EMPTY and SHAPES.get(type(value)) in shapes:
            found.ids.append(one.source_id)
            if len(found.first) < MOST_STAGED:
                found.first.append(one)
    return found if found.ids or seen < MOST_COUNTED else None


def retyped_problem(search: Search, shapes: Shapes, kinds: Sequence[Retyped], holding: Holding) -> Problem:
    """One field as a problem: a warning where values are lost on the rules, a finding where they read them."""
    one, (source, stream), count = kinds[0], search.place, len(holding.ids)
    fills = lost_on(search, shapes, one.name, holding.first)
    before = f"held {words_of(one.usual)}" if one.usual else "was empty"
    words = (
        f"The field {one.name} of {stream} {before} and holds {words_of([kind.shape for kind in kinds])} now in {count}"
        f" {'record' if count == 1 else 'records'}: {listed(tuple(holding.ids))}."
    )
    if fills:
        words += f" The rules cannot read that: {listed(fills)} keeps the last value that could be read."
        remedy = (
            f"Mend these records at the source, or map what the field holds now (`fields:` of {stream} under"
            f" `sources: {source}:` in partnerhub.yaml), then sync."
        )
    else:
        words += " It is read as before."
        remedy = "Nothing, if it still means the same."
    return Problem(
        severity="warning" if fills else "finding",
        stage="stage",
        source=source,
        stream=stream,
        code="field_retyped",  # spelled out for the list of codes in docs/operate/errors.md
        field=one.name,
        happened=words,
        do=f"{remedy} Or take such values as they come, for good: `{accepting(search.place, one.name)}`.",
    )


def lost_on(search: Search, shapes: Shapes, name: str, holding: Sequence[Arrived]) -> tuple[str, ...]:
    """The staged fields that a value of a known kind would fill, and these records' values leave empty."""
    good = good_value(search, shapes, name)
    lost: set[str] = set()
    for one in holding if good is not None else ():

        def stage(payload: dict[str, Any], one: Arrived = one) -> Any:
            return search.stage(one.source_id, one.raw_id, payload)

        better = staged_or_none(stage, with_fields(search.mapping, one.payload, {name: good}))
        now = staged_or_none(stage, one.payload)
        if better is not None:
            lost |= {WHOLE_RECORD} if now is None else set(left_empty(better, now))
    return tuple(sorted(lost))


def good_value(search: Search, shapes: Shapes, name: str) -> Any:
    """A value of a known kind that some record held in the field last; None for none."""
    for _, payload in search.versions_with(name, LATEST).values():
        value = own_fields(search.mapping, payload).get(name)
        if value not in EMPTY and (name, type(value)) in shapes.known:
            return value
    return None


def words_of(kinds: Sequence[str]) -> str:
    """Kinds of values in words."""
    return " or ".join(sorted(kinds))


# ---------------------------------------------------------------- new fields


def tell_new(
    search: Search,
    fresh: dict[str, str],
    told: dict[tuple[str, str], Told],
    run: tuple[str, str],
    *,
    changed: bool,
) -> None:
    """A finding per new field that records fill, with how many. Counted when it is new, then once a day."""
    known = {name: one for (code, name), one in told.items() if code == NEW and one.state != "resolved"}
    day_ago = utc_text(datetime.fromisoformat(run[1]) - COUNTED_AGAIN)
    untold = fresh.keys() - known.keys()
    is_due = changed and (untold or any(one.counted_at < day_ago for one in known.values()))
    if not is_due and known.keys() <= fresh.keys():
        return
    arrived = list(came_since(search, min(fresh.values()), MOST_LOOKED_AT)) if fresh else []
    problems = [one for name in sorted(fresh) if (one := new_problem(search, name, fresh[name], arrived))]
    tell_fields(search.connection, search.place, problems, (NEW,), run)


def new_problem(search: Search, name: str, since: str, arrived: Sequence[Arrived]) -> Problem | None:
    """One new field as a finding; None while no record fills it, or where the rules leave it out on purpose."""
    filling = [one for one in arrived if name in filled_fields(search.mapping, one.payload)]
    fills = search.filled_by(name, {one.source_id: (one.raw_id, one.payload) for one in filling})
    if not fills:
        return None
    total = len(arrived) if len(arrived) == MOST_LOOKED_AT else live(search)
    source, stream = search.place
    share = f"{len(filling)} of {total} records ({100 * len(filling) / max(total, 1):.0f} %)"
    goes = "It goes to" if only_custom(fills) else "It fills"
    return Problem(
        severity="finding",
        stage="stage",
        source=source,
        stream=stream,
        code="field_new",
        field=name,
        happened=f"The field {name} of {stream} is new since {since[:10]}, filled in {share}. {goes} {listed(fills)}.",
        do=(
            f"If a field of ours should hold it, map it (`fields:` of {stream} under `sources: {source}:` in"
            f" partnerhub.yaml). Else nothing, or `{accepting(search.place, name)}`."
        ),
    )


def live(search: Search) -> int:
    """How many records of the stream are live."""
    found = search.connection.one(
        "SELECT count(*) FROM raw_current WHERE source = ? AND stream = ? AND op IN ('upsert', 'restore')",
        search.place,
    )
    return int(found[0]) if found else 0
