from __future__ import annotations

import pytest

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.database import Database
from warehouse.queries import identity, partners, record, waiting
from warehouse.queries.partner_list import Wanted, list_page
from warehouse.viewer import OPERATOR

ACME, ACME_SHEET, BETA = "crm/companies/1", "sheet/list/1", "crm/companies/2"
RULES = PublishSettings(
    Survivorship({"crm": 10}), (PartnerRule("crm"),), own_domains=frozenset({"hub.example"})
)


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url), RULES, groups={ACME_SHEET: ACME})
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme", tier="Gold", domain="acme.example")
    hub.stage("organization", ACME_SHEET, name="ACME Ltd", tier="Silver")
    hub.stage("organization", BETA, name="Beta", modified_at=DAY.format(4), custom_json={"color": "red"})
    for day in range(1, 6):
        hub.mail(
            f"mail/I/{day}",
            "ann@acme.example",
            "me@hub.example",
            happened_at=DAY.format(day),
            subject=str(day),
        )
    hub.mail("mail/I/9", "x@unknown.example", "me@hub.example")
    hub.publish()
    return hub


@pytest.fixture
def connection(hub):
    with hub.database.session() as connection:
        yield connection


def test_the_partner_list_pages_by_name_without_repeating(hub, connection):
    first = list_page(OPERATOR, connection, Wanted(), limit=1)
    second = list_page(OPERATOR, connection, Wanted(), first.following, limit=1)
    assert [row.values["name"] for row in (*first.rows, *second.rows)] == ["Acme", "Beta"]
    assert (second.following, first.rows[0].values["last_contact_at"]) == (None, DAY.format(5))


def test_an_organization_is_found_by_id_former_id_name_and_part_of_a_name(hub, connection):
    acme = hub.id_of(ACME)
    with connection.transaction():
        connection.execute("INSERT INTO redirect (from_id, started_at, entity, to_id)"
            " VALUES ('old', ?, 'organization', ?)",
                           (DAY.format(1), acme))  # fmt: skip
    for text in (acme, "old", "ACME", "acm", "acme.example"):
        assert [row.organization_id for row in partners.find_organizations(OPERATOR, connection, text)] == [
            acme
        ], text
    assert identity.former_ids(connection, acme) == ["old"]


def test_every_value_is_explained_down_to_its_record_and_who_disagrees(hub, connection):
    found = {value.field: value for value in record.values(OPERATOR, connection, hub.id_of(ACME))}
    assert (found["tier"].value, found["tier"].record, found["tier"].rule) == ("Gold", ACME, "priority")
    assert found["tier"].others[0] == (ACME_SHEET, "Silver", None)


def test_values_of_an_organization_with_one_record_are_explained_too(hub, connection):
    found = {value.field: value for value in record.values(OPERATOR, connection, hub.id_of(BETA))}
    assert {(name, value.record, value.rule) for name, value in found.items()} == {
        ("name", BETA, "only"),
        ("custom.color", BETA, "only"),
    }


def test_a_record_is_shown_as_it_was_known_then(hub, connection):
    hub.groups[ACME_SHEET] = ACME_SHEET
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme Renamed")
    hub.stage("organization", ACME_SHEET, name="ACME Ltd")
    hub.publish()
    then, now = "2026-10-01T00:01:30.000000Z", "2026-10-01T00:02:00.000000Z"
    assert record.organization_as_of(OPERATOR, connection, hub.id_of(ACME), then)["name"] == "Acme"
    assert record.organization_as_of(OPERATOR, connection, hub.id_of(ACME), now)["name"] == "Acme Renamed"
    assert (
        record.organization_as_of(OPERATOR, connection, hub.id_of(ACME), "2026-09-01T00:00:00.000000Z")
        is None
    )
    assert [link.record for link in identity.links_at(connection, hub.id_of(ACME), then)] == [
        ACME,
        ACME_SHEET,
    ]
    assert [link.record for link in identity.links_at(connection, hub.id_of(ACME))] == [ACME]


def test_the_timeline_pages_newest_first(hub, connection):
    seen, before = [], None
    while page := record.timeline(OPERATOR, connection, hub.id_of(ACME), before=before, limit=2):
        seen += [event.title for event in page]
        before = (page[-1].happened_at, page[-1].fact_id)
    assert seen == ["5", "4", "3", "2", "1"]


def test_what_is_on_no_timeline_is_counted_and_shown_with_its_addresses(hub, connection):
    counted = {row["attached"]: row["facts"] for row in waiting.count_attachment(connection)}
    assert counted == {"attached": 5, "unknown": 1}
    assert waiting.list_unmatched(OPERATOR, connection, ("unknown",))[0]["addresses"] == [
        "me@hub.example",
        "x@unknown.example",
    ]


def test_a_match_is_shown_with_its_score_and_reasons(hub, connection):
    with connection.transaction():
        connection.execute(
            "INSERT INTO match_edge (left_record, right_record, entity, score, band, why_json, rules, run_id,"
            " recorded_at) VALUES (?, ?, 'organization', 7.5, 'auto', '[\"same name\"]', 'r', 'run-1', ?)",
            (ACME, ACME_SHEET, DAY.format(1)),
        )
    assert identity.matches_within(connection, hub.id_of(ACME)) == [
        identity.Match(ACME, ACME_SHEET, 7.5, "auto", ["same name"])
    ]


def test_changes_are_listed_newest_first(hub, connection):
    hub.stage("organization", BETA, name="Beta", tier="Gold")
    hub.publish()
    changes = identity.changes_of(connection, hub.id_of(BETA))
    assert [(row["field"], row["after"]) for row in changes][:2] == [("custom_json", None), ("tier", "Gold")]


@pytest.mark.parametrize("typed", ["Österreichische Post", "österreichische post", "ÖSTERREICH", "öster"])
def test_names_are_found_whatever_the_case_of_their_letters(hub, typed):
    hub.stage("organization", "crm/companies/9", name="Österreichische Post")
    hub.publish()
    with hub.database.session() as connection:
        assert [found.name for found in partners.find_organizations(OPERATOR, connection, typed)] == [
            "Österreichische Post"
        ]
        assert [row.values["name"] for row in list_page(OPERATOR, connection, Wanted(text=typed)).rows] == [
            "Österreichische Post"
        ]


@pytest.mark.parametrize("typed", ["%", "_", "!", "100%", "\udcff", "a\0b"])
def test_nothing_typed_is_a_wildcard_or_breaks_the_search(connection, typed):
    assert partners.find_organizations(OPERATOR, connection, typed) == []
