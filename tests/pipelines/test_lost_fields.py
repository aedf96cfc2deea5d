"""A field that is renamed or removed at its source is told, and its values stay until a person decides."""

from __future__ import annotations

import json
from contextlib import chdir
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from partnerhub.config import load_config
from partnerhub.simulator.asana.objects import PARTNER_FIELD_GID, partner_field
from partnerhub.simulator.jira.projection import PARTNER
from partnerhub.simulator.runner import Simulator
from partnerhub.simulator.world.generate import generate_world
from pipelines.settings import stage_settings
from tests.pipelines.engine import Engine
from warehouse.commands.let_go import let_go
from warehouse.queries.problems import field_notes
from warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnerhub.config import HubConfig

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
ROLES = "SELECT organization_id, roles_json FROM organization WHERE roles_json IS NOT NULL"
TIERS = "SELECT organization_id, tier FROM organization WHERE tier IS NOT NULL"


class Hub:
    """One source of a simulated company, synced as often as a test asks."""

    def __init__(self, vendors: Simulator, source: str) -> None:
        self.vendors, self.source, self.path = vendors, source, vendors.write_config()
        self.config: HubConfig = load_config(self.path)
        migrate(self.config.warehouse_url)
        self.engine = Engine.of(self.config)

    def sync(self, *, full: bool = False) -> dict[str, str]:
        synced = self.engine.sync([self.config.connector(self.source)], full=full)
        return {stream.stream: stream.state for stream in synced.streams}

    def write(self, before: str, after: str) -> None:
        """Change partnerhub.yaml."""
        text = self.path.read_text(encoding="utf-8")
        assert before in text
        self.path.write_text(text.replace(before, after, 1), encoding="utf-8")
        self.config = load_config(self.path)
        self.engine.staging = stage_settings(self.config)

    def notes(self) -> list[dict[str, Any]]:
        with self.engine.database.session() as connection:
            return field_notes(connection)

    def roles(self) -> dict[str, str]:
        return dict(self.engine.query(ROLES))

    def abouts(self) -> set[tuple[str, str]]:
        """(work item, whom it is about)."""
        rows = self.engine.query("SELECT from_record, to_record FROM staged_relation WHERE kind = 'about'")
        return {(str(one), str(other)) for one, other in rows}


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(generate_world(1, 8, NOW), tmp_path) as simulator, chdir(tmp_path):
        yield simulator


def partners(hub: Hub) -> set[str]:
    """The world's partners."""
    return {org.id for org in hub.vendors.world.orgs.values() if org.role == "partner"}


# ---------------------------------------------------------------- HubSpot


@pytest.fixture
def hubspot(vendors: Simulator) -> Hub:
    """A hub that has read HubSpot once, before a property got another name there."""
    hub = Hub(vendors, "hubspot")
    hub.sync()
    vendors.hubspot.store.advance(timedelta(days=1))
    vendors.hubspot.store.rename_property("companies", "partner_type", "partnership_type")
    return hub


@pytest.mark.fault("F47")
def test_a_renamed_property_is_told_with_the_new_one_that_holds_the_same_values(hubspot: Hub) -> None:
    assert hubspot.notes() == []
    assert set(hubspot.sync().values()) == {"complete"}
    (note,) = hubspot.notes()
    assert (note["source"], note["stream"], note["field"], note["severity"]) == (
        "hubspot", "companies", "partner_type", "warning",
    )  # fmt: skip
    said = note["happened"]
    assert "partner_type (Partner type) of companies is gone since" in said
    count = len(hubspot.roles())
    assert f"partnership_type is new and holds the same values in {count} of {count} records" in said
    assert "It filled roles" in said
    assert "fields: {companies: {roles: partnership_type}}" in note["to_do"]


@pytest.mark.fault("F47")
def test_no_value_leaves_the_golden_record_because_its_property_was_renamed(hubspot: Hub) -> None:
    before = hubspot.roles()
    assert before
    hubspot.sync()
    assert hubspot.roles() == before


def test_a_later_edit_of_the_record_keeps_the_value_and_brings_the_rest(hubspot: Hub) -> None:
    before = hubspot.roles()
    hubspot.sync()
    partner = next(one for one in hubspot.vendors.world.companies.values() if one.org_id in partners(hubspot))
    hubspot.vendors.hubspot.store.advance(timedelta(hours=1))
    hubspot.vendors.hubspot.update_company(partner.id, city="Elsewhere")
    hubspot.sync()
    assert hubspot.roles() == before
    assert hubspot.engine.query("SELECT count(*) FROM organization WHERE city = 'Elsewhere'") == [(1,)]


def test_mapping_the_new_property_as_the_note_says_settles_it(hubspot: Hub) -> None:
    before = hubspot.roles()
    hubspot.sync()
    hubspot.write(f"base_url: {hubspot.vendors.hubspot.url}", "fields: {companies: {roles: partnership_type}}\n"
                  f"    base_url: {hubspot.vendors.hubspot.url}")  # fmt: skip
    hubspot.sync()
    assert hubspot.roles() == before
    assert hubspot.notes() == []
    partner = next(one for one in hubspot.vendors.world.companies.values() if one.org_id in partners(hubspot))
    hubspot.vendors.hubspot.store.advance(timedelta(hours=1))
    hubspot.vendors.hubspot.update_company(partner.id, partnership_type="distributor")
    hubspot.sync()
    assert json.dumps(["distributor"]) in hubspot.roles().values()


def test_a_property_nobody_mapped_goes_by_its_new_name_and_that_is_told(vendors: Simulator) -> None:
    hub, store = Hub(vendors, "hubspot"), vendors.hubspot.store
    for number in store.objects["companies"]:
        store.update("companies", number, our_score=str(number))
    hub.sync()
    store.advance(timedelta(days=1))
    store.rename_property("companies", "our_score", "score_of_ours")
    hub.sync()
    (note,) = hub.notes()
    assert note["severity"] == "finding"
    assert "custom.our_score; its values go by the new name now" in note["happened"]
    rows = hub.engine.query("SELECT custom_json FROM staged_organization WHERE deleted_at IS NULL")
    custom = [json.loads(row[0]) for row in rows]
    assert all("score_of_ours" in one and "our_score" not in one for one in custom)


def test_letting_a_field_go_takes_its_values_and_the_note(hubspot: Hub) -> None:
    hubspot.sync()
    with hubspot.engine.database.session() as connection:
        let_go(connection, ("hubspot", "companies", "partner_type"), actor="test", now=hubspot.engine.now)
    hubspot.sync()
    assert hubspot.roles() == {}
    assert hubspot.notes() == []


def test_a_property_that_is_back_is_as_if_it_had_never_gone(hubspot: Hub) -> None:
    before = hubspot.roles()
    hubspot.sync()
    store = hubspot.vendors.hubspot.store
    store.advance(timedelta(hours=1))
    store.removed_properties["companies"].discard("partner_type")
    store.rename_property("companies", "partnership_type", "partner_type")
    hubspot.sync()
    assert hubspot.roles() == before
    assert not [note for note in hubspot.notes() if note["field"] == "partner_type"]


def test_a_second_sync_tells_nothing_anew_and_stages_nothing(hubspot: Hub) -> None:
    hubspot.sync()
    before = hubspot.engine.rows("sync_error")
    assert hubspot.engine.derive()[0].records == 0
    hubspot.sync()
    assert hubspot.engine.rows("sync_error") == before


def test_what_is_derived_can_be_dropped_and_comes_back_with_the_kept_values(hubspot: Hub) -> None:
    before = hubspot.roles()
    hubspot.sync()
    hubspot.engine.rebuild()
    assert hubspot.roles() == before


def test_a_property_that_filled_nothing_is_not_told(vendors: Simulator) -> None:
    hub = Hub(vendors, "hubspot")
    hub.sync()
    vendors.hubspot.store.remove_property("companies", "hs_lead_status")
    hub.sync()
    assert hub.notes() == []


# ---------------------------------------------------------------- Salesforce


@pytest.mark.fault("F21", "F47")
def test_a_renamed_salesforce_field_stops_its_stream_and_names_the_new_one(vendors: Simulator) -> None:
    hub = Hub(vendors, "salesforce")
    hub.sync()
    tiers = dict(hub.engine.query(TIERS))
    assert tiers
    vendors.salesforce.store.rename_field("Account", "Partner_Tier__c", "Level__c")
    states = hub.sync()
    assert {stream for stream, state in states.items() if state != "complete"} == {"Account"}
    ((said,),) = hub.engine.query("SELECT happened FROM sync_error WHERE code = 'fields_hidden'")
    assert "Partner_Tier__c" in said
    assert "Level__c" in said
    assert dict(hub.engine.query(TIERS)) == tiers


def test_reading_salesforce_in_full_after_that_tells_what_took_the_fields_place(vendors: Simulator) -> None:
    hub = Hub(vendors, "salesforce")
    hub.sync()
    tiers = dict(hub.engine.query(TIERS))
    vendors.salesforce.store.rename_field("Account", "Partner_Tier__c", "Level__c")
    assert set(hub.sync(full=True).values()) == {"complete"}
    (note,) = hub.notes()
    assert (
        f"Level__c is new and holds the same values in {len(tiers)} of {len(tiers)} records"
        in note["happened"]
    )
    assert "fields: {Account: {tier: Level__c}}" in note["to_do"]
    assert dict(hub.engine.query(TIERS)) == tiers


# ---------------------------------------------------------------- Jira and Asana


def test_a_renamed_jira_field_goes_on_being_read_until_the_settings_name_it(vendors: Simulator) -> None:
    hub = Hub(vendors, "jira")
    hub.sync()
    before = hub.abouts()
    vendors.jira.rename_field(PARTNER, "Customer")
    touched = next(one for one in vendors.jira.store.issues.values() if one.partner)
    vendors.jira.store.advance(timedelta(days=1))
    vendors.jira.update_issue(touched.id, summary="Edited")
    hub.sync()
    assert hub.abouts() == before
    (note,) = hub.notes()
    assert f"The field Partner of issues ({PARTNER}) is called Customer now" in note["happened"]
    assert "partner_field: Customer" in note["to_do"]
    hub.write(f"base_url: {vendors.jira.url}", f"base_url: {vendors.jira.url}\n    partner_field: Customer")
    hub.sync(full=True)
    assert hub.abouts() == before
    assert hub.notes() == []


def test_a_removed_jira_field_keeps_whom_its_issues_are_about(vendors: Simulator) -> None:
    hub = Hub(vendors, "jira")
    hub.sync()
    before = hub.abouts()
    vendors.jira.remove_field(PARTNER)
    hub.sync(full=True)
    assert hub.abouts() == before
    (note,) = hub.notes()
    assert f"{PARTNER} (Partner) of issues is gone since" in note["happened"]
    assert "relation" in note["happened"]


@pytest.mark.parametrize("renamed", [True, False])
def test_an_asana_field_renamed_or_removed_keeps_whom_tasks_are_about(
    vendors: Simulator, renamed: bool
) -> None:
    hub = Hub(vendors, "asana")
    hub.sync()
    before = hub.abouts()
    if renamed:
        vendors.asana.rename_field(PARTNER_FIELD_GID, "Customer")
    else:
        vendors.asana.remove_field(PARTNER_FIELD_GID)
    hub.sync(full=True)
    assert hub.abouts() == before
    notes = hub.notes()
    assert {note["stream"] for note in notes} == {"projects", "tasks"}
    words = "is called Customer now" if renamed else "is gone since"
    assert all(words in note["happened"] for note in notes)


def test_a_new_asana_task_is_about_whom_the_new_field_names(vendors: Simulator) -> None:
    hub, asana = Hub(vendors, "asana"), vendors.asana
    hub.sync()
    before = hub.abouts()
    for body in asana.store.held.bodies():
        (old,) = body["custom_fields"]
        body["custom_fields"] = [{**old, "gid": "77", "name": "Customer"}]
    definition = asana.store.held.custom_fields.pop(PARTNER_FIELD_GID)
    asana.store.held.custom_fields["77"] = {**definition, "gid": "77", "name": "Customer"}
    made = deepcopy(next(one for one in vendors.world.projects.tasks.values() if not one.parent_id))
    made.id, made.partner = "990077", None
    gid = asana.add_task(made)
    asana.task(gid).body["custom_fields"] = [
        {**partner_field("brandnew.example"), "gid": "77", "name": "Customer"}
    ]
    hub.sync(full=True)
    assert hub.abouts() - before == {(f"asana/tasks/{gid}", "domain:brandnew.example")}
    assert before <= hub.abouts()


# ---------------------------------------------------------------- spreadsheets


@pytest.mark.parametrize("key", ["    key: Nr", ""], ids=["rows by key", "rows by content"])
def test_a_renamed_column_is_told_and_its_values_stay(tmp_path: Path, key: str, database_url: str) -> None:
    sheet, config = tmp_path / "list.csv", tmp_path / "partnerhub.yaml"
    rows = "".join(
        f"{n},Company {n} GmbH,company{n}.example,{'Gold' if n % 2 else 'Silver'}\n" for n in range(30)
    )
    sheet.write_text("Nr,Company,Website,Tier\n" + rows)
    config.write_text(
        f"warehouse: {database_url}\nown_domains: [own.example]\nsources:\n  list:\n"
        f"    connector: sheets\n    path: list.csv\n{key}\n"
    )
    loaded = load_config(config)
    migrate(loaded.warehouse_url)
    engine = Engine.of(loaded)
    engine.sync([loaded.connector("list")])
    sheet.write_text("Nr,Company,Website,Belongs to\n" + rows)
    engine.sync([loaded.connector("list")])
    with engine.database.session() as connection:
        (note,) = field_notes(connection)
    assert "The field Tier of rows is gone since" in note["happened"]
    assert "Belongs to is new and holds the same values in 30 of 30 records" in note["happened"]
    assert "columns: {tier: Belongs to}" in note["to_do"]
    tiers = engine.query("SELECT tier, count(*) FROM organization WHERE deleted_at IS NULL GROUP BY tier")
    assert sorted(tiers) == [("Gold", 15), ("Silver", 15)]
