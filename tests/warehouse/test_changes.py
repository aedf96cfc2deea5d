"""The feed of changes: what was published, told once it is committed, never with a gap, as far as one may know."""

from __future__ import annotations

from threading import Thread

import pytest

from pipelines.golden.partners import PartnerRule
from pipelines.golden.settings import PublishSettings
from pipelines.resolve.ledger import EVENT_COLUMNS
from tests.pipelines.golden_rig import DAY, Hub
from warehouse import bulk
from warehouse.changes.cursor import BadCursor, ExpiredCursor
from warehouse.changes.feed import read_changes
from warehouse.changes.kinds import UnknownKind
from warehouse.changes.reading import Change
from warehouse.changes.turn import first_number
from warehouse.commands.deal_history import blank_deals
from warehouse.database import Database
from warehouse.viewer import OPERATOR, Viewer

CRM, SHEET, DEAL = "crm/companies/1", "sheet/partners/7", "crm/deals/3"
RULES = PublishSettings(partner_rules=(PartnerRule("crm", where={"account_type": ["PARTNER"]}),))
CHANGE = ("change_id", "organization_id", "field", "after", "run_id", "recorded_at")


@pytest.fixture
def hub(database_url):
    return Hub(Database(database_url), RULES)


@pytest.fixture
def lite(sqlite_url):
    return Hub(Database(sqlite_url), RULES)


def read(hub, cursor="", *, viewer=OPERATOR, **asked):
    with hub.database.session() as connection:
        return read_changes(viewer, connection, cursor, **asked)


def read_all(hub, cursor="", **asked):
    found: list[Change] = []
    more = True
    while more:
        page = read(hub, cursor, **asked)
        found, cursor, more = found + page.changes, page.next, page.more
    return found, cursor


def behind(hub, **asked):
    """What comes from now on."""
    return read_all(hub, "now", **asked)[1]


def stage_deal(hub, **values):
    hub.stage("relation", "crm/rel/1", kind="about", from_record=DEAL, to_record=CRM)
    hub.stage("deal", DEAL, name="Rollout", created_at=DAY.format(1), **values)
    hub.publish()


def test_what_is_published_is_told_oldest_first_by_kind_and_with_its_values(hub):
    hub.stage("organization", CRM, name="Acme", account_type="Partner", tier="Silver")
    hub.publish()
    hub.stage("organization", CRM, name="Acme", account_type="Partner", tier="Gold")
    hub.publish()
    found, _ = read_all(hub)
    assert [(each.kind, each.field, each.before, each.after) for each in found] == [
        ("partner.created", "organization", None, "Acme"),
        ("partner.joined", "partnership.default", None, "crm: account_type is PARTNER"),
        ("partner.changed", "tier", "Silver", "Gold"),
    ]


def test_pages_of_any_size_tell_the_same_in_the_same_order(hub):
    for number in range(9):
        hub.stage("organization", f"crm/companies/{number}", name=f"Acme {number}", account_type="Partner")
        stage_deal(hub, stage=str(number), amount_minor=number, currency="EUR")
    whole, end = read_all(hub, limit=1_000)
    for limit in (1, 2, 7):
        assert read_all(hub, limit=limit) == (whole, end)
    assert len({each.id for each in whole}) == len(whole)


def test_a_cursor_goes_on_with_what_came_since_and_nothing_else(lite):
    lite.stage("organization", CRM, name="Acme")
    lite.publish()
    cursor = behind(lite)
    assert read(lite, cursor).changes == []
    lite.stage("organization", CRM, name="Acme Inc")
    lite.publish()
    assert [each.after for each in read(lite, cursor).changes] == ["Acme Inc"]


def test_a_deal_is_told_as_it_opens_moves_grows_and_is_won(hub):
    hub.stage("organization", CRM, name="Acme")
    stage_deal(hub, stage="Talks", status="open", amount_minor=100, currency="EUR")
    stage_deal(hub, stage="Offer", status="open", amount_minor=250, currency="EUR")
    stage_deal(hub, stage="Done", status="won", amount_minor=250, currency="EUR")
    found, _ = read_all(hub, kinds=["deal"])
    assert [(each.kind, each.before, each.after) for each in found] == [
        ("deal.opened", None, "Rollout"),
        ("deal.stage_changed", "Talks", "Offer"),
        ("deal.amount_changed", "100 EUR", "250 EUR"),
        ("deal.won", "open", "won"),
        ("deal.stage_changed", "Offer", "Done"),
    ]
    assert [each.kind for each in read_all(hub, kinds=["deal.closed"])[0]] == ["deal.won"]


def test_a_deal_no_record_is_left_of_is_told_as_deleted_and_when_it_is_back(lite):
    stage_deal(lite, stage="Talks")
    cursor = behind(lite)
    lite.unstage("deal", DEAL)
    lite.publish()
    stage_deal(lite, stage="Talks")
    assert [each.kind for each in read(lite, cursor).changes] == ["deal.deleted", "deal.restored"]


def test_a_rebuild_tells_nothing_as_nothing_changed(lite):
    lite.stage("organization", CRM, name="Acme", account_type="Partner")
    stage_deal(lite, stage="Talks", amount_minor=1, currency="EUR")
    cursor, history = behind(lite), lite.rows("deal_version")
    lite.rebuild()
    assert (read(lite, cursor).changes, lite.rows("deal_version")) == ([], history)


def happened(hub, kind, entity_id, other_id=None, record=None, entity="organization"):
    """A row of the ledger, as `pipelines.resolve` appends it."""
    number = len(hub.rows("identity_event", "event_id")) + 1
    row = (number, entity, kind, entity_id, other_id, record, "same group", "run", DAY.format(number))
    with hub.database.session() as connection, connection.transaction():
        bulk.insert(connection, "identity_event", EVENT_COLUMNS, [row])


def test_a_merge_a_move_and_a_split_name_both_ids_and_the_record(hub):
    happened(hub, "minted", "a", record=CRM)
    happened(hub, "moved", "a", "b", SHEET)
    happened(hub, "merged", "b", "a")
    happened(hub, "split", "c", "a", SHEET)
    found, _ = read_all(hub, kinds=["identity"])
    assert [(each.kind, each.entity_id, each.other_id, each.record, each.partner_ids) for each in found] == [
        ("identity.created", "a", None, CRM, ("a",)),
        ("identity.moved", "a", "b", SHEET, ("a", "b")),
        ("identity.merged", "b", "a", None, ("b", "a")),
        ("identity.split", "c", "a", SHEET, ("c", "a")),
    ]


def written(connection, name):
    """A change numbered as a publication does it."""
    number = first_number(connection, "change_log", "change_id")
    bulk.insert(connection, "change_log", CHANGE, [(number, name, "tier", "Gold", "run", DAY.format(9))])


def test_who_commits_first_but_came_later_makes_no_reader_miss_who_came_before(postgres_url):
    hub = Hub(Database(postgres_url), RULES)
    with hub.database.session() as connection, connection.transaction():
        written(connection, "one before")
    cursor, found = behind(hub), []

    def write_b():
        with hub.database.session() as other, other.transaction():
            written(other, "b")

    later = Thread(target=write_b)
    with hub.database.session() as connection, connection.transaction():
        written(connection, "a")
        later.start()
        later.join(1.0)  # B would like to commit before A does
        page = read(hub, cursor)
        found += page.changes
    later.join(10.0)
    found += read(hub, page.next).changes
    assert sorted(each.entity_id for each in found) == ["a", "b"]


def test_who_may_know_of_one_organization_reads_of_no_other(hub):
    hub.stage("organization", CRM, name="Acme")
    hub.stage("organization", SHEET, name="Zenith")
    stage_deal(hub, stage="Talks")
    ours = dict(hub.rows("organization", "name", "organization_id"))["Acme"]
    found, _ = read_all(hub, viewer=Viewer("portal", frozenset({ours})))
    assert {each.kind for each in found} == {"partner.created", "deal.opened"}
    assert {each.partner_ids for each in found} == {(ours,)}
    assert read_all(hub, viewer=Viewer("nobody", frozenset()))[0] == []


def test_an_id_out_of_reach_is_not_told_beside_one_within(lite):
    happened(lite, "merged", "theirs", "ours", SHEET)
    happened(lite, "split", "ours", "theirs", CRM)
    happened(lite, "minted", "theirs", None, SHEET)
    happened(lite, "minted", "somebody", None, SHEET, entity="person")
    found, _ = read_all(lite, viewer=Viewer("portal", frozenset({"ours"})))
    assert [(each.kind, each.entity_id, each.other_id, each.record, each.partner_ids) for each in found] == [
        ("identity.merged", "", "ours", None, ("ours",)),
        ("identity.split", "ours", None, CRM, ("ours",)),
    ]


@pytest.mark.parametrize("word", ["x", "%", "WzFd", "eyJhIjoxfQ", "a" * 5_000, "\u00e4"])
def test_a_cursor_nobody_gave_is_refused(lite, word):
    with pytest.raises(BadCursor):
        read(lite, word)


def test_a_cursor_is_refused_for_other_kinds_and_kinds_that_are_none_are_named(lite):
    cursor = behind(lite, kinds=["deal"])
    with pytest.raises(BadCursor, match="other kinds"):
        read(lite, cursor)
    with pytest.raises(UnknownKind, match="Use of: "):
        read(lite, kinds=["partner.gone"])


def test_a_cursor_of_what_is_not_kept_any_more_says_to_export_first(lite):
    for name in ("Acme", "Acme Inc", "Acme Ltd"):
        lite.stage("organization", CRM, name=name)
        lite.publish()
    cursor = read(lite, limit=1).next
    with lite.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM change_log WHERE change_id < 3")
    with pytest.raises(ExpiredCursor, match="partnerhub export"):
        read(lite, cursor)
    assert [each.after for each in read(lite, kinds=["partner"]).changes] == ["Acme Ltd"]


def test_a_cursor_from_before_a_backup_was_restored_says_to_export_first(lite):
    lite.stage("organization", CRM, name="Acme")
    lite.publish()
    cursor = behind(lite)
    with lite.database.session() as connection, connection.transaction():
        connection.execute("UPDATE hub_state SET value = 'another' WHERE name = 'changes'")
    with pytest.raises(ExpiredCursor, match="another history"):
        read(lite, cursor)


def test_what_was_redacted_of_a_deal_is_told_without_it(lite):
    stage_deal(lite, stage="Secret talks", status="open")
    stage_deal(lite, stage="Offer", status="won")
    with lite.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM staged_deal WHERE record = ?", (DEAL,))
        blank_deals(connection, DEAL)
    told = repr(read_all(lite)[0])
    assert not any(word in told for word in ("Secret", "Rollout", "Offer"))
    assert "deal.won" in told
