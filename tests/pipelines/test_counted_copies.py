"""How many records hold a fact stands with the fact, and is right whatever happens to its copies."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pipelines.golden.publish import carry_out
from pipelines.validate.check import check_rules
from tests.pipelines.golden_rig import DAY, Hub
from tests.pipelines.test_facts import ACME, RULES, THEM, US
from warehouse.commands.attach import detach_fact
from warehouse.database import Database

if TYPE_CHECKING:
    from warehouse.database import Connection

MAIL, SENT, LOGGED, OTHER = "mail/INBOX/1", "mail/Sent/9", "crm/emails/3", "mail/INBOX/2"
SAME = "mail:1@acme.example:ab"
RULE = "copies_counted"


@pytest.fixture
def hub(database_url) -> Hub:
    """Acme with one mail in two mailboxes and the CRM, and with another one that stands alone."""
    made = Hub(Database(database_url), RULES)
    made.stage("organization", ACME, ["domain:acme.example"], name="Acme")
    for record in (MAIL, SENT, LOGGED):
        mail(made, record)
    mail(made, OTHER, same_as="mail:2@acme.example:cd")
    made.publish()
    return made


def mail(hub: Hub, record: str, **values: object) -> None:
    hub.mail(record, THEM, US, **{"same_as": SAME, "happened_at": DAY.format(3), **values})


def counts(hub: Hub) -> list[tuple[str, int]]:
    """What stands with each fact, after the same was counted off its copies."""
    kept = dict(hub.rows("fact", "fact_id", "source_count"))
    assert kept == Counter(fact_id for (fact_id,) in hub.rows("fact_source", "fact_id"))
    return sorted((record, kept[fact_id]) for fact_id, record in hub.rows("fact", "fact_id", "record"))


def taken_off(hub: Hub) -> None:
    (fact,) = [row[0] for row in hub.rows("fact", "fact_id", "record") if row[1] == LOGGED]
    carry_out(
        hub.database, RULES, "by-hand", DAY.format(9),
        lambda connection: detach_fact(connection, fact, hub.id_of(ACME), actor="ann", now=DAY.format(9)),
        identity=hub.identity(),
    )  # fmt: skip


HAPPENED = {
    "a copy came": (lambda hub: mail(hub, "mail/Archive/4"), [(LOGGED, 4), (OTHER, 1)]),
    "a copy went": (lambda hub: hub.unstage("touchpoint", SENT), [(LOGGED, 2), (OTHER, 1)]),
    "the copy shown went": (lambda hub: hub.unstage("touchpoint", LOGGED), [(MAIL, 2), (OTHER, 1)]),
    "a copy was deleted": (lambda hub: mail(hub, SENT, deleted_at=DAY.format(9)), [(LOGGED, 3), (OTHER, 1)]),
    "a copy is another mail's": (
        lambda hub: mail(hub, SENT, same_as="mail:2@acme.example:cd"),
        [(LOGGED, 2), (OTHER, 2)],
    ),
    "two are one after all": (lambda hub: mail(hub, OTHER), [(LOGGED, 4)]),
    "one is two after all": (
        lambda hub: mail(hub, SENT, same_as="mail:3@acme.example:ef"),
        [(LOGGED, 2), (OTHER, 1), (SENT, 1)],
    ),
    "a person took it off": (taken_off, [(LOGGED, 3), (OTHER, 1)]),
}


@pytest.mark.parametrize("what", HAPPENED)
def test_a_fact_says_how_many_records_hold_it_after_each_change_and_a_rebuild(hub, what):
    happens, expected = HAPPENED[what]
    assert counts(hub) == [(LOGGED, 3), (OTHER, 1)]
    happens(hub)
    hub.publish()
    stood = hub.published()
    assert counts(hub) == expected
    hub.rebuild()
    assert hub.published() == stood


@pytest.mark.parametrize(
    "entered", ["touchpoint", "work_item", "document", "agreement", "commitment", "deal"]
)
def test_facts_of_each_kind_have_one_record_until_there_are_more(hub, entered):
    hub.stage(entered, "hand/entries/1", created_at=DAY.format(4)) if entered != "touchpoint" else mail(
        hub, "hand/entries/1", same_as=None
    )
    hub.publish()
    assert ("hand/entries/1", 1) in counts(hub)


@pytest.mark.parametrize(("kept", "wrong"), [(3, 0), (2, 1)])
def test_a_count_that_is_not_that_of_the_copies_is_found(hub, kept, wrong):
    def found(connection: Connection) -> list[int]:
        return [each.violations for each in check_rules(connection) if each.rule.name == RULE]

    with hub.database.session() as connection:
        connection.execute("UPDATE fact SET source_count = ? WHERE source_count > 1", (kept,))
        assert found(connection) == [wrong]
