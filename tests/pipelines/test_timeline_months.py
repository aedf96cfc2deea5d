"""What is counted of timelines by month equals what the timelines hold, whatever happened to them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from pipelines.golden import months
from pipelines.golden.publish import carry_out
from tests.pipelines.golden_rig import DAY, Hub
from tests.pipelines.test_facts import ACME, BETA, RULES, THEM, US
from warehouse.commands.attach import attach_fact, detach_fact
from warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable

CALL, MAIL, NOTE, TASK = "crm/calls/1", "mail/INBOX/1", "crm/notes/1", "crm/tasks/1"
AUGUST = "2026-08-31T23:59:59.999999Z"
WHEN = "2026-10-01T09:00:00.000000Z"


@pytest.fixture
def hub(database_url) -> Hub:
    """Acme with a call, a mail and a task of September, and Beta with a note of August."""
    made = Hub(Database(database_url), RULES)
    made.stage("organization", ACME, ["domain:acme.example"], name="Acme")
    made.stage("organization", BETA, name="Beta")
    made.stage("touchpoint", CALL, kind="call", direction="out", happened_at=DAY.format(2))
    made.mail(MAIL, THEM, US, direction="in", happened_at=DAY.format(3))
    made.stage("touchpoint", NOTE, kind="note", happened_at=AUGUST)
    made.stage("work_item", TASK, created_at=DAY.format(4))
    for record, company in ((CALL, ACME), (NOTE, BETA), (TASK, ACME)):
        about(made, record, company)
    made.publish()
    return made


def about(hub: Hub, record: str, company: str) -> None:
    hub.stage("relation", f"{record}#about", kind="about", from_record=record, to_record=company)


def months_of(hub: Hub) -> list[tuple[object, ...]]:
    return hub.rows("timeline_month")


def by_hand(hub: Hub) -> list[tuple[object, ...]]:
    """The same, counted off the rows of the timeline one by one."""
    facts = {row[0]: row[1:] for row in hub.rows("fact", "fact_id", "nature", "direction")}
    found = defaultdict(list)
    for organization_id, at, fact_id, entity, kind in hub.rows(
        "timeline", "organization_id", "happened_at", "fact_id", "entity", "kind"
    ):
        found[organization_id, f"{at[:7]}-01", entity, kind].append((at, *facts[fact_id]))
    return sorted((*key, *measures(key[2], rows)) for key, rows in found.items())


def measures(entity: str, rows: list[tuple[str, str, str | None]]) -> tuple[object, ...]:
    talked = [
        way for _, nature, way in rows if (entity, nature) == ("touchpoint", "person") and way != "internal"
    ]
    moments = [at for at, _, _ in rows]
    return (len(rows), len(talked), talked.count("in"), talked.count("out"), min(moments), max(moments))


def merged(hub):
    hub.groups[BETA] = ACME
    hub.stage("organization", BETA, name="Beta")


def split(hub):
    merged(hub)
    hub.publish()
    del hub.groups[BETA]
    hub.stage("organization", BETA, name="Beta")


def decided(command) -> Callable[[Hub], None]:
    def carried(hub: Hub) -> None:
        (fact,) = {row[0] for row in hub.rows("fact", "fact_id", "record") if row[1] == CALL}
        company = BETA if command is attach_fact else ACME
        carry_out(
            hub.database, RULES, "by-hand", WHEN,
            lambda connection: command(connection, fact, hub.id_of(company), actor="ann", now=WHEN),
            identity=hub.identity(),
        )  # fmt: skip

    return carried


def call(**values) -> Callable[[Hub], object]:
    usual = {"kind": "call", "direction": "out", "happened_at": DAY.format(2)}
    return lambda hub: hub.stage("touchpoint", CALL, **{**usual, **values})


HAPPENED = {
    "merged": merged,
    "split": split,
    "attached by hand": decided(attach_fact),
    "detached by hand": decided(detach_fact),
    "moved to another month": call(happened_at=AUGUST),
    "moved within its month": call(happened_at=DAY.format(9)),
    "turned round": call(direction="in"),
    "internal after all": call(direction="internal"),
    "written by a machine": call(nature="auto_reply"),
    "of another kind": call(kind="meeting"),
    "deleted": call(deleted_at=DAY.format(9)),
    "no more staged": lambda hub: hub.unstage("touchpoint", CALL),
    "came new": lambda hub: hub.mail("mail/INBOX/2", US, THEM, direction="out", happened_at=AUGUST),
    "about somebody else": lambda hub: about(hub, NOTE, ACME),
    "company without its domain": lambda hub: hub.stage("organization", ACME, name="Acme"),
}


@pytest.mark.parametrize("what", HAPPENED)
def test_months_count_what_timelines_hold_after_each_change(hub, what):
    before = months_of(hub)
    assert (len(before), before) == (4, by_hand(hub))
    HAPPENED[what](hub)
    hub.publish()
    assert months_of(hub) == by_hand(hub)
    assert what == "split" or months_of(hub) != before


def test_a_last_fact_that_goes_leaves_no_row_that_counts_nothing(hub):
    for record in (CALL, MAIL, NOTE):
        hub.unstage("touchpoint", record)
    hub.unstage("work_item", TASK)
    hub.publish()
    assert (hub.rows("timeline"), months_of(hub)) == ([], [])
    call()(hub)
    hub.publish()
    assert months_of(hub) == by_hand(hub) != []


def test_only_the_month_and_kind_that_changed_is_written(hub):
    before = months_of(hub)
    call(direction="in")(hub)
    hub.publish()
    (written,) = set(months_of(hub)) - set(before)
    assert written[:8] == (hub.id_of(ACME), "2026-09-01", "touchpoint", "call", 1, 1, 1, 0)


def test_a_month_that_loses_its_first_and_gains_a_later_one_tells_both_moments(hub):
    hub.mail("mail/INBOX/2", US, THEM, direction="out", happened_at=DAY.format(5))
    hub.publish()
    hub.unstage("touchpoint", MAIL)
    hub.mail("mail/INBOX/3", US, THEM, direction="out", happened_at=DAY.format(8))
    hub.publish()
    (mails,) = (row for row in months_of(hub) if row[3] == "email")
    assert mails[4:] == (2, 2, 0, 2, DAY.format(5), DAY.format(8))


def test_a_first_publication_counts_some_organizations_at_a_time(hub, monkeypatch):
    monkeypatch.setattr(months, "SOME_ORGANIZATIONS", months.SOME_ORGANIZATIONS.replace("2000", "1"))
    hub.rebuild()
    assert months_of(hub) == by_hand(hub) != []


def test_a_publication_that_changes_no_timeline_writes_no_month(hub):
    hub.stage("organization", BETA, name="Beta Ltd")
    with hub.database.session() as connection:
        connection.execute("UPDATE timeline_month SET facts = 99")
    hub.publish()
    assert {row[4] for row in months_of(hub)} == {99}


@pytest.mark.parametrize(
    ("month", "last"), [("2024-02", "29"), ("2026-02", "28"), ("2026-12", "31"), ("9999-12", "31")]
)
def test_a_month_ends_a_microsecond_before_the_next(month, last):
    assert months.month_of(month) == (f"{month}-01T00:00:00.000000Z", f"{month}-{last}T23:59:59.999999Z")
