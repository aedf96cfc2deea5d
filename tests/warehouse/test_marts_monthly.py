"""The mart of figures by month, and the questions over all touchpoints that it and `fct_touchpoint` answer quickly."""

from __future__ import annotations

import pytest

from tests.pipelines.golden_rig import DAY, Hub
from tests.web.partner_rig import ACME, LONE, partner_hub
from warehouse.marts import mart
from warehouse.marts.then import as_known

NAME = "fct_partner_activity_monthly"
US, THEM = "us@hub.example", "ann@acme.example"
AUGUST = "2026-08-31T23:59:59.999999Z"
BY_JOIN = (
    "SELECT d.year, d.month, f.kind, count(DISTINCT f.touchpoint_id) AS touchpoints FROM fct_touchpoint f"
    " JOIN bridge_touchpoint_partner b ON b.touchpoint_id = f.touchpoint_id"
    " JOIN dim_date d ON d.date_day = f.happened_date WHERE f.nature = 'person'"
    " GROUP BY d.year, d.month, f.kind ORDER BY d.year, d.month, f.kind"
)
"""As the question was asked before: over the bridge, each touchpoint once."""
BY_TOUCHPOINT = (
    "SELECT b.partner_id, substr(CAST(f.happened_date AS TEXT), 1, 7), count(*),"
    " sum(CASE WHEN f.direction = 'in' THEN 1 ELSE 0 END) FROM bridge_touchpoint_partner b"
    " JOIN fct_touchpoint f ON f.touchpoint_id = b.touchpoint_id WHERE f.nature = 'person'"
    " AND (f.direction IS NULL OR f.direction <> 'internal') GROUP BY 1, 2 ORDER BY 1, 2"
)
"""The mart's first question, counted off touchpoints."""


@pytest.fixture
def hub(database_url) -> Hub:
    """Mail with Acme and with nobody known, a call with Acme and Lone, one that is gone, and a list."""
    made = partner_hub(database_url)
    made.mail("mail/INBOX/1", THEM, US, direction="in", happened_at=DAY.format(3))
    made.mail("mail/INBOX/2", US, THEM, direction="out", happened_at=AUGUST)
    made.mail("mail/INBOX/3", "bo@elsewhere.example", US, direction="in", happened_at=DAY.format(3))
    made.mail("mail/INBOX/4", THEM, US, nature="list", direction="in", happened_at=DAY.format(4))
    made.mail("mail/INBOX/5", THEM, US, direction="in", happened_at=DAY.format(5), deleted_at=DAY.format(6))
    made.stage("touchpoint", "crm/calls/1", kind="call", happened_at=DAY.format(7))
    for number, company in enumerate((ACME, LONE)):
        made.stage(
            "relation", f"crm/calls/1#{number}", kind="about", from_record="crm/calls/1", to_record=company
        )
    made.publish()
    return made


def answered(hub, sql):
    """Rows of a question; whole numbers as such, whatever type an engine sums in."""
    with hub.database.session() as connection:
        rows = connection.query(sql)
    return [
        tuple(int(value) if not isinstance(value, str | None) else value for value in row) for row in rows
    ]


def test_conversations_by_month_and_kind_are_the_same_without_a_join_to_the_bridge(hub):
    (question,) = mart("fct_touchpoint").questions
    found = answered(hub, question.sql)
    assert found == answered(hub, BY_JOIN)
    assert found == [(2026, 8, "email", 1), (2026, 9, "call", 1), (2026, 9, "email", 1)]


def test_conversations_of_each_partner_by_month_equal_those_counted_off_touchpoints(hub):
    found = answered(hub, mart(NAME).questions[0].sql)
    assert [(row[0], row[1][:7], *row[2:]) for row in found] == answered(hub, BY_TOUCHPOINT)
    assert sorted(row[1:] for row in found) == [
        ("2026-08-01", 1, 0), ("2026-09-01", 1, 0), ("2026-09-01", 2, 1),
    ]  # fmt: skip


def test_a_call_with_two_partners_counts_for_both_and_says_when_it_was(hub):
    asked = f"SELECT partner_id, count_total, first_at, last_at FROM {NAME} WHERE kind = 'call'"
    at = DAY.format(7)
    assert sorted(answered(hub, asked)) == sorted((hub.id_of(each), 1, at, at) for each in (ACME, LONE))


def test_the_last_conversation_of_each_partner_is_known_by_its_month(hub):
    hub.stage("organization", "crm/companies/9", name="Silent")
    hub.publish()
    (question,) = (each for each in mart(NAME).questions if "longest ago" in each.asks)
    found = [row[1:] for row in answered(hub, question.sql)]
    assert found[0] == ("Silent", None)
    assert sorted(found[1:]) == [("Acme", "2026-09-01"), ("Lone", "2026-09-01")]


def test_months_as_of_a_moment_are_those_that_were_counted_then(hub):
    asked = "SELECT partner_id, date_month, kind, count_conversations, count_inbound, last_at FROM {} ORDER BY 1, 2, 3"
    before, then = answered(hub, asked.format(NAME)), f"2026-10-01T00:{hub.runs:02d}:30Z"
    hub.mail("mail/INBOX/1", THEM, US, direction="out", happened_at=AUGUST)
    hub.publish()
    assert answered(hub, asked.format(NAME)) != before
    with hub.database.session() as connection:
        known = as_known(mart(NAME), connection.dialect, then).read_from
    assert answered(hub, asked.format(known)) == before
