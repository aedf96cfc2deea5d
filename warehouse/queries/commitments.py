"""The register of what was promised and agreed with all partners, by the day it is due, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.partners import IS_PARTNER
from warehouse.queries.readings import DONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.database import Connection
    from warehouse.viewer import Viewer

PAGE_SIZE: Final = 50
UNSET: Final = "-"
"""Asks for those nobody looks after."""
COMMITMENT, AGREEMENT = "commitment", "agreement"
KINDS: Final = (COMMITMENT, AGREEMENT)
OPEN, OVERDUE, OVER = "open", "overdue", "done"
STATES: Final = (OPEN, OVERDUE, OVER)
ENDED: Final = DONE | {"ended", "expired", "terminated"}
"""What sources call an agreement that holds no more."""
EXCERPT: Final = 300
BY_DAY: Final = {
    COMMITMENT: "coalesce(c.due_on, '9999-12-31')",
    AGREEMENT: "coalesce(c.renews_on, c.ends_on, '9999-12-31')",
}
"""The order, word for word as the indexes have it; what is due on no day comes last."""
OWN: Final = {
    COMMITMENT: "c.due_on AS day, c.promised_on AS since, c.done_on AS over_on, NULL AS renews_on, NULL AS called",
    AGREEMENT: (
        "coalesce(c.renews_on, c.ends_on) AS day, c.starts_on AS since, c.ends_on AS over_on, c.renews_on,"
        " c.kind AS called"
    ),
}
# The join order is spelled out: the walk along the index of days ends with the page.
ROWS: Final = """
SELECT '{kind}' AS kind, c.record, f.fact_id, o.organization_id, o.name AS partner, c.title,
substr(c.text, 1, {excerpt}) AS passage, {own}, c.status, coalesce(k.name, o.owner) AS owner,
CAST({by_day} AS TEXT) AS sorted_by
FROM staged_{kind} c CROSS JOIN fact_source x CROSS JOIN fact f CROSS JOIN timeline t CROSS JOIN organization o
LEFT JOIN colleague_record w ON w.record = c.owner_record LEFT JOIN colleague k ON k.colleague_id = w.colleague_id
WHERE c.deleted_at IS NULL AND x.record = c.record AND f.fact_id = x.fact_id AND f.record = c.record
AND t.fact_id = f.fact_id AND o.organization_id = t.organization_id AND o.deleted_at IS NULL AND {is_partner}
AND {test} ORDER BY {by_day}, c.record, o.organization_id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which of them. state: of `STATES`, nothing for all; what is overdue is open, too. before: due before that day.

    owner: a colleague's name, or `UNSET`: who looks after it, else after the partner.
    """

    state: str = OPEN
    kind: str = ""
    owner: str = ""
    before: str = ""


class Place(NamedTuple):
    """Where a page ends."""

    day: str
    record: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One commitment or agreement with one partner. Days are ISO.

    day: when it is due, renews or ends. since: when it was promised, or starts. over_on: when a commitment was kept, or
    an agreement ends. passage: how its words begin. called: what kind of agreement. state: of `STATES`.
    """

    kind: str
    record: str
    fact_id: str
    organization_id: str
    partner: str
    title: str
    passage: str | None
    day: str | None
    since: str | None
    over_on: str | None
    renews_on: str | None
    called: str | None
    status: str | None
    owner: str | None
    state: str

    @property
    def does(self) -> str:
        """What it does on its day."""
        if self.kind == COMMITMENT:
            return "due"
        return "renews" if self.renews_on else "ends"


class Promises(NamedTuple):
    """One page; `following` is where the next one begins, None at the end."""

    rows: list[Promise]
    following: Place | None


def promises(
    viewer: Viewer,
    connection: Connection,
    sought: Sought,
    today: str,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Promises:
    """What is promised and agreed, what is due first on top. today: ISO day, by which something is overdue or over."""
    found: list[dict[str, Any]] = []
    for kind in KINDS:
        if sought.kind in {"", kind}:
            found += rows_of(viewer, connection, kind, (sought, today, after), limit + 1)
    found.sort(key=place_of)
    following = place_of(found[limit - 1]) if len(found) > limit else None
    return Promises([promise_of(row, today) for row in found[:limit]], following)


def every_promise(viewer: Viewer, connection: Connection, sought: Sought, today: str) -> Iterator[Promise]:
    """All of them in their order, a few hundred in memory at a time."""
    after: Place | None = None
    while True:
        page = promises(viewer, connection, sought, today, after, limit=500)
        yield from page.rows
        after = page.following
        if after is None:
            return


def rows_of(
    viewer: Viewer,
    connection: Connection,
    kind: str,
    asked: tuple[Sought, str, Place | None],
    limit: int,
) -> list[dict[str, Any]]:
    """Those of one kind that follow a place."""
    sought, today, after = asked
    by_day = BY_DAY[kind]
    seen, values = viewer.within("o.organization_id")
    tests: list[tuple[str, tuple[Any, ...]]] = [(seen, tuple(values)), *tests_of(sought, kind, today)]
    if after:
        tests.append(
            (f"{by_day} >= ?", (after.day,))
        )  # SQLite begins by no pair of which one is an expression
        tests.append((f"({by_day}, c.record, o.organization_id) > (?, ?, ?)", tuple(after)))
    statement = ROWS.format(
        kind=kind, excerpt=EXCERPT, own=OWN[kind], by_day=by_day, is_partner=IS_PARTNER,
        test=" AND ".join(f"({test})" for test, _ in tests),
    )  # fmt: skip
    return connection.records(statement, (*(value for _, some in tests for value in some), limit))


def tests_of(sought: Sought, kind: str, today: str) -> list[tuple[str, tuple[Any, ...]]]:
    """What is sought as conditions with their values."""
    words = sorted(DONE if kind == COMMITMENT else ENDED)
    is_over = f"lower(coalesce(c.status, '')) IN ({', '.join('?' * len(words))})"
    over: tuple[Any, ...] = tuple(words)
    if kind == COMMITMENT:
        is_over += " OR c.done_on IS NOT NULL"
    else:
        is_over, over = f"{is_over} OR coalesce(c.ends_on, '9999-12-31') < ?", (*over, today)
    tests: list[tuple[str, tuple[Any, ...]]] = []
    if sought.state:
        tests.append((is_over if sought.state == OVER else f"NOT ({is_over})", over))
    days = [today] if sought.state == OVERDUE else []
    days += [sought.before] if sought.before else []
    tests += [(f"{BY_DAY[kind]} < ?", (day,)) for day in days]
    if sought.owner == UNSET:
        tests.append(("coalesce(k.name, o.owner) IS NULL", ()))
    elif sought.owner:
        tests.append(("coalesce(k.name, o.owner) = ?", (sought.owner,)))
    return tests


def place_of(row: dict[str, Any]) -> Place:
    """Where a row stands in the order of all."""
    return Place(row["sorted_by"], row["record"], row["organization_id"])


def promise_of(row: dict[str, Any], today: str) -> Promise:
    """A row as what it says."""
    status = (row["status"] or "").casefold()
    if row["kind"] == COMMITMENT:
        is_over = row["over_on"] is not None or status in DONE
    else:
        is_over = status in ENDED or (row["over_on"] or today) < today
    late = row["day"] is not None and row["day"] < today
    state = OVER if is_over else OVERDUE if late else OPEN
    said = {name: value for name, value in row.items() if name != "sorted_by"}
    return Promise(**said, state=state)


def owners(viewer: Viewer, connection: Connection) -> list[str]:
    """Colleagues who may look after something, for whoever sees the whole hub."""
    if viewer.organizations is not None:
        return []
    found = connection.query(
        "SELECT DISTINCT name FROM colleague WHERE name IS NOT NULL ORDER BY name LIMIT 500"
    )
    return [row[0] for row in found]
