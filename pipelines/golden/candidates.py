"""Candidates: unknown domains with a two-way conversation between people. A person decides whether it is a partner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mappings.clean.web import registrable_domain
from pipelines.golden import work
from pipelines.golden.differences import write_difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.golden.settings import PublishSettings
    from pipelines.golden.work import Span
    from warehouse.database import Connection

CHUNK = 100
COLUMNS = ("domain", "inbound", "outbound", "people", "first_at", "last_at", "sample_subject")

CONVERSATIONS = (
    "SELECT DISTINCT w.domain, f.happened_at, f.fact_id, f.direction, f.title, p.anchor FROM work_domain w"
    " CROSS JOIN fact_link l CROSS JOIN fact f CROSS JOIN fact_link p"
    " WHERE w.domain BETWEEN ? AND ? AND l.anchor = 'domain:' || w.domain AND f.fact_id = l.fact_id"
    " AND f.attached IN ('unknown', 'attached') AND f.nature = 'person' AND f.deleted_at IS NULL"
    " AND f.direction IN ('in', 'out')"
    " AND p.fact_id = f.fact_id AND p.method = 'person_address'"
    " AND NOT EXISTS (SELECT 1 FROM key k WHERE k.kind = 'domain' AND k.normalized = w.domain"
    " AND k.entity = 'organization')"
    " AND NOT EXISTS (SELECT 1 FROM key k WHERE k.kind = 'email' AND k.normalized = substr(p.anchor, 7)"
    " AND k.entity = 'colleague')"
    " AND NOT EXISTS (SELECT 1 FROM timeline t WHERE t.fact_id = f.fact_id"
    " AND (t.anchor LIKE '%@' || w.domain OR t.method IN ('crm_id', 'decision')))"
    " ORDER BY w.domain, f.happened_at, f.fact_id"
)
"""Letters between people, oldest first, with each outside address of a domain by which no organization was found.

That somebody known is on a letter, too, does not make the others known, unless a source says whom the letter is about.
"""


def publish_candidates(connection: Connection, settings: PublishSettings) -> int:
    """Recompute every touched domain; returns how many rows were written."""
    work.add(
        connection,
        "work_domain",
        "SELECT substr(w.anchor, 8) FROM work_anchor w WHERE w.anchor LIKE 'domain:%'",
    )
    work.settle(connection, "work_domain")
    written = 0
    for span in work.spans(connection, "work_domain", CHUNK):
        stands = connection.query(
            f"SELECT {', '.join(f'c.{column}' for column in COLUMNS)} FROM work_domain w CROSS JOIN candidate c"
            " WHERE w.domain BETWEEN ? AND ? AND c.domain = w.domain",
            span,
        )
        written += write_difference(
            connection, "candidate", COLUMNS, stands, candidates(connection, span, settings)
        )
    return written


def candidates(connection: Connection, span: Span, settings: PublishSettings) -> Sequence[tuple[Any, ...]]:
    """The candidate rows of a span of domains: only conversations in both directions count."""
    found: dict[str, dict[str, tuple[str, str, str | None]]] = {}
    people: dict[str, set[str]] = {}
    for domain, happened_at, fact_id, direction, title, anchor in connection.query(CONVERSATIONS, span):
        if domain in settings.own_domains or registrable_domain(anchor.rpartition("@")[2]) != domain:
            continue
        people.setdefault(domain, set()).add(anchor)
        found.setdefault(domain, {})[fact_id] = (happened_at, direction, title)
    rows = (row_of(domain, list(facts.values()), people[domain]) for domain, facts in sorted(found.items()))
    return [row for row in rows if row[1] and row[2]]


def row_of(domain: str, facts: Sequence[tuple[str, str, str | None]], people: set[str]) -> tuple[Any, ...]:
    """The row of table `candidate` from its conversations, oldest first."""
    directions = [direction for _, direction, _ in facts]
    subject = next((title for _, _, title in reversed(facts) if title), None)
    return (
        domain, directions.count("in"), directions.count("out"), len(people), facts[0][0], facts[-1][0], subject,
    )  # fmt: skip
