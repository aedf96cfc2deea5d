"""Touchpoints, ties, stages and colleagues as of a moment: after each change, what was read then comes out again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from pipelines.golden.past import PASTS
from pipelines.golden.publish import carry_out
from tests.pipelines.golden_rig import DAY, Hub
from tests.warehouse.reading_then import differing, dumped
from tests.web.partner_rig import RULES, put
from warehouse.commands.attach import attach_fact, detach_fact
from warehouse.commands.redact import redact_record
from warehouse.database import Database

ACME, BETA = "crm/companies/1", "crm/companies/2"
ANN, ANN_WORKS = "crm/contacts/1", "crm/contacts/1#works"
MAIL, LOGGED, TASK = "mail/messages/1", "crm/emails/3", "crm/tasks/1"
DEAL, STAGE, NEXT_STAGE = "crm/deals/1", "crm/deals/1#stage-1", "crm/deals/1#stage-2"
JO, JO_TOO = "crm/owners/1", "sheet/people/1"
TEXT = "Thank you for the call. We would like to start the rollout in March, if the contract allows."
RAW = ("raw_id", "source", "stream", "source_id", "op", "content_hash", "run_id", "landed_at")


@dataclass
class Story:
    """A hub whose marts are written down after every publication."""

    hub: Hub
    landed: int = 10
    told: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def stage(self, kind: str, record: str, /, *keys: str, **values: Any) -> None:
        """A version of a record lands and is staged, half a minute before it is published."""
        self.hub.stage(kind, record, keys, raw_id=self.land(record), **values)

    def mail(self, record: str, **values: Any) -> None:
        self.hub.mail(
            record, "ann@acme.example", "us@hub.example", raw_id=self.land(record),
            **{"subject": "Rollout", "text": TEXT, "happened_at": DAY.format(3), "direction": "in", **values},
        )  # fmt: skip

    def land(self, record: str) -> int:
        self.landed += 1
        source, stream, rest = record.split("/", 2)
        at = f"2026-10-01T00:{self.hub.runs:02d}:30.000000Z"
        row = (self.landed, source, stream, rest.partition("#")[0], "upsert", "a", f"run-{self.landed}", at)
        put(self.hub, "raw_record", RAW, [row])
        return self.landed

    def publish(self) -> None:
        self.hub.publish()
        self.note()

    def note(self) -> None:
        """Write down what the marts say, of a moment after the last publication and before the next."""
        self.told[f"2026-10-01T00:{self.hub.runs:02d}:20.000000Z"] = dumped(self.hub.database)

    def regroup(self, groups: dict[str, str]) -> None:
        """Another partition, as identity would decide it."""
        self.hub.groups = groups
        with self.hub.database.session() as connection, connection.transaction():
            for record in (ACME, BETA):
                self.hub.mark(connection, "organization", record)
        self.publish()

    def decide(self, act: Any, record: str, organization: str) -> None:
        """A steward's act, at the minute of the next publication."""
        self.hub.runs += 1
        now = f"2026-10-01T00:{self.hub.runs:02d}:00.000000Z"
        (fact_id,) = [row[1] for row in self.hub.rows("fact_source", "record", "fact_id") if row[0] == record]
        owner = self.hub.id_of(organization)
        carry_out(
            self.hub.database, self.hub.settings, f"run-{self.hub.runs}", now,
            lambda c: act(c, fact_id, owner, actor="ada", now=now), identity=self.hub.identity(),
        )  # fmt: skip
        self.note()

    def assert_told(self, *marts: str) -> None:
        """Of every moment each mart says what it said then; those named had something to say of each change."""
        for name in marts:
            said = [each[name] for each in self.told.values()]
            assert [one for one, other in pairwise(said) if one == other] == [], name
        assert differing(self.hub.database, self.told) == []


@pytest.fixture
def story(database_url) -> Story:
    """Ann of Acme, a mail of hers, a task and a deal of Acme with its first stage, and Jo of ours."""
    told = Story(Hub(Database(database_url), RULES))
    told.stage("organization", ACME, "domain:acme.example", name="Acme", domain="acme.example")
    told.stage("organization", BETA, "domain:beta.example", name="Beta", domain="beta.example")
    told.stage("colleague", JO, "email:jo@hub.example", name="Jo", email="jo@hub.example")
    told.stage("person", ANN, "email:ann@acme.example", name="Ann", email="ann@acme.example")
    told.stage("relation", ANN_WORKS, from_record=ANN, to_record=ACME, role="CTO")
    told.mail(MAIL, owner_record=JO)
    told.stage("work_item", TASK, title="Call", created_at=DAY.format(2), owner_record=JO)
    told.stage("relation", f"{TASK}#about", kind="about", from_record=TASK, to_record=ACME)
    told.stage("deal", DEAL, name="Renewal", created_at=DAY.format(1))
    told.stage(
        "relation", f"{DEAL}#party", kind="party", from_record=DEAL, to_record=ACME, role="Distributor"
    )
    told.stage("deal_stage_change", STAGE, deal_record=DEAL, stage="Talk", changed_at=DAY.format(1))
    told.publish()
    return told


TIES = (
    "bridge_touchpoint_partner",
    "bridge_work_item_partner",
    "bridge_deal_partner",
    "bridge_contact_partner",
)


def test_before_a_merge_and_after_the_split_that_undoes_it_the_old_ids_stand(story):
    story.regroup({BETA: BETA, ACME: BETA})
    story.regroup({})
    story.assert_told(*TIES)


def test_what_a_steward_attached_and_took_off_again_is_there_in_between(story):
    story.decide(attach_fact, MAIL, BETA)
    story.decide(detach_fact, MAIL, BETA)
    story.decide(detach_fact, MAIL, ACME)
    story.assert_told()
    assert [len(each["bridge_touchpoint_partner"]) for each in story.told.values()] == [1, 2, 1, 0]


def test_what_is_deleted_at_its_source_and_comes_back_is_gone_in_between(story):
    for deleted_at in (DAY.format(20), None):
        story.mail(MAIL, deleted_at=deleted_at)
        story.stage("work_item", TASK, title="Call", created_at=DAY.format(2), deleted_at=deleted_at)
        story.stage("deal", DEAL, name="Renewal", created_at=DAY.format(1), deleted_at=deleted_at)
        story.publish()
    story.assert_told("fct_touchpoint", *TIES[:3])


def test_a_copy_of_one_touchpoint_that_turns_out_to_be_of_another_and_back(story):
    story.mail(LOGGED)
    story.publish()
    story.mail(LOGGED, subject="Something else", text="Other words.", happened_at=DAY.format(9))
    story.publish()
    story.mail(LOGGED)
    story.publish()
    story.assert_told("fct_touchpoint")
    assert [len(each["fct_touchpoint"]) for each in story.told.values()] == [1, 1, 2, 1]


def test_a_record_that_is_staged_no_more_and_comes_again_is_nothing_in_between(story):
    story.hub.unstage("touchpoint", MAIL)
    story.hub.unstage("colleague", JO)
    story.publish()
    story.mail(MAIL)
    story.stage("colleague", JO, "email:jo@hub.example", name="Jo", email="jo@hub.example")
    story.publish()
    story.assert_told("fct_touchpoint", "bridge_touchpoint_partner", "dim_owner")


def test_the_part_of_a_partner_in_a_deal_is_what_it_was(story):
    party = {"kind": "party", "from_record": DEAL, "to_record": ACME}
    for role in ("Referral partner", None, "Consultant"):
        story.stage("relation", f"{DEAL}#party", role=role, **party)
        story.publish()
    story.assert_told("bridge_deal_partner")
    roles = [each["bridge_deal_partner"][0]["partner_role"] for each in story.told.values()]
    assert roles == ["reselling", "sourcing", "customer", "influencing"]


def test_a_stage_that_is_added_worded_anew_or_taken_back_is_told_as_it_was(story):
    for stage in ("Offer", "Proposal"):
        story.stage("deal_stage_change", NEXT_STAGE, deal_record=DEAL, stage=stage, changed_at=DAY.format(4))
        story.publish()
    story.hub.unstage("deal_stage_change", NEXT_STAGE)
    story.publish()
    story.assert_told("fct_deal_stage")


def test_a_colleague_who_is_renamed_is_known_twice_and_leaves(story):
    jo = {"email": "jo@hub.example"}
    story.stage("colleague", JO, "email:jo@hub.example", name="Jo Park", **jo)
    story.publish()
    story.stage("colleague", JO_TOO, "email:jo@hub.example", name="Jo Park", **jo)
    story.publish()
    story.stage("colleague", JO, "email:jo@hub.example", name="Jo Park", active=False, **jo)
    story.stage("colleague", JO_TOO, "email:jo@hub.example", name="Jo Park", active=False, **jo)
    story.publish()
    story.assert_told("dim_owner")


def test_a_person_who_changes_employer_and_role_worked_where_they_worked(story):
    story.stage("relation", ANN_WORKS, from_record=ANN, to_record=ACME, role="CEO")
    story.publish()
    story.stage("relation", ANN_WORKS, from_record=ANN, to_record=BETA, role="CEO")
    story.publish()
    story.assert_told("bridge_contact_partner")


def test_a_person_who_is_called_otherwise_was_called_what_they_were(story):
    for name, title, deleted_at in (
        ("Ann Lee", "CEO", None),
        ("Ann Lee", "CEO", DAY.format(20)),
        ("Ann", None, None),
    ):
        said = {"name": name, "title": title, "email": "ann@acme.example", "deleted_at": deleted_at}
        story.stage("person", ANN, "email:ann@acme.example", **said)
        story.publish()
    story.assert_told("dim_contact")
    assert [row[2] for row in images(story.hub)["person_past"]] == ["Ann", "Ann Lee"]


def test_a_deal_that_opened_at_another_day_and_was_deleted_is_told_as_it_was(story):
    for created_at, deleted_at in ((DAY.format(5), None), (DAY.format(6), DAY.format(20))):
        story.stage("deal", DEAL, name="Renewal", created_at=created_at, deleted_at=deleted_at)
        story.publish()
    story.assert_told("fct_deal")
    assert [each["fct_deal"][0]["count_records"] for each in story.told.values()] == [1, 1, 0]


def test_what_came_later_was_not_there(story):
    story.mail("mail/messages/2", happened_at=DAY.format(4))
    story.stage("person", "crm/contacts/2", name="Bo")
    story.stage("relation", "crm/contacts/2#works", from_record="crm/contacts/2", to_record=ACME)
    story.publish()
    story.assert_told("fct_touchpoint", "bridge_touchpoint_partner", "bridge_contact_partner")


def test_a_first_publication_and_one_that_makes_all_anew_write_no_image(story):
    assert images(story.hub) == {}
    story.hub.rebuild()
    assert images(story.hub) == {}
    story.regroup({BETA: BETA, ACME: BETA})
    before = images(story.hub)
    assert set(before) == {"timeline_past", "person_organization_past"}
    story.hub.rebuild()
    assert images(story.hub) == before


def images(hub: Hub) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in the tables of before-images, but for empty ones."""
    found = {past.name: hub.rows(past.name) for past in PASTS.values()}
    return {name: rows for name, rows in found.items() if rows}


def redact(story: Story, *records: str) -> None:
    """Somebody has these records forgotten, and what follows from it is published."""
    for record in records:
        source, stream, source_id = key = record.split("/", 2)
        row = (*key, 1, "upsert", b"hash", 1)
        columns = ("source", "stream", "source_id", "raw_id", "op", "content_hash", "staged_raw_id")
        put(story.hub, "raw_current", columns, [row])
        story.hub.runs += 1
        now = f"2026-10-01T00:{story.hub.runs:02d}:00.000000Z"
        forget = partial(
            redact_record, source=source, stream=stream, source_id=source_id, reason="asked to",
            secret=b"0123456789abcdef", now=now,
        )  # fmt: skip
        carry_out(
            story.hub.database, story.hub.settings, f"run-{story.hub.runs}", now, forget,
            identity=story.hub.identity(),
        )  # fmt: skip


def test_what_is_redacted_stands_in_no_image_and_no_version(story):
    story.stage(
        "relation", f"{DEAL}#party", kind="party", from_record=DEAL, to_record=ACME, role="Jo's agent"
    )
    story.stage("relation", ANN_WORKS, from_record=ANN, to_record=ACME, role="CEO since Ann")
    story.stage("colleague", JO, "email:jo@hub.example", name="Jo Park", email="jo@hub.example")
    story.stage("person", ANN, "email:ann@acme.example", name="Ann Lee", email="ann@acme.example")
    story.publish()
    redact(story, DEAL, ANN, JO)
    kept = repr((images(story.hub), story.hub.rows("deal_stage_version")))
    words = ("Distributor", "agent", "CTO", "CEO", "Jo", "jo@hub", "Talk", "ann@", "Ann")
    assert [word for word in words if word in kept] == []
    assert set(images(story.hub)) >= {
        "timeline_past",
        "colleague_past",
        "person_past",
        "person_organization_past",
    }


def test_what_records_said_of_a_touchpoint_of_work_and_of_a_partner_is_told_as_it_was(story):
    for status, owner, name in (("read", None, "Acme Ltd"), ("answered", JO, "Acme")):
        story.mail(MAIL, status=status, owner_record=owner)
        story.stage("work_item", TASK, title=f"Call {name}", status=status, owner_record=owner)
        story.stage("organization", ACME, "domain:acme.example", name=name, domain="acme.example")
        story.publish()
    story.assert_told("fct_touchpoint", "fct_work_item", "bridge_partner_source")


def test_work_that_is_staged_no_more_and_comes_again_is_nothing_in_between(story):
    story.hub.unstage("work_item", TASK)
    story.publish()
    story.stage("work_item", TASK, title="Call", created_at=DAY.format(2))
    story.publish()
    story.assert_told("fct_work_item")
    assert [len(each["fct_work_item"]) for each in story.told.values()] == [1, 0, 1]
