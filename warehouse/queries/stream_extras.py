"""What stands in an organization's stream beside its facts: stages of deals, what people decided, what is ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.queries.record import source_of

if TYPE_CHECKING:
    from warehouse.database import Connection
    from warehouse.viewer import Viewer

AHEAD_SHOWN: Final = 12
# `entity <> 'touchpoint'` names the index over what is few on a long timeline, here and wherever else it stands.
STAGES: Final = """
SELECT h.record, h.changed_at, h.stage, d.name, d.fact_id FROM timeline t
JOIN deal d ON d.fact_id = t.fact_id JOIN fact_source c ON c.fact_id = t.fact_id
JOIN staged_deal_stage_change h ON h.record > c.record || '#' AND h.record < c.record || '$'
WHERE t.organization_id = ? AND t.entity <> 'touchpoint' AND t.entity = 'deal' AND h.deleted_at IS NULL
AND h.changed_at >= ? AND h.changed_at <= ?
ORDER BY h.changed_at DESC, h.record DESC
"""
PINS: Final = """
SELECT pinned_at, lifted_at, field, value, actor FROM pin WHERE organization_id = ? ORDER BY pinned_at DESC LIMIT ?
"""
EVENTS: Final = """
SELECT event_id, recorded_at, kind, cause, entity_id FROM identity_event
WHERE {column} = ? AND entity = 'organization' AND kind IN ('merged', 'split', 'revived')
ORDER BY event_id DESC LIMIT ?
"""
IDENTITY_WORDS: Final = {
    "merged": "Two records of this partner became one",
    "split": "Split into two",
    "revived": "Came back after a split",
}
AHEAD: Final = """
SELECT t.fact_id, t.entity, f.record, coalesce(a.title, c.title, w.title, d.name) AS title,
    CASE WHEN a.record IS NOT NULL THEN coalesce(a.renews_on, a.ends_on) WHEN c.record IS NOT NULL THEN c.due_on
         WHEN w.record IS NOT NULL THEN {due} ELSE d.close_date END AS day,
    CASE WHEN a.renews_on IS NOT NULL THEN 'renews' WHEN a.record IS NOT NULL THEN 'ends'
         WHEN d.fact_id IS NOT NULL THEN 'should close' ELSE 'due' END AS word
FROM timeline t JOIN fact f ON f.fact_id = t.fact_id
LEFT JOIN staged_agreement a ON a.record = f.record AND t.entity = 'agreement'
LEFT JOIN staged_commitment c ON c.record = f.record AND t.entity = 'commitment' AND c.done_on IS NULL
LEFT JOIN staged_work_item w ON w.record = f.record AND t.entity = 'work_item' AND w.done_at IS NULL
LEFT JOIN deal d ON d.fact_id = t.fact_id AND d.status = 'open'
WHERE t.organization_id = ? AND t.entity <> 'touchpoint'
AND t.entity IN ('agreement', 'commitment', 'work_item', 'deal')
ORDER BY t.happened_at DESC LIMIT 2000
"""


class Due(NamedTuple):
    """Something with a day ahead. word: what happens then: due, renews, ends or should close."""

    fact_id: str
    entity: str
    record: str
    title: str
    day: str
    word: str


def stages_before(
    connection: Connection,
    organization_id: str,
    before: tuple[str, str] | None,
    bounds: tuple[str, str],
    limit: int,
) -> list[dict[str, Any]]:
    """Stages that deals of an organization entered, the newest first, as the facts of happenings."""
    rows = connection.query(STAGES, (organization_id, *bounds))
    found = [
        {
            "mark": f"stage-{record}", "entity": "stage", "kind": "stage", "happened_at": at,
            "source": source_of(record), "title": f"{name}: {stage}", "record": record.partition("#")[0],
        }
        for record, at, stage, name, _ in rows
    ]  # fmt: skip
    return [each for each in found if before is None or (each["happened_at"], each["mark"]) < before][:limit]


def acts_before(
    connection: Connection,
    organization_id: str,
    before: tuple[str, str] | None,
    bounds: tuple[str, str],
    limit: int,
) -> list[dict[str, Any]]:
    """What people decided about an organization, the newest first: values they set, and which records are one."""
    found = []
    for pinned_at, lifted_at, name, value, actor in connection.query(PINS, (organization_id, 500)):
        said = name.removesuffix("_json").removeprefix("custom.").replace("_", " ")
        found.append(act(f"pin-{name}-{pinned_at}", pinned_at, f"{actor} set the {said} to “{value}”"))
        if lifted_at:
            found.append(act(f"lift-{name}-{lifted_at}", lifted_at, f"The {said} follows its sources again"))
    events: dict[int, dict[str, Any]] = {}
    for column in ("entity_id", "other_id"):
        for number, at, kind, cause, _ in connection.query(
            EVENTS.format(column=column), (organization_id, 500)
        ):
            events[number] = act(f"identity-{number}", at, f"{IDENTITY_WORDS[kind]} (by {cause})")
    found += events.values()
    found = [each for each in found if bounds[0] <= each["happened_at"] <= bounds[1]]
    found.sort(key=lambda each: (each["happened_at"], each["mark"]), reverse=True)
    return [each for each in found if before is None or (each["happened_at"], each["mark"]) < before][:limit]


def act(mark: str, at: str, title: str) -> dict[str, Any]:
    """Something a person decided."""
    return {"mark": mark, "entity": "act", "kind": "act", "happened_at": at, "source": "hub", "title": title}


def ahead(viewer: Viewer, connection: Connection, organization_id: str, today: str) -> list[Due]:
    """What has a day from today on, the farthest first: of more than twelve the nearest."""
    due = (
        "substr(w.due_at, 1, 10)"
        if connection.dialect == "sqlite"
        else "to_char(w.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')::date"
    )
    rows = connection.query(AHEAD.format(due=due), (viewer.only(organization_id),))
    found = [Due(*row) for row in rows if row[3] and row[4] and str(row[4]) >= today]
    return sorted(found, key=lambda each: (each.day, each.fact_id))[:AHEAD_SHOWN][::-1]


def place_of(
    viewer: Viewer, connection: Connection, organization_id: str, fact_id: str
) -> tuple[str, str] | None:
    """Where a fact stands in the stream of an organization; an attachment where that stands which it hangs on.

    None for a fact that is not there, or that the viewer cannot know of.
    """
    held = viewer.only(organization_id)
    row = connection.one(
        "SELECT p.happened_at, p.fact_id FROM timeline t JOIN fact f ON f.fact_id = t.fact_id"
        " JOIN staged_document d ON d.record = f.record JOIN fact_source s ON s.record = d.parent_record"
        " JOIN timeline p ON p.fact_id = s.fact_id AND p.organization_id = t.organization_id"
        " WHERE t.fact_id = ? AND t.organization_id = ?",
        (fact_id, held),
    ) or connection.one(
        "SELECT happened_at, fact_id FROM timeline WHERE fact_id = ? AND organization_id = ?", (fact_id, held)
    )
    return (str(row[0]), str(row[1])) if row else None
