"""The list of partners: filters, order, pages, columns, saved lists and the CSV file, each as its address says."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from uuid import UUID

import pytest

from pipelines.golden import work
from pipelines.golden.search import make_all
from tests.web.browsing import signed_in
from warehouse import bulk
from warehouse.commands.saved_views import add_members, save_view
from warehouse.database import Connection, Database
from warehouse.queries import partner_list
from warehouse.queries.partner_list import (
    PAGE_SIZE,
    Found,
    Wanted,
    count_wanted,
    found_wanted,
    list_page,
)
from warehouse.queries.partner_orders import SORTS
from warehouse.viewer import Viewer

AT = "2026-09-01T09:00:00.000000Z"
ANA = Viewer("ana@hub.example")
PARTNERS = (
    {
        "name": "Alder",
        "tier": "Gold",
        "owner": "Ana Solé",
        "country": "DE",
        "status": "active",
        "services": "Care at home; Training, 24_7 line",
    },
    {"name": "Birch", "tier": "Gold", "owner": "Tom Reed", "country": "FR", "status": "dormant"},
    {"name": "=Cedar", "tier": "Silver", "owner": "Ana Solé", "country": "DE", "status": "active"},
    {"name": "Dogwood", "country": "GB", "domain": "dogwood.example"},
)


def put(connection: Connection, table: str, **values: object) -> None:
    bulk.insert(connection, table, tuple(values), [tuple(values.values())])


def id_of(number: int) -> str:
    return str(UUID(int=number + 1))


def partner(connection: Connection, number: int, **values: object) -> None:
    organization_id = id_of(number)
    put(connection, "organization", organization_id=organization_id, rules="x", record_count=number, **values)
    put(connection, "partnership", organization_id=organization_id, program="default", rule="x")
    source = "crm" if number % 2 else "sheet"
    put(
        connection, "organization_link", record=f"{source}/rows/{number}", started_at=AT, method="founding",
        organization_id=organization_id, run_id="r",
    )  # fmt: skip


def touch(connection: Connection, number: int, at: str) -> None:
    put(
        connection, "timeline", organization_id=id_of(number), happened_at=at, fact_id=f"f{number}{at}",
        entity="touchpoint", kind="email", method="domain", anchor="x",
    )  # fmt: skip


@pytest.fixture
def url(database_url):
    with Database(database_url).session() as connection, connection.transaction():
        for number, values in enumerate(PARTNERS):
            partner(connection, number, **values)
        touch(connection, 0, "2020-01-01T09:00:00.000000Z")
        touch(connection, 1, "2026-09-20T09:00:00.500000Z")
        touch(connection, 2, "2026-09-20T09:00:00.000000Z")
        put(connection, "partnership", organization_id=id_of(1), program="resale", rule="x")
        put(
            connection, "signal", signal_id="s", organization_id=id_of(2), rule="silence", sentence="x",
            evidence_json="[]", level="urgent", opened_at=AT,
        )  # fmt: skip
        put(
            connection,
            "source",
            source="crm",
            connector="hubspot",
            title="CRM",
        )
        work.prepare(connection)
        make_all(connection)
    return database_url


def shown(browser, address: str) -> list[str]:
    """The names on a page of the list, in order."""
    text = unescape(browser.get(address).text)
    return re.findall(r'<a href="/partners/[0-9a-f-]{36}">([^<]*)</a>', text)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["=Cedar", "Alder", "Birch", "Dogwood"]),
        ("tier=Gold", ["Alder", "Birch"]),
        ("tier=Silver&tier=-", ["=Cedar", "Dogwood"]),
        ("owner=Ana+Sol%C3%A9&country=DE&tier=Gold", ["Alder"]),
        ("status=dormant", ["Birch"]),
        ("source=crm", ["Birch", "Dogwood"]),
        ("missing=crm", ["=Cedar", "Alder"]),
        ("missing=crm&missing=sheet", []),
        ("program=resale", ["Birch"]),
        ("service=Training", ["Alder"]),
        ("service=24_7+line&service=x", ["Alder"]),
        ("service=24x7+line", []),
        ("service=Care", []),
        ("service=-&tier=Gold", ["Birch"]),
        ("attention=1", ["=Cedar"]),
        ("quiet=365", ["Alder", "Dogwood"]),
        ("q=dogw", ["Dogwood"]),
        ("q=dogwood.ex", ["Dogwood"]),
        ("q=%25", []),
        ("tier=Gold&tier=%27", ["Alder", "Birch"]),
        ("quiet=x&sort=x&attention=9&columns=x&tier=%00", ["=Cedar", "Alder", "Birch", "Dogwood"]),
    ],
)
def test_filters_narrow_down_and_values_of_one_add_up(url, frozen_clock, query, names):
    with signed_in(url) as browser:
        assert shown(browser, f"/partners?{query}") == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("-name", ["Dogwood", "Birch", "Alder", "=Cedar"]),
        ("contact", ["Birch", "=Cedar", "Alder", "Dogwood"]),
        ("-contact", ["Dogwood", "Alder", "=Cedar", "Birch"]),
        ("records", ["Dogwood", "=Cedar", "Birch", "Alder"]),
        ("tier", ["Alder", "Birch", "=Cedar", "Dogwood"]),
    ],
)
def test_the_order_is_that_of_the_address(url, sort, names):
    with signed_in(url) as browser:
        assert shown(browser, f"/partners?sort={sort}") == names


@pytest.mark.parametrize("sort", SORTS)
def test_in_every_order_pages_show_every_partner_once(url, sort):
    with Database(url).session() as connection, connection.transaction():
        for number in range(10, 10 + 2 * PAGE_SIZE):
            partner(connection, number, name=f"Same {number % 7}", tier=("Gold", None)[number % 2])
        make_all(connection)
    seen, address = [], f"/partners?sort={sort}&tier=Gold&tier=-"
    with signed_in(url) as browser:
        while address:
            text = unescape(browser.get(address).text)
            seen += re.findall(r'href="/partners/([0-9a-f-]{36})"', text)
            following = re.search(r'rel="next" href="([^"]+)"', text)
            address = following.group(1) if following else ""
    assert len(seen) == len(set(seen)) == 2 * PAGE_SIZE + 3


SINCE = "2026-09-01T00:00:00.000000Z"


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"tier": ("Gold", "-")},
        {"attention": True},
        {"quiet_since": SINCE},
        {"source": ("crm",)},
        {"text": "d"},
    ],
)
def test_who_is_looked_up_or_kept_at_hand_is_who_is_met_on_the_way(url, sort, wanted):
    def names(connection: Connection, known: Found | None) -> list[str]:
        """Of all pages of two, so that each but the first begins behind a position."""
        found, after, asked = [], None, Wanted(**wanted, sort=sort)
        while True:
            page = list_page(ANA, connection, asked, after, limit=2, known=known)
            found += [each.values["organization_id"] for each in page.rows]
            after = page.following
            if after is None:
                return found

    with Database(url).session() as connection:
        found = found_wanted(ANA, connection, Wanted(**wanted))
        assert found.few is not None
        assert found.total == count_wanted(ANA, connection, Wanted(**wanted)) == len(found.few)
        assert names(connection, found) == names(connection, None)
        assert names(connection, Found(found.total)) == names(connection, None)


def test_many_are_counted_and_not_named(url, monkeypatch):
    monkeypatch.setattr(partner_list, "FEW", 2)
    with Database(url).session() as connection:
        assert found_wanted(ANA, connection, Wanted()) == (4, None)
        assert found_wanted(ANA, connection, Wanted(tier=("Gold",))).total == 2


def test_where_nobody_knows_the_contacts_yet_everybody_counts_as_quiet(url):
    with Database(url).session() as connection, connection.transaction():
        connection.execute("DELETE FROM search_entry")
        connection.execute("DELETE FROM hub_state WHERE name = 'search'")
    with Database(url).session() as connection:
        assert found_wanted(ANA, connection, Wanted(quiet_since=SINCE)).total == 4


def test_every_service_of_somebody_is_offered_by_itself(url):
    with signed_in(url) as browser:
        offered = browser.get("/partners").text.partition('id="filter-service"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="([^"]+)"', offered) == ["24_7 line", "Care at home", "Training", "-"]


def test_a_filter_that_is_set_is_a_chip_that_takes_it_away(url):
    with signed_in(url) as browser:
        text = unescape(browser.get("/partners?tier=Gold&owner=Tom+Reed").text)
    assert 'class="list-chip" href="/partners?owner=Tom+Reed"' in text
    assert 'class="list-chip" href="/partners?tier=Gold"' in text


def test_columns_are_those_of_the_address(url):
    with signed_in(url) as browser:
        text = browser.get("/partners?columns=country&columns=records").text
    assert re.findall(r'data-label="([^"]+)"', text)[:2] == ["Country", "Records"]


def lines_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_holds_exactly_what_the_list_shows_and_runs_nothing(url):
    with signed_in(url) as browser:
        answer = browser.get("/partners.csv?tier=Gold&tier=Silver&sort=-name&columns=owner,tier")
    assert lines_of(answer) == [
        ["Name", "Site", "Tier", "Owner", "Id in this hub"],
        ["Birch", "", "Gold", "Tom Reed", id_of(1)],
        ["Alder", "", "Gold", "Ana Solé", id_of(0)],
        ["'=Cedar", "", "Silver", "Ana Solé", id_of(2)],
    ]
    assert "attachment" in answer.headers["content-disposition"]


def test_who_took_a_file_stands_in_the_audit_log(url):
    with signed_in(url) as browser:
        browser.get("/partners.csv?tier=Gold")
    with Database(url).session() as connection:
        verb, detail = connection.query("SELECT verb, detail FROM audit_entry ORDER BY number DESC")[0]
    assert verb == "partners.export"
    assert '"query": [["tier", "Gold"]], "rows": 2' in detail


def test_whoever_sees_some_partners_only_lists_exports_and_counts_no_other(url):
    from tests.web.browsing import client, link_for

    with client(url) as browser:
        browser.post(f"/sign-in/{link_for(url, 'some@hub.example', 'manager', only=[id_of(1)])}")
        assert shown(browser, "/partners") == ["Birch"]
        assert [line[0] for line in lines_of(browser.get("/partners.csv"))] == ["Name", "Birch"]
        assert "1 partner<" in browser.get("/partners").text


def test_a_saved_view_opens_what_was_shown_and_counts_it(url):
    with signed_in(url) as browser:
        browser.post("/lists", data={"name": "Our gold", "query": "tier=Gold&sort=-name&nonsense=1"})
        text = unescape(browser.get("/lists").text)
        assert re.search(r'<a href="/partners\?tier=Gold&sort=-name">.*Our gold', text)
        assert '<td data-label="Partners now">2</td>' in text
        assert browser.post("/lists", data={"name": "Our gold", "query": ""}).status_code == 409


def test_ticked_partners_become_a_list_and_leave_it_again(url):
    with signed_in(url) as browser:
        ticked = {"to": "new", "name": "Spring cohort", "partner": [id_of(0), id_of(3), "unknown"]}
        answer = browser.post("/lists/members", data=ticked)
        address = str(answer.url)
        assert shown(browser, address) == ["Alder", "Dogwood"]
        browser.post(f"/lists/{address.partition('list=')[2]}/drop", data={"partner": [id_of(0)]})
        assert shown(browser, address) == ["Dogwood"]


def test_a_merged_member_stands_for_its_survivor(url):
    with Database(url).session() as connection, connection.transaction():
        put(connection, "redirect", from_id="old", started_at=AT, entity="organization", to_id="between")
        put(connection, "redirect", from_id="between", started_at=AT, entity="organization", to_id=id_of(1))
        view_id = save_view(connection, ANA, "Former", None, shared=True, now=AT)
        put(connection, "organization", organization_id="old", name="Old", rules="x")
        assert add_members(connection, ANA, view_id, ["old"], AT) == 1
    with signed_in(url) as browser:
        assert shown(browser, f"/partners?list={view_id}") == ["Birch"]
        browser.post(f"/lists/{view_id}/drop", data={"partner": [id_of(1)]})
        assert shown(browser, f"/partners?list={view_id}") == []


def test_a_list_of_ones_own_is_seen_by_nobody_else_and_a_shared_one_changed_by_those_who_may(url):
    with signed_in(url, "manager") as ana, signed_in(url, "auditor", login="tom@hub.example") as tom:
        ana.post("/lists", data={"name": "Mine", "query": "tier=Gold"})
        ana.post("/lists", data={"name": "Ours", "query": "tier=Gold", "shared": "1"})
        assert "Mine" not in tom.get("/lists").text
        assert "Ours" in tom.get("/lists").text
        with Database(url).session() as connection:
            ids: dict[str, str] = dict(connection.query("SELECT name, view_id FROM saved_view"))
        assert tom.post(f"/lists/{ids['Mine']}/remove").status_code == 404
        assert tom.post(f"/lists/{ids['Ours']}/remove").status_code == 403
        assert tom.post("/lists", data={"name": "X", "query": "", "shared": "1"}).status_code == 403
        assert ana.post(f"/lists/{ids['Ours']}/remove").status_code == 200
