"""After a migration nothing is said that nobody has looked up yet; and facts on no timeline are counted whole."""

from __future__ import annotations

import pytest

from pipelines.golden.finding import make_findable
from tests.web.partner_rig import browsing
from warehouse.queries.stewarding import count_unmatched
from warehouse.queries.waiting import list_unmatched
from warehouse.viewer import OPERATOR

AT = "2026-09-03T08:00:00.000000Z"


@pytest.fixture
def migrated(small):
    """A hub that was published before there was a search."""
    hub, url = small
    hub.mail("crm/calls/1", "ann@acme.example", kind="call", happened_at=AT, subject="Terms")
    hub.publish()
    with hub.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM search_entry")
        connection.execute("DELETE FROM hub_state WHERE name = 'search'")
        connection.execute(
            "INSERT INTO partnership (organization_id, program, rule)"
            " SELECT organization_id, 'p', 'r' FROM organization"
            " WHERE true ON CONFLICT DO NOTHING"
        )
    return hub, url


def test_until_it_is_known_the_list_does_not_say_never(migrated):
    hub, url = migrated
    with browsing(url, hub) as client:
        text = client.get("/partners").text
        assert "known with the next sync" in text
        assert ">never<" not in text
        assert make_findable(hub.database)
        text = client.get("/partners").text
        assert AT in text
        assert ">never<" in text
        assert "Acme" in client.get("/search?q=acme").text
    assert not make_findable(hub.database)


def test_facts_that_several_may_mean_wait_as_well_and_other_reasons_are_listed_when_asked(small):
    hub, _ = small
    for number, why in enumerate(("ambiguous", "internal", "unknown")):
        hub.mail(f"crm/calls/{number}", "x@nobody.example", kind="call", subject=why)
    hub.publish()
    with hub.database.session() as connection:
        with connection.transaction():
            connection.execute("UPDATE fact SET attached = title")
        assert count_unmatched(connection) == 2
        listed = list_unmatched(OPERATOR, connection, ("internal",))
    assert [row["title"] for row in listed] == ["internal"]
