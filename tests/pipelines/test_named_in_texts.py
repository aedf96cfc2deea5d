"""A title, a note or a signature that clearly names one organization places its fact, and nothing less does."""

from __future__ import annotations

import pytest

from pipelines.golden.settings import PublishSettings
from pipelines.resolve import propose
from tests.pipelines.golden_rig import Hub
from warehouse.commands.attach import detach_fact
from warehouse.database import Database

QUILLGATE, NORTHLEA = "crm/companies/1", "crm/companies/2"
TASK = "work/tasks/1"
NOW = "2026-10-01T00:00:00.000000Z"


class NamedHub(Hub):
    """A hub in which names are looked up as in a sync."""

    def partner(self, record: str, name: str, key: str, *keys: str) -> str:
        return self.stage("organization", record, [f"name:{key}", *keys], name=name)

    def publish_named(self) -> dict[str, list[tuple[str, str | None]]]:
        """Publish; record of each fact → (organization record, method) on whose timelines it is."""
        propose(self.database, "run", NOW)
        self.publish()
        return self.places()

    def places(self) -> dict[str, list[tuple[str, str | None]]]:
        with self.database.session() as connection:
            rows = connection.query(
                "SELECT f.record, l.record, t.method FROM fact f LEFT JOIN timeline t ON t.fact_id = f.fact_id"
                " LEFT JOIN organization_link l ON l.organization_id = t.organization_id AND l.ended_at IS NULL"
                " ORDER BY 1, 2"
            )
        found: dict[str, list[tuple[str, str | None]]] = {}
        for fact, organization, method in rows:
            found.setdefault(fact, []).extend([(organization, method)] if organization else [])
        return found


@pytest.fixture
def hub(database_url: str) -> NamedHub:
    hub = NamedHub(Database(database_url), PublishSettings(own_domains=frozenset({"ours.example"})))
    hub.partner(
        QUILLGATE, "Quillgate Care Services Ltd", "quillgate care services", "domain:quillgate.example"
    )
    hub.partner(NORTHLEA, "Northlea Software GmbH", "northlea software", "domain:northlea.example")
    return hub


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Set up tenant for Quillgate Care Services", None),
        ("Call back on Monday", "Four seats, two groups. Partner: Quillgate Care Services Ltd."),
        ("QUILLGATE CARE SERVICES: next steps", None),
    ],
)
def test_a_text_that_names_one_partner_word_for_word_places_the_fact_and_is_quoted(
    hub: NamedHub, title: str, text: str | None
) -> None:
    hub.stage("work_item", TASK, title=title, text=text)
    assert hub.publish_named() == {TASK: [(QUILLGATE, "mention")]}
    ((quote, anchor),) = hub.rows("fact_link", "quote", "anchor")
    assert anchor == "name:quillgate care services"
    assert "quillgate care services" in quote.lower()


@pytest.mark.parametrize(
    "title",
    [
        "Introduce Quillgate Care Services to Northlea Software",
        "Quillgate wants a tenant",
        "Care Services of the town",
        "Handover from Quillgate Care Services, University of Leeds",
        "Ask about quillgate",
    ],
)
def test_a_text_that_may_mean_another_one_waits(hub: NamedHub, title: str) -> None:
    hub.stage("work_item", TASK, title=title)
    assert hub.publish_named() == {TASK: []}
    assert hub.rows("fact", "attached") == [("unknown",)]


def test_a_title_and_a_text_that_name_two_wait(hub: NamedHub) -> None:
    hub.stage("work_item", TASK, title="Tenant for Quillgate Care Services", text="As for Northlea Software.")
    assert hub.publish_named() == {TASK: []}


def test_the_partner_who_comes_later_gets_what_waited(hub: NamedHub) -> None:
    hub.stage("work_item", TASK, title="Set up tenant for Harborworth Logistics")
    assert hub.publish_named() == {TASK: []}
    hub.partner("crm/companies/3", "Harborworth Logistics", "harborworth logistics")
    assert hub.publish_named() == {TASK: [("crm/companies/3", "mention")]}


@pytest.mark.parametrize("other", ["Quillgate Care Services SAS", "Quillgate Care Services Columbus"])
def test_a_namesake_or_a_longer_name_that_comes_later_takes_the_fact_off_again(
    hub: NamedHub, other: str
) -> None:
    hub.stage("work_item", TASK, title="Set up tenant for Quillgate Care Services")
    assert hub.publish_named()[TASK]
    hub.partner("crm/companies/3", other, other.lower().removesuffix(" sas"))
    assert hub.publish_named() == {TASK: []}
    hub.groups = dict.fromkeys((QUILLGATE, "crm/companies/3"), "one")
    with hub.database.session() as connection, connection.transaction():
        hub.mark(connection, "organization", "crm/companies/3")
        hub.mark(connection, "organization", QUILLGATE)
    assert {method for _, method in hub.publish_named()[TASK]} == {"mention"}


def test_an_address_outranks_a_name_and_a_stranger_s_company_speaks_for_itself(hub: NamedHub) -> None:
    text = "We work with Quillgate Care Services."
    known = hub.mail("box/mail/1", "ann@northlea.example", "me@ours.example", text=text)
    stranger = hub.mail("box/mail/2", "bo@unheard.example", "me@ours.example", text=text)
    private = hub.mail("box/mail/3", "cy@gmail.com", "me@ours.example", text=text)
    assert hub.publish_named() == {
        known: [(NORTHLEA, "domain")],
        stranger: [],
        private: [(QUILLGATE, "mention")],
    }


def test_a_person_s_word_takes_it_off_for_good(hub: NamedHub) -> None:
    hub.stage("work_item", TASK, title="Set up tenant for Quillgate Care Services")
    hub.publish_named()
    ((fact_id, organization_id),) = hub.rows("timeline", "fact_id", "organization_id")
    with hub.database.session() as connection, connection.transaction():
        detach_fact(connection, fact_id, organization_id, actor="ann", now=NOW)
    assert hub.publish_named() == {TASK: []}
    hub.rebuild()
    assert hub.places() == {TASK: []}


def test_a_sensitive_text_is_not_read(hub: NamedHub) -> None:
    text = "Tenant for Quillgate Care Services"
    hub.stage("touchpoint", "crm/notes/1", kind="note", text=text, sensitivity="private")
    assert hub.publish_named() == {"crm/notes/1": []}


def test_publishing_again_writes_nothing_and_a_rebuild_says_the_same(hub: NamedHub) -> None:
    hub.stage("work_item", TASK, title="Set up tenant for Quillgate Care Services")
    hub.publish_named()
    before = hub.published()
    assert hub.publish().facts_written == 0
    hub.rebuild()
    assert hub.published() == before
