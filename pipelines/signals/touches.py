"""Touchpoints of some partners with who took part, by side."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.signals.facts import Touch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from warehouse.database import Connection

SOME: Final = "(SELECT DISTINCT organization_id FROM partnership WHERE organization_id BETWEEN ? AND ?) AS p"
"""The partners of a span of ids."""
FROM: Final = "from"
MOST_TEXT: Final = 6_000
"""Characters of a text that rules look at; farewells and promises stand near the beginning."""
TOUCHES: Final = (
    "SELECT p.organization_id, f.fact_id, f.record, f.kind, f.happened_at, f.direction, f.nature, f.thread, f.title,"
    f" CASE WHEN s.sensitivity = 'normal' THEN substr(s.text, 1, {MOST_TEXT}) END"
    f" FROM {SOME} CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN staged_touchpoint s"
    " WHERE t.organization_id = p.organization_id AND t.happened_at >= ? AND t.entity = 'touchpoint'"
    " AND f.fact_id = t.fact_id AND f.deleted_at IS NULL AND s.record = f.record"
    " ORDER BY f.happened_at, f.fact_id"
)
TAKING_PART: Final = (
    "SELECT DISTINCT f.fact_id, a.role, coalesce(a.address, n.email), a.name"
    f" FROM {SOME} CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN participant a"
    " LEFT JOIN staged_person n ON n.record = a.person_record"
    " WHERE t.organization_id = p.organization_id AND t.happened_at >= ? AND t.entity = 'touchpoint'"
    " AND f.fact_id = t.fact_id AND a.record = f.record AND coalesce(a.address, n.email) IS NOT NULL"
    " ORDER BY 1, 2, 3, 4"
)
LOGGED_WITH: Final = (
    "SELECT DISTINCT f.fact_id, n.email"
    f" FROM {SOME} CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN staged_relation r CROSS JOIN staged_person n"
    " WHERE t.organization_id = p.organization_id AND t.happened_at >= ? AND t.entity = 'touchpoint'"
    " AND f.fact_id = t.fact_id AND r.from_record = f.record AND r.kind = 'about' AND r.deleted_at IS NULL"
    " AND n.record = r.to_record AND n.email IS NOT NULL ORDER BY 1, 2"
)
"""Contacts a call, meeting or note is logged with, where the source names no participants."""
LOGGED_BY: Final = (
    "SELECT DISTINCT f.fact_id, c.email"
    f" FROM {SOME} CROSS JOIN timeline t CROSS JOIN fact f CROSS JOIN staged_touchpoint s CROSS JOIN staged_colleague c"
    " WHERE t.organization_id = p.organization_id AND t.happened_at >= ? AND t.entity = 'touchpoint'"
    " AND f.fact_id = t.fact_id AND s.record = f.record AND c.record = s.owner_record AND c.email IS NOT NULL"
    " ORDER BY 1, 2"
)


class Side(NamedTuple):
    """Tells our addresses from theirs."""

    is_ours: Callable[[str], bool]


def read_touches(
    connection: Connection, span: Sequence[str], since: str, side: Side
) -> dict[str, list[Touch]]:
    """The touchpoints of each partner of a span since a time, oldest first. No text of what is not for everybody."""
    senders: dict[str, tuple[str, str | None]] = {}
    theirs: dict[str, set[str]] = defaultdict(set)
    ours: dict[str, set[str]] = defaultdict(set)
    for fact_id, role, address, name in connection.query(TAKING_PART, (*span, since)):
        (ours if side.is_ours(address) else theirs)[fact_id].add(address)
        if role == FROM:
            senders[fact_id] = (address, name)
    for logged in (LOGGED_WITH, LOGGED_BY):
        for fact_id, address in connection.query(logged, (*span, since)):
            (ours if side.is_ours(address) else theirs)[fact_id].add(address)
    found: dict[str, list[Touch]] = defaultdict(list)
    for key, fact_id, record, kind, at, direction, nature, thread, title, text in connection.query(
        TOUCHES, (*span, since)
    ):
        sender, sender_name = senders.get(fact_id, (None, None))
        found[key].append(
            Touch(
                fact_id, record, kind, at, direction, nature, thread, title, text, sender, sender_name,
                frozenset(theirs.get(fact_id, ())), frozenset(ours.get(fact_id, ())),
            )
        )  # fmt: skip
    return found
