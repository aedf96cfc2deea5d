"""Marts of people: theirs, and ours."""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, personal, text

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
    ),
    """
SELECT p.person_id AS contact_id, p.name, p.email, p.phone, p.title, p.record_count AS count_records,
p.deleted_at AS _hub_deleted_at FROM person p
""",
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
    ),
    """
SELECT w.person_id AS contact_id, w.organization_id AS partner_id, w.role, w.since, w.until,
w.until IS NULL AS is_current, w.record AS record_key, {source_of(w.record)} AS _hub_source FROM person_organization w
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
    ),
    """
SELECT c.colleague_id AS owner_id, c.name, c.email, c.active AS is_active, c.team, c.record_count AS count_records
FROM colleague c
""",
)

MARTS: Final = (DIM_CONTACT, BRIDGE_CONTACT_PARTNER, DIM_OWNER)
