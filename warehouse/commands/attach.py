"""A person's word that a fact belongs to an organization, or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse import bulk
from warehouse.commands.acts import Act, Said, remember_act
from warehouse.commands.pending import answering_id, mark, records_of
from warehouse.errors import NotFound

if TYPE_CHECKING:
    from warehouse.database import Connection

ATTACH, DETACH = "attach", "detach"
COLUMNS = ("fact_id", "anchor", "decided_at", "verdict", "actor")


def attach_fact(
    connection: Connection,
    fact_id: str,
    organization_id: str,
    *,
    actor: str,
    now: str,
    reason: str | None = None,
) -> bool:
    """Put a fact on an organization's timeline. Says whether it is news. Raises NotFound."""
    return decide_fact(connection, fact_id, organization_id, ATTACH, actor=actor, now=now, reason=reason)


def detach_fact(
    connection: Connection,
    fact_id: str,
    organization_id: str,
    *,
    actor: str,
    now: str,
    reason: str | None = None,
) -> bool:
    """Take a fact off an organization's timeline, whatever the sources say. Says whether it is news."""
    return decide_fact(connection, fact_id, organization_id, DETACH, actor=actor, now=now, reason=reason)


def decide_fact(
    connection: Connection,
    fact_id: str,
    organization_id: str,
    verdict: str,
    *,
    actor: str,
    now: str,
    reason: str | None = None,
) -> bool:
    """Keep the verdict on the organization's oldest record, so that merges and splits carry it along.

    A merge may have brought verdicts on other records of the organization; they get the new one, too.
    """
    fact = connection.one("SELECT entity FROM fact WHERE fact_id = ?", (fact_id,))
    if fact is None:
        raise NotFound(
            f"There is no fact {fact_id}.", "Copy the id from the timeline or from `partnerhub unmatched`."
        )
    records = records_of(connection, answering_id(connection, organization_id))
    standing = standing_verdicts(connection, fact_id)
    anchors = [f"record:{record}" for record in records]
    decided = [anchor for anchor in anchors if anchor in standing] or anchors[:1]
    changed = [anchor for anchor in decided if standing.get(anchor) != verdict]
    if not changed:
        return False
    rows = [(fact_id, anchor, now, verdict, actor) for anchor in changed]
    bulk.upsert(connection, "attachment_decision", COLUMNS, rows)
    copies = connection.query("SELECT record FROM fact_source WHERE fact_id = ?", (fact_id,))
    mark(connection, fact[0], (row[0] for row in copies))
    detail = {"fact_id": fact_id, "organization_id": organization_id, "anchors": changed}
    subject = f"{fact[0]} {fact_id} {'belongs to' if verdict == ATTACH else 'is not of'} {organization_id}"
    remember_act(connection, Act(verdict, subject, "fact", detail), Said(actor, now, reason))
    return True


def standing_verdicts(connection: Connection, fact_id: str) -> dict[str, str]:
    """The last verdict on a fact by anchor."""
    rows = connection.query(
        "SELECT anchor, verdict FROM attachment_decision WHERE fact_id = ? ORDER BY decided_at", (fact_id,)
    )
    return {row[0]: row[1] for row in rows}
