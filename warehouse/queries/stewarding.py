"""What the pages of stewards ask beyond the queue: a page of it, what hangs on two sides, who answered already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from warehouse import bulk
from warehouse.queries.acts import list_acts
from warehouse.queries.review import COLUMNS, question_id, with_sides
from warehouse.queries.waiting import UNMATCHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.database import Connection
    from warehouse.queries.acts import DoneAct
    from warehouse.queries.review import Question
    from warehouse.viewer import Viewer

PAGE: Final = 20
COUNTED: Final = 1000
LOOKED_BACK: Final = 500
"""So many of the newest acts are looked through for the one that answered a question."""
HANGING: Final = (
    "SELECT k.id, t.kind, count(*), max(t.happened_at) FROM asked_id k CROSS JOIN timeline t"
    " WHERE t.organization_id = k.id GROUP BY k.id, t.kind ORDER BY k.id, 3 DESC, t.kind"
)
PLACE: Final = "SELECT unsure, behind, left_record, right_record FROM question WHERE question_id = ?"


class Place(NamedTuple):
    """Where a question stands in the queue: how far behind it comes, then by its records."""

    behind: float
    left_record: str
    right_record: str


class Hanging(NamedTuple):
    """Facts of one kind on a timeline. newest_at: UTC text."""

    kind: str
    facts: int
    newest_at: str


def question_page(
    viewer: Viewer,
    connection: Connection,
    *,
    unsure: bool = False,
    after: Place | None = None,
    limit: int = PAGE,
) -> tuple[list[Question], Place | None]:
    """A page of the queue in its order, and where the next one begins; None at the end.

    unsure: those that somebody could not tell, instead of those that nobody answered.
    """
    left, left_ids = viewer.within("left_id")
    right, right_ids = viewer.within("right_id")
    further = " AND (behind, left_record, right_record) > (?, ?, ?)" if after else ""
    rows = connection.query(
        f"SELECT {COLUMNS}, behind FROM question WHERE unsure = {'TRUE' if unsure else 'FALSE'}"
        f" AND {left} AND {right}{further} ORDER BY unsure, behind, left_record, right_record LIMIT ?",
        (*left_ids, *right_ids, *(after or ()), limit + 1),
    )
    last = rows[limit - 1] if len(rows) > limit else None
    place = Place(float(last[-1]), last[3], last[4]) if last else None
    return with_sides(connection, [row[:-1] for row in rows[:limit]]), place


def count_waiting(viewer: Viewer, connection: Connection, *, unsure: bool = False) -> int:
    """How many questions nobody answered; unsure: how many somebody could not tell."""
    left, left_ids = viewer.within("left_id")
    right, right_ids = viewer.within("right_id")
    found = connection.one(
        f"SELECT count(*) FROM question WHERE unsure = {'TRUE' if unsure else 'FALSE'} AND {left} AND {right}",
        (*left_ids, *right_ids),
    )
    return int(found[0]) if found else 0


def count_unmatched(connection: Connection) -> int:
    """How many facts are on no timeline and wait for somebody, up to a thousand, along the index of just these."""
    found = connection.one(
        f"SELECT count(*) FROM (SELECT 1 FROM fact WHERE {UNMATCHED} LIMIT {COUNTED}) AS some_of_them"
    )
    return int(found[0]) if found else 0


def next_question(viewer: Viewer, connection: Connection, question: str) -> str | None:
    """The id of the question after this one, from the beginning again after the last; None where no other waits."""
    found = connection.one(PLACE, (question,))
    if found is None:
        return None
    after = Place(float(found[1]), found[2], found[3])
    further, _ = question_page(viewer, connection, unsure=bool(found[0]), after=after, limit=1)
    first, _ = question_page(viewer, connection, limit=2)
    return next((each.id for each in (*further, *first) if each.id != question), None)


def hanging_on(viewer: Viewer, connection: Connection, ids: Iterable[str]) -> dict[str, list[Hanging]]:
    """Organization id → what is on its timeline by kind, most first."""
    wanted = [each for each in sorted(set(ids)) if viewer.may_see(each)]
    bulk.load_keys(connection, "asked_id", ("id",), ((each,) for each in wanted))
    found: dict[str, list[Hanging]] = {each: [] for each in wanted}
    for organization_id, kind, count, newest in connection.query(HANGING):
        found[organization_id].append(Hanging(kind, int(count), newest))
    return found


def answer_to(viewer: Viewer, connection: Connection, question: str) -> DoneAct | None:
    """The act that stands and answered a question, among the newest ones; None where nobody did."""
    if viewer.organizations is not None:
        return None
    return next(
        (
            act
            for act in list_acts(connection, limit=LOOKED_BACK)
            if any(question_id((left, right)) == question for left, right in act.detail.get("pairs", ()))
        ),
        None,
    )
