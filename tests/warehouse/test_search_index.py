"""What can be found follows what is published: after every change it is what making it whole would give."""

from __future__ import annotations

import pytest

from pipelines.golden import work
from pipelines.golden.search import make_all
from tests.pipelines.golden_rig import DAY, Hub
from warehouse import bulk
from warehouse.database import Database

ACME, ALSO, BETA = "crm/companies/1", "crm/companies/2", "crm/companies/3"
ANA, DECK = "crm/contacts/1", "decks/decks/1"


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url))
    hub.stage("organization", ACME, ["domain:acme.example"], name="Acme GmbH", domain="acme.example")
    hub.stage("organization", ALSO, ["name:acme holding"], name="Ácme Holding")
    hub.stage("organization", BETA, name="Beta")
    hub.stage("person", ANA, ["email:ana@acme.example"], name="Ana Solé", email="ana@acme.example")
    hub.stage("relation", f"{ANA}#job", from_record=ANA, to_record=ACME)
    hub.stage("deal", "crm/deals/1", name="Rollout")
    hub.stage("relation", "crm/deals/1#party", kind="party", from_record="crm/deals/1", to_record=ACME)
    hub.publish()
    return hub


def mark(hub: Hub, *records: str) -> None:
    with hub.database.session() as connection, connection.transaction():
        for record in records:
            hub.mark(connection, "organization", record)


def entries(hub: Hub) -> list[tuple[object, ...]]:
    return hub.rows(
        "search_entry", "kind", "id", "organization_id", "title", "text", "words", "names", "happened_at"
    )


def titles(hub: Hub) -> set[str]:
    return {str(row[0]) for row in hub.rows("search_entry", "title")}


def matching(hub: Hub, word: str) -> set[str]:
    """The titles one word finds, by the engine's own index."""
    with hub.database.session() as connection:
        if connection.dialect == "sqlite":
            select = (
                "SELECT e.title FROM search_words w JOIN search_entry e ON e.entry_id = w.rowid"
                " WHERE search_words MATCH ?"
            )
        else:
            select = "SELECT title FROM search_entry WHERE array_to_tsvector(string_to_array(words, ' ')) @@ ?::tsquery"
        return {str(row[0]) for row in connection.query(select, (word,))}


def made_whole(hub: Hub) -> list[tuple[object, ...]]:
    """The entries when all are made anew, in a transaction that is taken back."""
    with hub.database.session() as connection:
        connection.execute("BEGIN")
        work.prepare(connection)
        make_all(connection)
        columns = "kind, id, organization_id, title, text, words, names, happened_at"
        found = connection.query(f"SELECT {columns} FROM search_entry")
        if connection.dialect == "sqlite":
            connection.execute("INSERT INTO search_words (search_words) VALUES ('integrity-check')")
        connection.execute("ROLLBACK")
    return sorted(found, key=repr)


def sound(hub: Hub) -> bool:
    if hub.database.dialect == "sqlite":
        with hub.database.session() as connection, connection.transaction():
            for index in ("search_words", "search_names"):
                connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
    return entries(hub) == made_whole(hub)


def test_what_is_published_is_found_with_the_names_its_records_give_it(hub):
    assert titles(hub) == {"Acme GmbH", "Ácme Holding", "Beta", "Ana Solé", "Rollout"}
    assert matching(hub, "acme") == {"Acme GmbH", "Ácme Holding", "Ana Solé"}
    assert sound(hub)


def test_another_name_is_found_at_once_and_the_former_one_no_more(hub):
    hub.stage("organization", BETA, name="Kestrel")
    hub.publish()
    assert (matching(hub, "kestrel"), matching(hub, "beta")) == ({"Kestrel"}, set())
    assert sound(hub)


def test_what_was_merged_is_found_by_the_survivor_alone_and_parted_again_both_are(hub):
    hub.groups = {ACME: "one", ALSO: "one"}
    mark(hub, ACME, ALSO)
    hub.publish()
    assert len([each for each in entries(hub) if each[0] == "organization"]) == 2
    assert sound(hub)
    hub.groups = {}
    mark(hub, ACME, ALSO)
    hub.publish()
    assert len([each for each in entries(hub) if each[0] == "organization"]) == 3
    assert sound(hub)


def test_what_was_deleted_at_its_source_or_vanished_is_found_no_more(hub):
    hub.stage("organization", BETA, name="Beta", deleted_at=DAY.format(9))
    hub.stage("person", ANA, name="Ana Solé", deleted_at=DAY.format(9))
    hub.unstage("deal", "crm/deals/1")
    hub.publish()
    assert titles(hub) == {"Acme GmbH", "Ácme Holding"}
    assert sound(hub)


def test_a_subject_is_found_and_a_private_one_and_the_text_are_not(hub):
    for number, sensitivity in (("1", "normal"), ("2", "private")):
        record = f"mail/messages/{number}"
        hub.mail(
            record, "ana@acme.example", subject=f"Subject {number}", text="quince", sensitivity=sensitivity
        )
    hub.publish()
    assert "Subject 1" in titles(hub)
    assert "Subject 2" not in titles(hub)
    assert matching(hub, "quince") == set()
    assert sound(hub)


def test_the_newest_touchpoint_of_an_organization_stands_with_it(hub):
    for number, day in (("1", 3), ("2", 7)):
        hub.mail(f"mail/messages/{number}", "ana@acme.example", subject="Hello", happened_at=DAY.format(day))
        hub.publish()
    at = {row[0]: row[1] for row in hub.rows("search_entry", "title", "happened_at")}
    assert (at["Acme GmbH"], at["Beta"]) == (DAY.format(7), None)
    hub.unstage("touchpoint", "mail/messages/2")
    hub.publish()
    assert ("Acme GmbH", DAY.format(3)) in hub.rows("search_entry", "title", "happened_at")
    assert sound(hub)


def deck(hub: Hub, text: str, parent: str | None = None) -> None:
    """A deck about Acme with one slide."""
    with hub.database.session() as connection, connection.transaction():
        bulk.delete(connection, "staged_passage", ("document_record",), [(DECK,)])
        row = {
            "record": f"{DECK}#slide 1 / Title~x", "source": "decks", "stream": "decks", "source_id": "1", "raw_id": 1,
            "rules": "r", "document_record": DECK, "place": "slide 1 / Title", "extractor": "x", "sha256": "x",
            "text": text,
        }  # fmt: skip
        bulk.insert(connection, "staged_passage", tuple(row), [tuple(row.values())])
    hub.stage("document", DECK, title="Review.pptx", parent_record=parent)
    hub.stage("relation", f"{DECK}#about", kind="about", from_record=DECK, to_record=ACME)
    hub.publish()


def test_a_slide_is_found_by_what_it_says_now(hub):
    deck(hub, "Quinces at large")
    assert matching(hub, "quinces") == {"Review.pptx"}
    deck(hub, "Medlars")
    assert (matching(hub, "quinces"), matching(hub, "medlars")) == (set(), {"Review.pptx"})
    assert sound(hub)


def test_a_deck_that_hangs_on_a_mail_is_found_by_its_file_name_only(hub):
    hub.mail("mail/messages/1", "ana@acme.example", subject="Hello")
    deck(hub, "Quinces", parent="mail/messages/1")
    assert "Review.pptx" in titles(hub)
    assert matching(hub, "quinces") == set()


def test_a_rebuild_gives_the_same_entries(hub):
    before = entries(hub)
    hub.rebuild()
    assert entries(hub) == before
    assert sound(hub)


def test_a_hub_that_knew_no_search_makes_it_with_the_next_publication_though_nothing_waits(hub):
    with hub.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM search_entry")
        connection.execute("DELETE FROM hub_state WHERE name = 'search'")
    assert hub.publish().organizations_written == 0
    assert "Acme GmbH" in titles(hub)
