"""The rules: a name, what must hold, and a query whose rows are violations. Data; `check` runs them."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """One rule on one asset (`golden/organization`). The query returns at most a sample of violating keys."""

    name: str
    asset: tuple[str, ...]
    must_hold: str
    query: str
    severity: str = "error"


RULES: tuple[Rule, ...] = (
    Rule(
        "counts_add_up",
        ("golden", "organization"),
        "In every stream of the last runs, read = landed + unchanged + superseded.",
        "SELECT run_id, source, stream FROM stream_run WHERE read <> landed + unchanged + superseded",
    ),
    Rule(
        "everything_staged",
        ("staged", "organization"),
        "No current raw version of a staged stream waits for staging, but what a person was asked about.",
        "SELECT c.source, c.stream, c.source_id FROM raw_current c JOIN stage_rules s ON s.source = c.source"
        " AND s.stream = c.stream WHERE c.staged_raw_id <> c.raw_id AND (c.staged_raw_id <= 0 OR NOT EXISTS (SELECT 1"
        " FROM mass_change m WHERE m.source = c.source AND m.stream = c.stream AND m.closed_at IS NULL))",
    ),
    Rule(
        "staged_from_current",
        ("staged", "organization"),
        "A staged organization is made from a raw version the hub holds.",
        "SELECT s.record FROM staged_organization s LEFT JOIN raw_record r ON r.raw_id = s.raw_id"
        " WHERE r.raw_id IS NULL",
    ),
    Rule(
        "one_open_link",
        ("golden", "organization"),
        "A record belongs to exactly one organization at a time.",
        "SELECT record FROM organization_link WHERE ended_at IS NULL GROUP BY record HAVING count(*) > 1",
    ),
    Rule(
        "every_record_linked",
        ("golden", "organization"),
        "Every staged organization belongs to an organization; a bare name inside another record may wait for one.",
        "SELECT s.record FROM staged_organization s LEFT JOIN organization_link l ON l.record = s.record"
        " AND l.ended_at IS NULL LEFT JOIN pending p ON p.record = s.record"
        " WHERE l.record IS NULL AND p.record IS NULL AND NOT (s.record LIKE '%#%' AND coalesce(s.host, s.domain,"
        " s.email, s.phone, s.street, s.city, s.postcode, s.country) IS NULL)",
    ),
    Rule(
        "ids_answer",
        ("golden", "organization"),
        "Every organization id ever linked answers, itself or by redirect.",
        "SELECT DISTINCT l.organization_id FROM organization_link l"
        " LEFT JOIN organization o ON o.organization_id = l.organization_id"
        " LEFT JOIN redirect r ON r.from_id = l.organization_id AND r.ended_at IS NULL"
        " WHERE o.organization_id IS NULL AND r.from_id IS NULL",
    ),
    Rule(
        "values_have_sources",
        ("golden", "organization"),
        "Every golden value names a pin, or a staged record that exists.",
        "SELECT v.organization_id, v.field FROM golden_value v LEFT JOIN staged_organization s ON s.record = v.record"
        " WHERE v.rule <> 'pin' AND s.record IS NULL",
    ),
    Rule(
        "partners_exist",
        ("golden", "partnership"),
        "Every partnership belongs to a published organization.",
        "SELECT p.organization_id FROM partnership p LEFT JOIN organization o"
        " ON o.organization_id = p.organization_id WHERE o.organization_id IS NULL",
    ),
    Rule(
        "timeline_shows_facts",
        ("golden", "timeline"),
        "Every timeline row shows a fact of a published organization.",
        "SELECT t.organization_id, t.fact_id FROM timeline t LEFT JOIN fact f ON f.fact_id = t.fact_id"
        " LEFT JOIN organization o ON o.organization_id = t.organization_id"
        " WHERE f.fact_id IS NULL OR o.organization_id IS NULL",
    ),
    Rule(
        "copies_counted",
        ("golden", "timeline"),
        "Facts say as many records in all as hold them; where not, those are named that say another number.",
        # Compared fact by fact only where the sums differ: millions of facts would take seconds of every sync.
        "SELECT f.fact_id FROM fact f WHERE (SELECT sum(source_count) FROM fact) <> (SELECT count(*) FROM fact_source)"
        " AND f.source_count <> (SELECT count(*) FROM fact_source s WHERE s.fact_id = f.fact_id)",
    ),
    Rule(
        "nothing_pending",
        ("golden", "organization"),
        "After publication nothing waits.",
        "SELECT record, kind FROM pending",
        "warning",
    ),
)

SAMPLE = 5


class Outcome(NamedTuple):
    """What one rule found."""

    rule: Rule
    violations: int
    sample: list[str]
