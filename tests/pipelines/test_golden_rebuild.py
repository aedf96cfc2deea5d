"""Publishing change by change ends where publishing everything at once does, row for row, on both engines."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnerhub.identity.survivorship import Survivorship
from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.database import Database

RULES = PublishSettings(
    survivorship=Survivorship({"crm": 10}, {"tier": ("sheet",)}),
    partner_rules=(PartnerRule("crm", where={"account_type": ["partner"]}), PartnerRule("sheet")),
    own_domains=frozenset({"hub.example"}),
)
COMPANIES = ("crm/companies/1", "crm/companies/2", "sheet/list/1", "sheet/list/2")
PEOPLE = ("crm/contacts/1", "crm/contacts/2")
MAILS = ("mail/INBOX/1", "mail/INBOX/2", "crm/emails/1")
ADDRESSES = ("ann@acme.example", "bo@beta.example", "cy@gmail.com", "me@hub.example", "x@sub.acme.example")
DOMAINS = ("acme.example", "beta.example", "sub.acme.example")
OWNER, NOTE, DEAL, FILE = "crm/owners/1", "crm/notes/1", "crm/deals/1", "mail/INBOX/1#part2"
maybe = st.sampled_from([None, DAY.format(7)])

organizations = st.tuples(
    st.just("organization"), st.sampled_from(COMPANIES), st.sampled_from(["Acme", "Beta"]),
    st.sampled_from([None, "partner", "customer"]), st.lists(st.sampled_from(DOMAINS), max_size=2, unique=True),
    maybe, st.sampled_from([None, "Gold"]), st.sampled_from(COMPANIES),
)  # fmt: skip
persons = st.tuples(
    st.just("person"), st.sampled_from(PEOPLE), st.sampled_from(ADDRESSES), st.sampled_from(PEOPLE)
)
jobs = st.tuples(st.just("works_at"), st.sampled_from(PEOPLE), st.sampled_from(COMPANIES), maybe)
mails = st.tuples(
    st.just("mail"), st.sampled_from(MAILS), st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES),
    st.sampled_from(["person", "list", "auto_reply"]), st.sampled_from([None, "mail:1", "mail:2"]), maybe,
)  # fmt: skip
links = st.tuples(
    st.just("about"),
    st.sampled_from([NOTE, DEAL, MAILS[0]]),
    st.sampled_from([*COMPANIES, *PEOPLE, DEAL]),
    maybe,
)
things = st.tuples(st.sampled_from(["note", "deal", "document", "colleague"]), st.sampled_from(ADDRESSES))
removals = st.tuples(
    st.just("remove"),
    st.sampled_from(
        [("organization", COMPANIES[0]), ("person", PEOPLE[0]), ("touchpoint", MAILS[0]), ("touchpoint", NOTE),
         ("deal", DEAL), ("document", FILE), ("colleague", OWNER), ("relation", f"{PEOPLE[0]}#job"),
         ("relation", f"{NOTE}#about")]
    ),
)  # fmt: skip
edits = st.lists(
    st.one_of(organizations, persons, jobs, mails, links, things, removals, st.just(("publish",))),
    min_size=4,
    max_size=25,
)


def apply(hub, edit):
    match edit:
        case ("organization", record, name, account_type, domains, deleted_at, tier, group):
            hub.groups[record] = group
            hub.stage("organization", record, [f"domain:{domain}" for domain in domains], name=name, tier=tier,
                      account_type=account_type, deleted_at=deleted_at, owner_record=OWNER)  # fmt: skip
        case ("person", record, address, group):
            hub.groups[record] = group
            hub.stage("person", record, [f"email:{address}"], name=record, email=address)
        case ("works_at", person, company, deleted_at):
            hub.stage(
                "relation", f"{person}#job", from_record=person, to_record=company, deleted_at=deleted_at
            )
        case ("mail", record, sender, to, nature, same_as, deleted_at):
            direction = "out" if sender.endswith("@hub.example") else "in"
            hub.mail(
                record, sender, to, nature=nature, same_as=same_as, deleted_at=deleted_at, direction=direction
            )
        case ("about", record, target, deleted_at):
            hub.stage("relation", f"{record}#about", kind="party" if record == DEAL else "about",
                      from_record=record, to_record=target, deleted_at=deleted_at)  # fmt: skip
        case ("note", _):
            hub.stage("touchpoint", NOTE, kind="note")
        case ("deal", _):
            hub.stage("deal", DEAL, name="Big", created_at=DAY.format(2))
        case ("document", _):
            hub.stage("document", FILE, title="offer.pdf", parent_record=MAILS[0])
        case ("colleague", address):
            hub.stage("colleague", OWNER, [f"email:{address}"], name=address)
        case ("remove", (kind, record)):
            hub.unstage(kind, record)
        case ("publish",):
            hub.publish()


@given(edits)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_publishing_change_by_change_equals_a_rebuild(migrated_sqlite, tmp_path, sequence):
    path = tmp_path / "warehouse.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(migrated_sqlite, path)
    hub = Hub(Database(f"sqlite:///{path}"), RULES)
    for edit in sequence:
        apply(hub, edit)
    hub.publish()
    step_by_step = hub.published()
    history = hub.rows("organization_version"), hub.rows("change_log")
    hub.rebuild()
    assert hub.published() == step_by_step
    assert (hub.rows("organization_version"), hub.rows("change_log")) == history


SCENE = [
    ("organization", COMPANIES[0], "Acme", "partner", [DOMAINS[0]], None, "Gold", COMPANIES[0]),
    ("mail", MAILS[0], ADDRESSES[0], ADDRESSES[3], "person", "mail:1", None),
    ("document", ""),
    ("colleague", ADDRESSES[3]),
    ("publish",),
    ("organization", COMPANIES[2], "Acme", None, [DOMAINS[2]], None, "Silver", COMPANIES[0]),
    ("person", PEOPLE[0], ADDRESSES[2], PEOPLE[0]),
    ("works_at", PEOPLE[0], COMPANIES[2], None),
    ("mail", MAILS[1], ADDRESSES[2], ADDRESSES[3], "person", None, None),
    ("mail", MAILS[2], ADDRESSES[1], ADDRESSES[3], "person", None, None),
    ("deal", ""),
    ("about", DEAL, COMPANIES[2], None),
    ("note", ""),
    ("about", NOTE, DEAL, None),
    ("publish",),
    ("organization", COMPANIES[2], "Acme", None, [DOMAINS[2]], None, "Silver", COMPANIES[2]),
    ("mail", MAILS[0], ADDRESSES[3], ADDRESSES[1], "person", "mail:2", None),
    ("publish",),
]


@pytest.mark.postgres
def test_both_engines_publish_the_same_rows(sqlite_url, postgres_url):
    published = []
    for url in (sqlite_url, postgres_url):
        hub = Hub(Database(url), RULES)
        for edit in SCENE:
            apply(hub, edit)
        published.append({**hub.published(), "log": hub.rows("change_log")})
        hub.rebuild()
        assert hub.published() == {name: rows for name, rows in published[-1].items() if name != "log"}
    assert published[0] == published[1]
    assert len(published[0]["timeline"]) == 3
    assert len(published[0]["candidate"]) == 1
