"""Marts as they were known at a moment: what was read then comes out again, whatever happened since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pyarrow.parquet as pq
import pytest

import partnerhub
from pipelines.measure import figures, measure
from tests.pipelines.golden_rig import DAY, Hub
from tests.web.partner_rig import ACME, LONE, SHEET, partner_hub, put
from warehouse.database import Database
from warehouse.exports.export import Options, export
from warehouse.hub_state import forget
from warehouse.marts import MARTS, kpis, mart
from warehouse.marts.then import PastNotKept, as_known, is_kept, moment_of, select_then
from warehouse.marts.views import READER, STANDING, make_views

THEN = "2026-10-01T00:02:30.000000Z"
"""After the second publication of the rig and the first measure, before all that follows."""
GONE = "2026-10-01T00:03:10.000000Z"
"""When Lone was deleted at its source; the hub heard of it ten seconds later."""
TASK, LATER_TASK, ANN, BO = "crm/tasks/1", "crm/tasks/2", "crm/contacts/1", "crm/contacts/2"
NAMES_SINCE = ("person_past_since", "2026-10-01T00:06:00.000000Z")
RAW = ("raw_id", "source", "stream", "source_id", "op", "content_hash", "version", "run_id", "landed_at")
RUN = ("run_id", "source", "stream", "state", "started_at", "finished_at", "read", "landed")
EVENT = ("event_id", "entity", "kind", "entity_id", "cause", "run_id", "recorded_at")
KEPT = {
    "dim_partner", "xref_partner_alias", "bridge_partner_source", "identity_events", "dim_date", "fct_sync_run",
    "fct_partner_change", "fct_deal_history", "xref_partner_alias_history", "bridge_partner_program",
    "quality_partner", "quality_source", "kpi", "fct_kpi", "fct_deal", "fct_work_item", "dim_contact",
}  # fmt: skip
BY_IMAGES = {
    "fct_touchpoint", "bridge_touchpoint_partner", "bridge_work_item_partner", "bridge_deal_partner", "fct_deal_stage",
    "dim_owner", "bridge_contact_partner", "fct_partner_activity_monthly",
}  # fmt: skip
"""Those of which images and versions of stages tell how they stood: `test_marts_by_images.py` has their tests."""


@pytest.fixture
def hub(database_url) -> Hub:
    return with_a_past(database_url)


def with_a_past(url) -> Hub:
    """Acme and Lone, with the raw version of Lone, a run, and an id that was minted."""
    found = partner_hub(url)
    found.stage("work_item", TASK, title="Call", status="New", created_at=DAY.format(2), raw_id=3)
    found.stage("person", ANN, name="Ann", title="CTO", raw_id=4)
    found.stage("person", BO, name="Bo", raw_id=5)
    found.stage("deal", "crm/deals/2", name="Lost", stage="Talk", created_at=DAY.format(2))
    with_a_deal(found, 100)
    measure(found.database, "2026-10-01T00:02:10.000000Z", {}, "Data team")
    put(found, "redirect", ("from_id", "started_at", "entity", "to_id"), [
        ("former", "2026-10-01T00:01:30.000000Z", "organization", found.id_of(LONE)),
    ])  # fmt: skip
    put(found, "raw_record", RAW, [
        (number, "crm", stream, key, "upsert", "a", None, "run-1", "2026-10-01T00:00:30.000000Z")
        for number, stream, key in (
            (1, "companies", "2"), (3, "tasks", "1"), (4, "contacts", "1"), (5, "contacts", "2"),
        )
    ])  # fmt: skip
    put(found, "stream_run", RUN, [
        ("run-1", "crm", "companies", "complete", "2026-10-01T00:00:10.000000Z", "2026-10-01T00:01:00.000000Z", 1, 1),
    ])  # fmt: skip
    put(found, "identity_event", EVENT, [
        (1, "organization", "minted", found.id_of(ACME), "founding", "run-1", "2026-10-01T00:01:00.000000Z"),
    ])  # fmt: skip
    return found


def with_a_deal(hub, amount):
    """A deal of Acme, published."""
    hub.stage("deal", "crm/deals/1", name="Renewal", amount_minor=amount, currency="EUR", status="open",
              created_at=DAY.format(2))  # fmt: skip
    hub.publish()


def read(hub, name, as_of=None):
    """Every row of a mart, as dicts, by its key."""
    with hub.database.session() as connection:
        relation = f"({select_then(mart(name), connection.dialect, as_of)}) AS it" if as_of else name
        rows = connection.records(f"SELECT * FROM {relation}")
    return sorted(rows, key=lambda row: [str(row[each]) for each in mart(name).key])


def live_on(hub):
    """A changed value, a record deleted at its source, a merge and a split, another program, another run."""
    acme = {"name": "Acme", "domain": "acme.example", "modified_at": DAY.format(4)}
    hub.stage("organization", ACME, ["domain:acme.example"], tier="Platinum", **acme)
    hub.publish()
    put(hub, "raw_record", RAW, [
        (2, "crm", "companies", "2", "delete", "b", GONE, "run-4", "2026-10-01T00:03:20.000000Z"),
    ])  # fmt: skip
    hub.stage("organization", LONE, name="Lone", raw_id=2, deleted_at=GONE)
    hub.publish()
    hub.groups = {LONE: ACME}
    put(hub, "identity_event", EVENT, [
        (2, "organization", "merged", hub.id_of(SHEET), "score", "run-5", "2026-10-01T00:05:00.000000Z"),
    ])  # fmt: skip
    put(hub, "redirect", ("from_id", "started_at", "entity", "to_id"), [
        (hub_id(LONE), "2026-10-01T00:05:00.000000Z", "organization", hub_id(ACME)),
    ])  # fmt: skip
    for record in (LONE, SHEET):
        with hub.database.session() as connection, connection.transaction():
            hub.mark(connection, "organization", record)
    hub.publish()
    put(hub, "stream_run", RUN, [
        ("run-4", "crm", "companies", "complete", "2026-10-01T00:01:20.000000Z", "2026-10-01T00:05:00.000000Z", 1, 1),
    ])  # fmt: skip
    learn_more(hub)
    with_a_deal(hub, 200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "FIGURES", (kpis.FIGURES[0]._replace(formula="All."), *kpis.FIGURES[1:]))
        measure(hub.database, "2026-10-01T00:07:00.000000Z", {}, "Data team")


def learn_more(hub):
    """Work that is done, work that is new, a person with another title, and a deal deleted at its source."""
    put(hub, "raw_record", RAW, [
        (number, "crm", stream, key, "upsert", "b", None, "run-4", "2026-10-01T00:05:10.000000Z")
        for number, stream, key in ((6, "tasks", "1"), (7, "tasks", "2"), (8, "contacts", "1"))
    ])  # fmt: skip
    hub.stage("work_item", TASK, title="Called", status="Done", done_at=DAY.format(9), raw_id=6)
    hub.stage("work_item", LATER_TASK, title="Write", raw_id=7)
    hub.stage("person", ANN, name="Ann", title="CEO", raw_id=8)
    hub.stage("deal", "crm/deals/2", name="Lost", stage="Over", created_at=DAY.format(2), deleted_at=GONE)


def begin_images(hub, at):
    """As if the hub had been brought to migration 0039 only then."""
    put(hub, "hub_state", ("name", "value"), [("staged_past_since", at)])
    with hub.database.session() as connection, connection.transaction():
        connection.execute("DELETE FROM staged_past")


def told(before, then):
    """The columns that are null then and were not; everything else has to be as it was."""
    pairs = zip(before, then, strict=True)
    others = [(name, new[name]) for old, new in pairs for name in old if old[name] != new[name]]
    assert [each for each in others if each[1] is not None] == []
    return {name for name, _ in others}


def hub_id(record):
    return Hub(Database("sqlite:///none")).id_of(record)


def test_a_mart_as_of_then_is_row_by_row_what_was_read_then(hub):
    before = {name: read(hub, name) for name in KEPT - {"dim_date"}}
    live_on(hub)
    assert [name for name, rows in before.items() if not rows or rows == read(hub, name)] == []
    for name, rows in before.items():
        assert told(rows, read(hub, name, THEN)) == set(), name


def test_after_all_that_happened_a_mart_as_of_now_is_the_mart(hub):
    live_on(hub)
    for name in KEPT - {"dim_date"}:
        assert told(read(hub, name), read(hub, name, "2027-01-01")) == set(), name


def test_a_record_that_was_parted_since_belongs_to_whom_it_belonged_then(hub):
    live_on(hub)
    split = [row["partner_id"] for row in read(hub, "bridge_partner_source") if row["record_key"] == SHEET]
    then = [
        row["partner_id"] for row in read(hub, "bridge_partner_source", THEN) if row["record_key"] == SHEET
    ]
    assert then == [hub_id(ACME)]
    assert hub_id(SHEET) in split
    assert hub_id(SHEET) not in {row["partner_id"] for row in read(hub, "dim_partner", THEN)}


def come_together(hub):
    """Ann and Bo turn out to be one person."""
    hub.groups = {**hub.groups, BO: ANN}
    with hub.database.session() as connection, connection.transaction():
        hub.mark(connection, "person", BO)
    hub.publish()
    assert [row["count_records"] for row in read(hub, "dim_contact")] == [2]


def names_then(hub):
    """What persons were called then, and how many records they had."""
    return {row["contact_id"]: (row["name"], row["count_records"]) for row in read(hub, "dim_contact", THEN)}


def test_persons_who_came_together_since_are_two_then_by_their_names(hub):
    come_together(hub)
    assert names_then(hub) == {hub_id(ANN): ("Ann", 1), hub_id(BO): ("Bo", 1)}


def test_before_names_were_kept_persons_who_came_together_since_have_none(hub):
    put(hub, "hub_state", ("name", "value"), [NAMES_SINCE])
    come_together(hub)
    assert names_then(hub) == {hub_id(ANN): (None, 1), hub_id(BO): (None, 1)}


def test_before_names_were_kept_a_person_who_changed_since_has_none(hub):
    put(hub, "hub_state", ("name", "value"), [NAMES_SINCE])
    live_on(hub)
    assert names_then(hub) == {hub_id(ANN): (None, 1), hub_id(BO): ("Bo", 1)}


def test_before_images_were_kept_work_deleted_by_then_was_not_open_though_nothing_else_of_it_is_told(hub):
    at = ("2026-10-01T00:03:00.000000Z", "2026-10-01T00:05:00.000000Z")
    put(hub, "raw_record", RAW, [
        (6, "crm", "tasks", "1", "delete", "b", None, "run-4", at[0]),
        (7, "crm", "tasks", "1", "restore", "c", None, "run-4", at[1]),
    ])  # fmt: skip
    hub.stage("work_item", TASK, title="Call", raw_id=7)
    hub.publish()
    begin_images(hub, "2026-10-01T00:06:00.000000Z")
    (work,) = read(hub, "fct_work_item", "2026-10-01T00:04:00Z")
    assert (work["title"], bool(work["is_open"]), str(work["_hub_deleted_at"])) == (None, False, at[0])
    (work,) = read(hub, "fct_work_item", THEN)
    assert (work["is_open"], work["_hub_deleted_at"], work["record_key"]) == (None, None, TASK)


def test_a_record_deleted_by_then_is_deleted_then(hub):
    live_on(hub)
    at = "2026-10-01T00:04:30Z"
    (lone,) = [row for row in read(hub, "bridge_partner_source", at) if row["record_key"] == LONE]
    assert (str(lone["_hub_deleted_at"]), bool(lone["is_current"])) == (GONE, True)


def test_a_mart_whose_past_is_not_kept_is_refused_by_name_with_what_to_use_instead():
    assert [each.name for each in MARTS if not is_kept(each)] == []
    query = "SELECT p.organization_id, l.renewed_at FROM organization_version p, (SELECT * FROM lease) l"
    unkept = replace(mart("dim_partner"), name="dim_lease", query=query)
    with pytest.raises(PastNotKept, match="dim_lease") as refused:
        select_then(unkept, "sqlite", THEN)
    assert "an export made then" in refused.value.do


def test_a_column_that_is_not_kept_is_not_promised_of_then():
    then = {each.name: each.required for each in as_known(mart("fct_deal"), "sqlite", THEN).columns}
    assert [then[name] for name in ("deal_id", "name", "count_records", "opened_at")] == [True] * 3 + [False]


def test_the_reader_asks_for_a_day_by_a_function_and_for_no_table_below(postgres_url):
    hub = partner_hub(postgres_url)
    with_a_deal(hub, 100)
    live_on(hub)
    with hub.database.session() as connection:
        connection.execute(f"SET ROLE {READER}")
        ask = "SELECT name, tier FROM marts.dim_partner_asof(?) WHERE is_current ORDER BY name"
        assert connection.query(ask, (THEN,)) == [("Acme", "Gold"), ("Lone", None)]
        ask = "SELECT amount_minor, opened_at FROM marts.fct_deal_asof(?)"
        assert connection.query(ask, ("2026-10-01T00:02:30Z",)) == [(100, DAY.format(2))]
        ask = "SELECT count(*) FROM marts.lineage_column_asof(?) WHERE table_name = 'dim_partner'"
        assert connection.query(ask, (THEN,)) == [(len(mart("dim_partner").columns),)]
        connection.execute("RESET ROLE")


def test_what_others_built_on_a_function_stays_when_the_marts_are_made_again(postgres_url):
    with Database(postgres_url).session() as connection:
        connection.execute("CREATE VIEW public.mine AS SELECT name FROM marts.dim_partner_asof(now())")
        forget(connection, STANDING)
        assert make_views(connection)
        assert connection.query("SELECT * FROM public.mine") == []


def test_a_frame_as_of_then_has_the_rows_of_then(sqlite_url, tmp_path, monkeypatch):
    hub = with_a_past(sqlite_url)
    live_on(hub)
    (tmp_path / "partnerhub.yaml").write_text(f"warehouse: {hub.database.url}\nsources: {{}}\n")
    monkeypatch.chdir(tmp_path)
    then = partnerhub.frame("dim_partner", as_of=datetime.fromisoformat(THEN)).set_index("partner_id")
    assert then.loc[hub.id_of(ACME), "tier"] == "Gold"
    assert then["is_current"].all()
    lineage = partnerhub.frame("lineage_column", as_of="2026-10-01")
    assert set(lineage["table_name"]) == {each.name for each in MARTS if each.name != "lineage_column"}


def test_an_export_as_of_then_has_all_tables_with_the_rows_of_then(hub, tmp_path):
    before = read(hub, "dim_partner")
    live_on(hub)
    made = export(hub.database, str(tmp_path / "then"), Options(as_of=THEN), THEN)
    assert {table["name"] for table in made["tables"]} == KEPT | BY_IMAGES | {"lineage_column"}
    assert made["not_kept"] == []
    rows = pq.read_table(tmp_path / "then/dim_partner.parquet").to_pylist()
    assert [(row["partner_id"], row["tier"], row["valid_to"]) for row in rows] == [
        (row["partner_id"], row["tier"], None) for row in before
    ]


def test_a_day_means_its_end_and_a_time_needs_its_zone():
    assert moment_of("2026-10-01") == "2026-10-01T23:59:59.999999Z"
    assert moment_of("2026-10-01T08:00:00+02:00") == "2026-10-01T06:00:00.000000Z"
    zone = timezone(timedelta(hours=1))
    assert moment_of(datetime(2026, 10, 1, 1, tzinfo=zone)) == moment_of(datetime(2026, 10, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        moment_of("2026-10-01T08:00:00")
