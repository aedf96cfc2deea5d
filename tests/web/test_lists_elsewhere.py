"""A saved list is used beyond its page: as a file by command, and in the daily digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pipelines.alerts.digest import digest_of
from pipelines.alerts.digest_words import lines
from tests.cli.conftest import subprocess_command


def saved(hub):
    with hub.browser("manager", login="m@hub.example") as manager:
        manager.post("/lists", data={"query": "country=DE&columns=tier", "name": "In Germany", "shared": "1"})
        return manager.get("/partners.csv?country=DE&columns=tier").text


def test_a_list_is_written_as_its_page_shows_it_and_who_took_it_is_known(hub):
    shown = saved(hub)
    told = subprocess_command(hub.folder, "lists", "export", "in germany", "-o", "list.csv", "--json").json
    assert (hub.folder / "list.csv").read_bytes().decode() == shown
    assert told["partners"] == shown.count("\r\n") - 1 > 0
    assert ("partners.export",) in hub.rows("SELECT verb FROM audit_entry")
    (listed,) = subprocess_command(hub.folder, "lists", "--json").json["lists"]
    assert (listed["name"], listed["partners"]) == ("In Germany", told["partners"])


def test_an_export_of_a_list_holds_its_partners_and_nobody_else(hub):
    saved(hub)
    wanted = ("export", "files", "--list", "in germany", "--table", "dim_partner", "--format", "csv")
    told = subprocess_command(hub.folder, *wanted, "--json").json
    (listed,) = subprocess_command(hub.folder, "lists", "--json").json["lists"]
    assert told["list"] == {"name": "In Germany", "partners": listed["partners"]}
    everybody = hub.rows("SELECT count(*) FROM organization")[0][0]
    assert listed["partners"] <= told["tables"][0]["rows"] < everybody
    refused = subprocess_command(hub.folder, *wanted, "--as-of", "2026-10-01")
    assert (refused.code, "by itself" in refused.err) == (2, True)


def test_the_digest_tells_how_many_of_a_watched_list_need_somebody_since_yesterday(hub):
    saved(hub)
    now = datetime(2026, 10, 1, 9, tzinfo=UTC)
    acme = hub.one("SELECT organization_id FROM organization WHERE name = 'Acme GmbH'")[0]
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO signal (signal_id, organization_id, rule, subject, sentence, evidence_json, level, opened_at)"
            " VALUES ('s', ?, 'overdue', '', 'Late.', '[]', 'urgent', '2026-10-01T08:00:00.000000Z')",
            (acme,),
        )
    config = replace(hub.config, alerts=replace(hub.config.alerts, lists=("In Germany", "Gone")))
    with hub.database.session() as connection:
        found = digest_of(config, connection, now)
    assert [(each.name, each.attention, each.news) for each in found.lists] == [
        ("In Germany", 1, 1),
        ("Gone", 0, 0),
    ]
    assert found.lists[0].address == "/partners?country=DE&columns=tier"
    assert "1 need somebody, 1 of them since yesterday" in "\n".join(lines(found))
