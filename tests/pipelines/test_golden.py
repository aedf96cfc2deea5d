from __future__ import annotations

import json

import pytest

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.organizations import copied, survived
from pipelines.golden.partners import PartnerRule
from pipelines.golden.publish import publish
from pipelines.golden.reading import RECORD_FIELDS
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.database import Database

CRM, SHEET = "crm/companies/1", "sheet/partners/7"
RULES = PublishSettings(
    survivorship=Survivorship({"crm": 20, "sheet": 10}),
    partner_rules=(PartnerRule("crm", where={"account_type": ["PARTNER"]}),),
    own_domains=frozenset({"hub.example"}),
)


@pytest.fixture
def hub(sqlite_url):  # that both engines publish the same rows is shown in test_golden_rebuild
    return Hub(Database(sqlite_url), RULES, groups={CRM: "a", SHEET: "a"})


def golden(hub, *columns):
    return hub.rows("organization", *columns)


def test_two_records_of_one_organization_become_one_golden_record(hub):
    hub.stage("organization", CRM, name="Acme", phone="+431")
    hub.stage("organization", SHEET, name="ACME GmbH", phone="+432", tier="Gold")
    hub.publish()
    assert golden(hub, "name", "phone", "tier", "other_names_json", "record_count") == [
        ("Acme", "+431", "Gold", '["ACME GmbH"]', 2)
    ]


def test_publishing_again_with_nothing_waiting_writes_nothing(hub):
    hub.stage("organization", CRM, name="Acme", account_type="Partner")
    hub.publish()
    before = hub.published(), hub.rows("organization_version"), hub.rows("change_log"), hub.rows("lease")
    counts = hub.publish()
    assert counts.pending == 0
    assert (
        hub.published(),
        hub.rows("organization_version"),
        hub.rows("change_log"),
        hub.rows("lease"),
    ) == before


def test_a_record_staged_again_unchanged_writes_no_golden_row(hub):
    hub.stage("organization", CRM, name="Acme", account_type="Partner")
    hub.stage("organization", SHEET, name="Acme Inc")
    hub.publish()
    hub.stage("organization", CRM, name="Acme", account_type="Partner")
    counts = hub.publish()
    assert (counts.organizations, counts.organizations_written) == (1, 0)
    assert len(hub.rows("organization_version")) == 1


def test_a_changed_field_makes_a_version_and_a_change(hub):
    hub.stage("organization", CRM, name="Acme", tier="Silver")
    hub.publish()
    hub.stage("organization", CRM, name="Acme", tier="Gold")
    hub.publish()
    versions = hub.rows("organization_version", "recorded_from_at", "recorded_to_at", "tier")
    assert [(row[1] is None, row[2]) for row in versions] == [(False, "Silver"), (True, "Gold")]
    assert hub.rows("change_log", "change_id", "field", "before", "after") == [
        (1, "organization", None, "Acme"),
        (2, "tier", "Silver", "Gold"),
    ]


def test_every_value_names_its_record_its_rule_and_who_disagrees(hub):
    hub.stage("organization", CRM, name="Acme", phone="+431")
    hub.stage("organization", SHEET, name="Acme", phone="+432")
    hub.publish()
    rows = {
        row[0]: row[1:] for row in hub.rows("golden_value", "field", "value", "record", "rule", "others_json")
    }
    assert rows["name"] == ("Acme", CRM, "priority", None)
    assert rows["phone"][:3] == ("+431", CRM, "priority")
    assert json.loads(rows["phone"][3]) == [{"record": SHEET, "value": "+432"}]


def test_a_partnership_opens_and_ends_as_the_records_declare(hub):
    hub.stage("organization", CRM, name="Acme", account_type="partner", created_at=DAY.format(3))
    hub.publish()
    assert hub.rows("partnership", "program", "record", "since_at") == [("default", CRM, DAY.format(3))]
    hub.stage("organization", CRM, name="Acme", account_type="CUSTOMER")
    hub.publish()
    assert hub.rows("partnership") == []
    assert [row[0] for row in hub.rows("change_log", "field")].count("partnership.default") == 2


def test_a_record_that_vanishes_takes_its_organization_along(hub):
    hub.stage("organization", CRM, name="Acme", account_type="partner")
    hub.publish()
    hub.unstage("organization", CRM)
    hub.publish()
    assert all(rows == [] for rows in hub.published().values())
    assert hub.rows("organization_version", "recorded_to_at")[0][0] is not None


def test_a_deleted_record_leaves_the_living_one_its_say(hub):
    hub.stage("organization", CRM, name="Old name", tier="Gold", deleted_at=DAY.format(9))
    hub.stage("organization", SHEET, name="New name")
    hub.publish()
    assert golden(hub, "name", "tier", "record_count", "deleted_at") == [("New name", None, 1, None)]


def test_an_owner_who_changes_their_name_changes_their_organizations(hub):
    hub.stage("colleague", "crm/owners/5", name="Ann Lee")
    hub.stage("organization", CRM, name="Acme", owner_record="crm/owners/5")
    hub.publish()
    hub.stage("colleague", "crm/owners/5", name="Ann Berg")
    hub.publish()
    assert golden(hub, "owner") == [("Ann Berg",)]


def test_changed_rules_republish_everything(hub):
    hub.stage("organization", CRM, name="Acme", phone="+431")
    hub.stage("organization", SHEET, name="Acme", phone="+432")
    hub.publish()
    hub.settings = PublishSettings(survivorship=Survivorship({"sheet": 20, "crm": 10}))
    assert hub.publish().everything
    assert golden(hub, "phone") == [("+432",)]


def test_one_record_alone_is_published_as_survivorship_would_say():
    record = dict.fromkeys(RECORD_FIELDS)
    record |= {
        "record": CRM,
        "source": "crm",
        "raw_id": 3,
        "name": "Acme",
        "legal_name": "Acme GmbH",
        "owner": "Ann",
    }
    record |= {
        "other_names_json": '["ACME", "Acme Austria"]',
        "labels_json": '["b", "a", "b"]',
        "city": "Graz",
    }
    record |= {"custom_json": '{"b": 1, "a": null}', "roles_json": "[]", "employees": 12, "record_count": 1}
    values, provenance = copied("id", tuple(record.values()))
    assert values == survived("id", [record], {}, RULES)[0]
    assert provenance == [("id", "*", "", CRM, 3, "only", None)]


def test_a_run_that_waited_publishes_after_the_one_it_waited_for(hub):
    hub.stage("organization", "crm/companies/1", name="Acme")
    hub.publish()
    hub.stage("organization", "crm/companies/1", name="Acme GmbH")
    publish(hub.database, hub.settings, "run-late", "2026-09-30T00:00:00.000000Z", identity=hub.identity())
    versions = sorted(hub.rows("organization_version", "recorded_from_at", "recorded_to_at", "name"))
    assert [name for _, _, name in versions] == ["Acme", "Acme GmbH"]
    assert versions[0][0] < versions[0][1] == versions[1][0]
