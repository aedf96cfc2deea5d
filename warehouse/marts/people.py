"""Marts of people: theirs, and ours."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage_of_tie, personal, text

DIM_CONTACT: Final = Mart(
    "dim_contact",
    "One person outside our company, as the hub publishes them now.",
    "Deleted at every source: the row stays, with _hub_deleted_at. Merged: the id that goes has no row any more; its"
    " event stands in identity_events. Split: the id comes back, or a new one begins.",
    ("contact_id",),
    (
        text("contact_id", "id of the person, for good", "person.person_id", required=True),
        personal("name", "full name", "person.name"),
        personal("email", "address they are written to", "person.email"),
        personal("phone", "E.164", "person.phone"),
        text("title", "what they are", "person.title"),
        Column(
            "count_records",
            "integer",
            "live source records behind them",
            "person.record_count",
            required=True,
        ),
        Column("_hub_deleted_at", "time", "when the last of their records was deleted", "person.deleted_at"),
        text("_hub_run_id", "run that brought the newest state of their records", "raw_record.run_id"),
        Column("_hub_loaded_at", "time", "when the hub took that in", "raw_record.landed_at"),
        text("_hub_source", "`hub`: several sources make a person", required=True),
    ),
    """
SELECT p.person_id AS contact_id, p.name, p.email, p.phone, p.title, p.record_count AS count_records,
p.deleted_at AS _hub_deleted_at, a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, 'hub' AS _hub_source
FROM person p LEFT JOIN raw_record a ON a.raw_id = (
SELECT max((SELECT s.raw_id FROM staged_person s WHERE s.record = l.record)) FROM person_link l
WHERE l.person_id = p.person_id AND l.ended_at IS NULL)
""",
    (
        Question(
            "Whom do we know at each partner today?",
            "SELECT b.partner_id, c.name, c.email, b.role FROM dim_contact c"
            " JOIN bridge_contact_partner b ON b.contact_id = c.contact_id AND b.is_current"
            " WHERE c._hub_deleted_at IS NULL ORDER BY b.partner_id, c.name",
        ),
    ),
)

BRIDGE_CONTACT_PARTNER: Final = Mart(
    "bridge_contact_partner",
    "One role of one person at one organization, present or past.",
    "Who leaves keeps the row, with an end. A merge of either id moves the row to the id that stays.",
    ("contact_id", "partner_id", "role"),
    (
        text("contact_id", "the person", "person_organization.person_id", required=True),
        text("partner_id", "the organization", "person_organization.organization_id", required=True),
        text(
            "role",
            "as the source says it; empty where it says none",
            "person_organization.role",
            required=True,
        ),
        Column("since", "date", "since when, where a source says so", "person_organization.since"),
        Column("until", "date", "until when; null while it lasts", "person_organization.until"),
        Column("is_current", "boolean", "whether it lasts", "person_organization.until", required=True),
        text("record_key", "the source record that says so", "person_organization.record", required=True),
        text("_hub_source", "source of that record", "person_organization.record", required=True),
        *lineage_of_tie("person_organization")[:3],
    ),
    """
SELECT w.person_id AS contact_id, w.organization_id AS partner_id, w.role, w.since, w.until,
w.until IS NULL AS is_current, w.record AS record_key, {source_of(w.record)} AS _hub_source,
a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, {no_time()} AS _hub_deleted_at
FROM person_organization w LEFT JOIN staged_relation s ON s.record = w.record
LEFT JOIN raw_record a ON a.raw_id = s.raw_id
""",
    (
        Question(
            "Which partners do we know through one person only?",
            "SELECT b.partner_id, min(c.name) AS person FROM bridge_contact_partner b JOIN dim_contact c"
            " ON c.contact_id = b.contact_id AND c._hub_deleted_at IS NULL WHERE b.is_current"
            " GROUP BY b.partner_id HAVING count(DISTINCT b.contact_id) = 1",
        ),
    ),
)

DIM_OWNER: Final = Mart(
    "dim_owner",
    "One of our own people, whichever systems know them.",
    "Who no system knows any more has no row.",
    ("owner_id",),
    (
        text("owner_id", "id of the colleague", "colleague.colleague_id", required=True),
        personal("name", "full name", "colleague.name"),
        personal("email", "address", "colleague.email"),
        Column(
            "is_active",
            "boolean",
            "whether any of our systems still lets them in",
            "colleague.active",
            required=True,
        ),
        text("team", "their team", "colleague.team"),
        Column(
            "count_records",
            "integer",
            "live source records behind them",
            "colleague.record_count",
            required=True,
        ),
        text("_hub_run_id", "run that brought the newest state of their records", "raw_record.run_id"),
        Column("_hub_loaded_at", "time", "when the hub took that in", "raw_record.landed_at"),
        Column("_hub_deleted_at", "time", "null: who no system knows any more has no row"),
        text("_hub_source", "`hub`: several sources make a colleague", required=True),
    ),
    """
SELECT c.colleague_id AS owner_id, c.name, c.email, c.active AS is_active, c.team, c.record_count AS count_records,
a.run_id AS _hub_run_id, a.landed_at AS _hub_loaded_at, {no_time()} AS _hub_deleted_at, 'hub' AS _hub_source
FROM colleague c LEFT JOIN raw_record a ON a.raw_id = (
SELECT max((SELECT s.raw_id FROM staged_colleague s WHERE s.record = l.record)) FROM colleague_record l
WHERE l.colleague_id = c.colleague_id)
""",
    (
        Question(
            "Whose open work waits at partners, and does its owner still work with us?",
            "SELECT o.name, o.is_active, count(*) AS open FROM dim_owner o"
            " JOIN fct_work_item w ON w.owner_id = o.owner_id AND w.is_open"
            " GROUP BY o.owner_id, o.name, o.is_active ORDER BY open DESC",
        ),
    ),
)

MARTS: Final = (DIM_CONTACT, BRIDGE_CONTACT_PARTNER, DIM_OWNER)
