"""What a soft delete, a merge and a split do to every mart, as its description says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.pipelines.golden_rig import DAY, Hub
from tests.web.partner_rig import ACME, LONE, SHEET, partner_hub, put
from warehouse.marts import MARTS

ANN, MAIL, TASK, DEAL = "crm/contacts/1", "mail/messages/1", "crm/tasks/1", "crm/deals/1"
GONE = DAY.format(20)
NAMED = {
    "dim_partner", "dim_contact", "dim_owner", "dim_date", "fct_touchpoint", "fct_deal", "fct_deal_stage",
    "fct_work_item", "fct_sync_run", "bridge_partner_source", "bridge_deal_partner", "bridge_touchpoint_partner",
    "xref_partner_alias", "identity_events",
}  # fmt: skip
PARTED = (
    "bridge_touchpoint_partner",
    "bridge_work_item_partner",
    "bridge_deal_partner",
    "bridge_contact_partner",
)
STAGED: tuple[tuple[str, str, list[str], dict[str, Any]], ...] = (
    ("person", ANN, ["email:ann@acme.example"], {"name": "Ann", "email": "ann@acme.example"}),
    ("work_item", TASK, [], {"title": "Call back", "created_at": DAY.format(2)}),
    ("deal", DEAL, [], {"name": "Renewal", "amount_minor": 5, "currency": "EUR", "status": "open"}),
)


@pytest.fixture
def hub(database_url) -> Hub:
    """Ann of Lone, and a mail, a task and a deal with Lone."""
    found = partner_hub(database_url)
    found.mail(MAIL, "ann@acme.example", "us@hub.example", happened_at=DAY.format(3), direction="in")
    for kind, record, keys, values in STAGED:
        found.stage(kind, record, keys, **{"created_at": DAY.format(1), **values})
    found.stage("relation", f"{ANN}#works", from_record=ANN, to_record=LONE)
    for record in (MAIL, TASK):
        found.stage("relation", f"{record}#about", kind="about", from_record=record, to_record=LONE)
    found.stage("relation", f"{DEAL}#party", kind="party", from_record=DEAL, to_record=LONE)
    found.publish()
    return found


def rows(hub, statement, *parameters):
    with hub.database.session() as connection:
        return connection.query(statement, parameters)


def regroup(hub, groups, *records):
    """Another partition, as identity would decide it."""
    hub.groups = groups
    for record in records:
        with hub.database.session() as connection, connection.transaction():
            hub.mark(connection, "organization", record)
    hub.publish()


def partners_of(hub):
    """Bridge → the partners it names."""
    return {name: {row[0] for row in rows(hub, f"SELECT partner_id FROM {name}")} for name in PARTED}


def test_the_marts_a_data_team_expects_are_called_as_it_expects():
    assert {each.name for each in MARTS} >= NAMED


def test_a_tie_says_from_which_source_run_and_moment_the_record_behind_it_is(hub):
    arrived = (1, *MAIL.split("/", 2), "upsert", "a", "run-1", "2026-10-01T00:00:30.000000Z")
    put(hub, "raw_record", ("raw_id", "source", "stream", "source_id", "op", "content_hash", "run_id", "landed_at"), [
        arrived,
    ])  # fmt: skip
    sources = ("mail", "crm", "crm", "crm")
    told = "SELECT DISTINCT _hub_source, _hub_run_id, _hub_deleted_at FROM"
    for name, source in zip(PARTED, sources, strict=True):
        assert rows(hub, f"{told} {name}") == [(source, "run-1", None)], name


def test_what_every_source_deleted_stays_with_its_time_and_leaves_the_timelines(hub):
    hub.mail(MAIL, "ann@acme.example", happened_at=DAY.format(3), direction="in", deleted_at=GONE)
    for kind, record, keys, values in STAGED:
        hub.stage(kind, record, keys, **{"created_at": DAY.format(1), **values}, deleted_at=GONE)
    hub.stage("organization", LONE, name="Lone", deleted_at=GONE)
    hub.publish()
    for name in ("fct_touchpoint", "fct_work_item", "fct_deal", "dim_contact"):
        assert [str(row[0]) for row in rows(hub, f"SELECT _hub_deleted_at FROM {name}")] == [GONE], name
    assert rows(hub, "SELECT count(*) FROM fct_work_item WHERE is_open") == [(0,)]
    current = "SELECT _hub_deleted_at FROM dim_partner WHERE is_current AND partner_id = ?"
    assert [str(row[0]) for row in rows(hub, current, hub.id_of(LONE))] == [GONE]
    (kept,) = rows(hub, "SELECT _hub_deleted_at FROM bridge_partner_source WHERE record_key = ?", LONE)
    assert str(kept[0]) == GONE
    assert {name: found for name, found in partners_of(hub).items() if found and name != PARTED[-1]} == {}
    last = "SELECT field FROM fct_partner_change WHERE partner_id = ? ORDER BY change_id DESC"
    assert "deleted_at" in {row[0] for row in rows(hub, last, hub.id_of(LONE))[:2]}


def test_a_merge_moves_what_hangs_on_the_id_that_goes_and_the_id_goes_on_answering(hub):
    gone, stays = hub.id_of(LONE), hub.id_of(ACME)
    put(hub, "redirect", ("from_id", "started_at", "entity", "to_id"), [(gone, GONE, "organization", stays)])
    regroup(hub, {SHEET: ACME, LONE: ACME}, LONE)
    assert partners_of(hub) == dict.fromkeys(PARTED, frozenset({stays}))
    assert rows(hub, "SELECT partner_id FROM xref_partner_alias WHERE alias_id = ?", gone) == [(stays,)]
    assert rows(hub, "SELECT 1 FROM dim_partner WHERE is_current AND partner_id = ?", gone) == []
    linked = "SELECT partner_id FROM bridge_partner_source WHERE record_key = ? ORDER BY valid_from"
    assert rows(hub, linked, LONE) == [(gone,), (stays,)]
    program = "SELECT is_current FROM bridge_partner_program WHERE partner_id = ?"
    assert [bool(row[0]) for row in rows(hub, program, gone)] == [False]
    assert rows(hub, "SELECT partner_id FROM xref_partner_alias_history WHERE is_current") == [(stays,)]
    last = "SELECT field, after FROM fct_partner_change WHERE partner_id = ? ORDER BY change_id DESC"
    assert ("organization", None) in rows(hub, last, gone)


def test_a_split_begins_a_version_of_the_new_id_and_takes_its_own_along(hub):
    regroup(hub, {SHEET: ACME, LONE: ACME}, LONE)
    joined = hub.id_of(ACME)
    regroup(hub, {SHEET: ACME}, LONE)
    alone = hub.id_of(LONE)
    assert partners_of(hub) == dict.fromkeys(PARTED, frozenset({alone}))
    ask = "SELECT partner_id FROM bridge_partner_source WHERE record_key = ? AND is_current"
    assert [rows(hub, ask, each) for each in (LONE, SHEET)] == [[(alone,)], [(joined,)]]
    current = rows(hub, "SELECT partner_id, name FROM dim_partner WHERE is_current ORDER BY name")
    assert current == [(joined, "Acme"), (alone, "Lone")]


def test_the_part_of_a_partner_in_a_deal_is_told_in_four_words(hub):
    said = {
        "customer": "",
        "reselling": "Distributor",
        "sourcing": "Referral partner",
        "influencing": "Consultant",
    }
    for number, role in enumerate(said.values()):
        record = hub.stage("deal", f"crm/deals/9{number}", name=f"D{number}", created_at=DAY.format(1))
        hub.stage(
            "relation", f"{record}#p", kind="party", from_record=record, to_record=LONE, role=role or None
        )
    hub.publish()
    found = rows(hub, "SELECT DISTINCT source_role, partner_role FROM bridge_deal_partner")
    assert {role: word for word, role in found} == said


def test_no_question_adds_amounts_of_two_currencies():
    asked = [
        each.sql for mart in MARTS for each in mart.questions if re.search(r"sum\(\w*\.?amount", each.sql)
    ]
    assert len(asked) >= 3
    assert [sql for sql in asked if "currency" not in sql.partition("GROUP BY")[2]] == []
