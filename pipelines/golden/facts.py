"""Facts, their anchors and the timelines that follow, recomputed whole per touched fact.

An anchor is an identifier, never an organization id: when identity or a late contact changes who holds it, the facts
anchored there are looked at again and move by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.golden import months, work
from pipelines.golden.attach import DETACH, Attached, Facts, Link, attach, decided
from pipelines.golden.copies import PHASES, publish_copies, touch_selected
from pipelines.golden.deals import publish_deals
from pipelines.golden.differences import write_difference, write_rows
from pipelines.golden.fact_reading import Copy, read_anchors, read_copies
from pipelines.golden.holding import read_holders
from pipelines.golden.mentions import may_be_named, named_in, touch_named
from pipelines.golden.past import facts_known, keep_past
from pipelines.golden.stages import publish_stages
from warehouse import bulk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.golden.attach import Holders
    from pipelines.golden.deal_history import DealHistory
    from pipelines.golden.fact_reading import Anchors
    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

CHUNK = 1_000
DEAL = "deal"
FACT_COLUMNS = (
    "fact_id", "entity", "kind", "happened_at", "title", "record", "nature", "direction", "thread", "attached",
    "deleted_at", "source_count",
)  # fmt: skip
DEEPEST = 12
"""Levels of work within work (a task of a task of a project) that a change passes through."""

LINK_COLUMNS = ("fact_id", *Link._fields)
TIMELINE_COLUMNS = ("organization_id", "happened_at", "fact_id", "entity", "kind", "method", "anchor")

ANCHORED_AT_MOVED = (
    "SELECT l.fact_id FROM work_moved w CROSS JOIN fact_source s CROSS JOIN fact_link l"
    " WHERE s.fact_id = w.fact_id AND l.anchor = 'record:' || s.record"
)

Row = tuple[Any, ...]


class Placed(NamedTuple):
    """A fact of some copies with its links and where it belongs: `attached` and the organizations, or why nowhere."""

    fact_id: str
    fact: Copy
    copies: int
    links: Sequence[Link]
    state: str
    attached: Sequence[Attached]


def publish_facts(
    connection: Connection, settings: PublishSettings, history: DealHistory, *, everything: bool = False
) -> tuple[int, int]:
    """Recompute every touched fact, phase by phase; returns how many were looked at, and how many rows were written.

    everything: all facts are looked at anyway, so which they were need not be remembered for the search.
    """
    publish_copies(connection, settings)
    publish_stages(connection, history.now)
    touch_facts(connection)
    months.begin(connection)
    looked, written = 0, publish_deals(connection, settings, history)
    for phase in PHASES:
        for _ in range(DEEPEST):
            work.settle(connection, phase)
            if not everything:
                work.add(connection, "work_found", f"SELECT fact_id FROM {phase}")
            for span in work.spans(connection, phase, CHUNK):
                count, rows = publish_span(connection, phase, span, settings)
                looked, written = looked + count, written + rows
            if not work.go_again(connection, phase):
                break
    months.keep(connection)
    return looked, written


def touch_facts(connection: Connection) -> None:
    """Facts of waiting relations, of relations that vanished, of anchors that changed hands, and of names they hold."""
    selects = (
        (
            "SELECT s.fact_id FROM work_record w CROSS JOIN staged_relation r CROSS JOIN fact_source s"
            " WHERE w.kind = 'relation' AND r.record = w.record AND s.record = r.from_record"
        ),
        (
            "SELECT l.fact_id FROM work_record w CROSS JOIN fact_link l"
            " WHERE w.kind = 'relation' AND l.stated_by = w.record"
        ),
        "SELECT l.fact_id FROM work_anchor w CROSS JOIN fact_link l WHERE l.anchor = w.anchor",
    )
    work.settle(connection, "work_anchor")
    work.settle(connection, "work_record")
    for select in selects:
        touch_selected(connection, select)
    if named := touch_named(connection):
        bulk.load_keys(connection, "named_fact", ("fact_id",), ((fact_id,) for fact_id in named))
        touch_selected(connection, "SELECT fact_id FROM named_fact")


def publish_span(
    connection: Connection, phase: str, span: Span, settings: PublishSettings
) -> tuple[int, int]:
    """Recompute some facts of one phase and write what differs."""
    ids = [
        row[0] for row in connection.query(f"SELECT fact_id FROM {phase} WHERE fact_id BETWEEN ? AND ?", span)
    ]
    copies = read_copies(connection, phase, span)
    anchors = read_anchors(connection, phase, span, copies, settings)
    holders = read_holders(connection, (link for each in anchors.links.values() for link in each))
    placed = placed_facts(
        connection, {each: copies[each] for each in ids if copies.get(each)}, anchors, holders
    )
    written = write_span(connection, phase, span, rows_of(placed))
    return len(ids), written


def placed_facts(
    connection: Connection, copies: Mapping[str, Sequence[Copy]], anchors: Anchors, holders: Holders
) -> list[Placed]:
    """Each fact with its links and where it belongs; whom a text names is asked for those that belong nowhere."""
    found = []
    for fact_id, known in copies.items():
        fact, own = shown(known), anchors.links.get(fact_id, [])
        deciding = Facts(own, fact.nature, fact.happened_at[:10], fact_id in anchors.met)
        state, attached = ("deleted", []) if fact.deleted_at else attach(deciding, holders)
        found.append(Placed(fact_id, fact, len(known), own, state, attached))
    waiting = {each.fact_id: each.fact for each in found if may_be_named(each.fact, each.links, each.state)}
    named = named_in(connection, waiting) if waiting else {}
    return [
        with_mention(each, named[each.fact_id], holders) if each.fact_id in named else each for each in found
    ]


def with_mention(placed: Placed, named: tuple[Attached, Link], holders: Holders) -> Placed:
    """The fact where its words say, unless a person took it off that timeline."""
    attached, link = named
    if attached.organization_id in decided(placed.links, DETACH, holders):
        return placed
    return placed._replace(links=[*placed.links, link], state="attached", attached=[attached])


def rows_of(placed: Sequence[Placed]) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of `fact`, `fact_link` and `timeline`."""
    return (
        [fact_row(each) for each in placed],
        [(each.fact_id, *link) for each in placed for link in each.links],
        [timeline_row(each.fact_id, each.fact, at) for each in placed for at in each.attached],
    )


def shown(copies: Sequence[Copy]) -> Copy:
    """The copy a fact is shown by: of the living the latest revision, of equals the smallest key.

    A nature other than `person` counts from any.
    """
    living = [copy for copy in copies if copy.deleted_at is None]
    latest = max(copy.revision for copy in living or copies)
    best = min((c for c in living or copies if c.revision == latest), key=lambda copy: copy.record)
    natures = sorted({copy.nature for copy in living or copies} - {"person"})
    deleted_at = None if living else max(copy.deleted_at or "" for copy in copies)
    return best._replace(nature=natures[0] if natures else best.nature, deleted_at=deleted_at)


def fact_row(placed: Placed) -> Row:
    """The row of table `fact`."""
    fact = placed.fact
    return (
        placed.fact_id, fact.entity, fact.kind, fact.happened_at, fact.title, fact.record, fact.nature, fact.direction,
        fact.thread, placed.state, fact.deleted_at, placed.copies,
    )  # fmt: skip


def timeline_row(fact_id: str, fact: Copy, attached: Attached) -> Row:
    """The row of table `timeline`."""
    return (
        attached.organization_id, fact.happened_at, fact_id, fact.entity, fact.kind, attached.method, attached.anchor,
    )  # fmt: skip


def write_span(
    connection: Connection, phase: str, span: Span, wanted: tuple[Sequence[Row], Sequence[Row], Sequence[Row]]
) -> int:
    """Write facts, links and timeline that differ, and hand on what follows from them."""
    facts, links, timeline = wanted
    stood = [
        read_rows(connection, phase, name, columns, span)
        for name, columns in (
            ("fact", FACT_COLUMNS),
            ("fact_link", LINK_COLUMNS),
            ("timeline", TIMELINE_COLUMNS),
        )
    ]
    compared = ((uncounted(stood[0]), uncounted(facts)), (stood[1], links))
    changed = {row[0] for before, after in compared for row in set(before) ^ set(after)}
    placed = set(stood[2]) ^ set(timeline)
    moved = {row[2] for row in placed}
    work.add_keys(connection, "work_asked", (row[0] for row in placed))
    domains = {row[1] for row in (*stood[1], *links) if row[3] == "domain" and row[0] in changed | moved}
    work.add_keys(connection, "work_domain", (domain.removeprefix("domain:") for domain in domains))
    known = facts_known(connection, phase, span, stood[0])
    before, after = with_roles(stood[2], stood[1]), with_roles(timeline, links)
    keep_past(connection, "timeline", (*TIMELINE_COLUMNS, "role"), (before, after), known)
    written = (
        write_difference(connection, "fact", FACT_COLUMNS, stood[0], facts, known=known)
        + write_difference(connection, "fact_link", LINK_COLUMNS, stood[1], links)
        + write_rows(connection, "timeline", TIMELINE_COLUMNS, stood[2], timeline)
    )
    # Once the links are written, since what hangs on a fact may stand in the same span.
    hand_on(connection, phase, changed | moved)
    months.note(connection, changed | moved, (stood[0], stood[2]), (facts, timeline))
    return written


def uncounted(facts: Sequence[Row]) -> list[Row]:
    """Rows of `fact` without their count of copies: one more or less moves nothing that hangs on the fact."""
    return [row[:-1] for row in facts]


def with_roles(timeline: Sequence[Row], links: Sequence[Row]) -> list[Row]:
    """Rows of the timeline with the part of the organization in a deal, as `bridge_deal_partner` reads it off links."""
    deals = {row[2] for row in timeline if row[3] == DEAL}
    roles: dict[tuple[str, str], str] = {}
    for fact_id, anchor, role, *_ in links if deals else ():
        if fact_id in deals:
            roles[fact_id, anchor] = max(role, roles.get((fact_id, anchor), ""))
    return [(*row, roles.get((row[2], row[6])) if row[3] == DEAL else None) for row in timeline]


def hand_on(connection: Connection, phase: str, moved: set[str]) -> None:
    """What is anchored at a fact that moved: a note at its deal comes in a later phase, a subtask at its task again."""
    if not moved:
        return
    work.add_keys(connection, "work_moved", moved)
    touch_selected(connection, ANCHORED_AT_MOVED, phases=PHASES[PHASES.index(phase) + 1 :])
    touch_selected(connection, ANCHORED_AT_MOVED, phases=[phase], name="work_again")
    connection.execute("DELETE FROM work_moved")


def read_rows(connection: Connection, phase: str, name: str, columns: Sequence[str], span: Span) -> list[Row]:
    """The rows a table holds of the touched facts of a span."""
    listed = ", ".join(f"t.{column}" for column in columns)
    return connection.query(
        f"SELECT {listed} FROM {phase} w CROSS JOIN {name} t"
        " WHERE w.fact_id BETWEEN ? AND ? AND t.fact_id = w.fact_id",
        span,
    )
