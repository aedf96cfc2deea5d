"""The read-only pages over a real warehouse: what they show, what they refuse, what they never do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from partnerhub.amounts import in_words, money
from partnerhub.web import static_files
from partnerhub.web.guard import COOKIE
from partnerhub.web.positions import decode_position, encode_position
from partnerhub.web.wording import age
from pipelines.golden import work
from pipelines.golden.search import make_all
from tests.web.browsing import client, signed_in
from warehouse import bulk
from warehouse.database import Connection, Database
from warehouse.queries.partner_list import PAGE_SIZE
from warehouse.queries.record import Disagreement, Value

AT = "2026-09-01T09:00:00.000000Z"
ACME, EVIL, CUSTOMER, MERGED = (str(UUID(int=number)) for number in (1, 2, 3, 4))
RECORD = "crm/companies/1"


def put(connection: Connection, table: str, **values: object) -> None:
    bulk.insert(connection, table, tuple(values), [tuple(values.values())])


def organization(
    connection: Connection, organization_id: str, name: str, *, partner: bool = True, **values: object
) -> None:
    row = {"name": name, "record_count": 1, "rules": "x", **values}
    put(connection, "organization", organization_id=organization_id, **row)
    put(
        connection,
        "golden_value",
        organization_id=organization_id,
        field="*",
        value="",
        record=RECORD,
        rule="only",
    )
    if partner:
        put(connection, "partnership", organization_id=organization_id, program="default", rule="crm: all")


def staged(connection: Connection) -> None:
    shared = {"source": "crm", "stream": "companies", "source_id": "1", "raw_id": 1, "rules": "x"}
    put(connection, "staged_organization", record=RECORD, name="Acme at the CRM", modified_at=AT, **shared)
    put(
        connection,
        "organization_link",
        record=RECORD,
        started_at=AT,
        organization_id=ACME,
        method="founding",
        run_id="r",
    )


def mail(connection: Connection, number: int, title: str) -> None:
    fact_id = str(UUID(int=1000 + number))
    at = f"2026-08-{number % 28 + 1:02}T09:00:00.000000Z"
    facts = {"entity": "touchpoint", "kind": "email", "happened_at": at}
    put(
        connection,
        "fact",
        fact_id=fact_id,
        title=title,
        record=f"mail/messages/{number}",
        attached="attached",
        nature="person",
        **facts,
    )
    put(
        connection,
        "timeline",
        organization_id=ACME,
        fact_id=fact_id,
        method="domain",
        anchor="domain:acme.example",
        **facts,
    )


@contextmanager
def served(url: str) -> Iterator[TestClient]:
    with Database(url).session() as connection, connection.transaction():
        organization(connection, ACME, "Acme GmbH", domain="acme.example", city="Berlin", tier="Gold")
        organization(connection, EVIL, "<script>alert(1)</script>", city='"><img src=x>')
        organization(connection, CUSTOMER, "Customer Ltd", partner=False)
        put(connection, "redirect", from_id=MERGED, started_at=AT, entity="organization", to_id=ACME)
        staged(connection)
        for number in range(40):
            mail(connection, number, f"Subject {number}")
        work.prepare(connection)
        make_all(connection)
    with signed_in(url) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture
def pages(database_url) -> Iterator[TestClient]:
    """On both engines: for what depends on SQL."""
    with served(database_url) as client:
        yield client


@pytest.fixture
def site(sqlite_url) -> Iterator[TestClient]:
    """On SQLite only: for what does not."""
    with served(sqlite_url) as client:
        yield client


def test_the_list_shows_partners_and_nobody_else(pages):
    text = pages.get("/partners").text
    assert "Acme GmbH" in text
    assert "Customer Ltd" not in text


def test_the_home_page_is_the_list(site):
    assert site.get("/").headers["location"] == "/partners"


@pytest.mark.parametrize("search", ["ACME", "acme.ex", "berl"])
def test_search_finds_by_name_domain_and_city(pages, search):
    text = pages.get("/partners", params={"q": search}).text
    assert "Acme GmbH" in text
    assert "alert" not in text


@pytest.mark.parametrize("search", ["%", "_cme", "' OR 1=1 --", "\x00"])
def test_search_takes_wildcards_and_quotes_for_what_they_are(pages, search):
    found = pages.get("/partners", params={"q": search})
    assert found.status_code == 200
    if search.strip("\x00"):
        assert "Acme GmbH" not in found.text


@pytest.mark.fault("F96")
def test_what_a_source_says_is_shown_and_never_run(site):
    for address in ("/partners", f"/partners/{EVIL}", "/partners?q=%3Cscript%3E"):
        text = site.get(address).text
        assert "<script>" not in text
        assert "alert(1)" not in text.replace("&lt;script&gt;alert(1)&lt;/script&gt;", "").replace(
            "script%3Ealert", ""
        )
        assert "<img" not in text
    assert "<script>alert(1)</script>" in unescape(site.get("/partners").text)


def test_an_amount_reads_with_its_currency_and_each_dissenter_in_its_own():
    amount = Value("annual_value_minor", "31000000", "crm/a/1", "crm", AT, 1, "priority",
                   (Disagreement("deck/d/1", "48000000"),))  # fmt: skip
    currency = Value(
        "currency", "USD", "crm/a/1", "crm", AT, 1, "priority", (Disagreement("deck/d/1", "EUR"),)
    )
    (said,) = in_words([amount, currency])
    assert (said.field, said.value, said.others[0].value) == (
        "annual_value", "310,000.00 USD", "480,000.00 EUR",
    )  # fmt: skip
    assert in_words([currency]) == [currency]


@pytest.mark.parametrize(
    "address", ["/partners/none", f"/partners/{UUID(int=9)}", "/partners/%00", "/nowhere", "/docs"]
)
def test_an_unknown_address_gets_a_page_that_helps(site, address):
    found = site.get(address)
    assert found.status_code == 404
    assert 'href="/partners"' in found.text


def test_paging_shows_every_partner_once(pages, database_url):
    with Database(database_url).session() as connection, connection.transaction():
        for number in range(PAGE_SIZE + 10):
            organization(connection, str(UUID(int=100 + number)), "Same Name")
    seen, address = [], "/partners"
    while address:
        text = unescape(pages.get(address).text)
        seen += re.findall(r'href="/partners/([0-9a-f-]{36})"', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following.group(1) if following else ""
    assert len(seen) == len(set(seen)) == PAGE_SIZE + 12


@pytest.mark.parametrize(
    "word", ["x", "%00", encode_position(("not a time", "x")), encode_position(("", ""))]
)
def test_a_made_up_position_is_not_an_error(pages, word):
    assert pages.get(f"/partners/{ACME}?before={word}").status_code == 200
    assert pages.get(f"/partners?after={word}").status_code == 200


@pytest.mark.parametrize(
    "address", ["/partners", f"/partners/{ACME}", "/nowhere", static_files.address("hub.css"), "/readyz"]
)
def test_every_answer_carries_a_strict_policy(site, address):
    policy = site.get(address).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.fault("F97")
def test_nothing_is_asked_of_another_machine(site):
    text = site.get(f"/partners/{ACME}").text + site.get(static_files.address("hub.css")).text
    assert not re.search(r'(src|href|url)\s*[=(]\s*["\']?(https?:)?//', text)
    assert " style=" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_can_only_be_read(site, method):
    assert site.request(method, f"/partners/{ACME}").status_code == 405


def test_a_warehouse_that_does_not_answer_is_said_in_words(tmp_path):
    with client(f"sqlite:///{tmp_path}/none/warehouse.db") as browser:
        found = browser.get("/partners", headers={"cookie": f"{COOKIE}=x"})
    assert found.status_code == 503
    assert "The warehouse does not answer" in found.text


def test_a_bug_of_ours_is_a_page_without_details_and_keeps_the_policy(sqlite_url):
    with Database(sqlite_url).session() as connection, connection.transaction():
        connection.execute("DROP TABLE signal")
        organization(connection, ACME, "Acme GmbH")
    with signed_in(sqlite_url) as client:
        found = client.get("/partners")  # would raise what is left to the server, which logs it with its text
    assert found.status_code == 500
    assert "signal" not in found.text
    assert "default-src 'none'" in found.headers["content-security-policy"]


def test_positions_survive_every_text():
    assert decode_position(encode_position(('é " & 名', "id"))) == ('é " & 名', "id")


def test_amounts_keep_their_minor_units():
    assert money(120_050, "EUR") == "1,200.50 EUR"
    assert money(5_000, "JPY") == "5,000 JPY"
    assert money(50_000, "HUF") == "500.00 HUF"
    assert money(1_234_567, "KWD") == "1,234.567 KWD"
    assert money(9_007_199_254_740_993, "EUR") == "90,071,992,547,409.93 EUR"
    assert money(None, "EUR") == ""


def test_ages_read_as_people_say_them():
    from datetime import datetime

    now = datetime.fromisoformat("2026-09-04T10:00:00Z")
    assert (age(AT, now), age("2026-09-05T10:00:00.000000Z", now)) == ("3 days ago", "in 1 day")


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_a_position_no_database_can_take_means_the_beginning(text):
    assert decode_position(encode_position((text, "id"))) is None


def test_a_foreign_name_pointed_at_this_machine_is_turned_away(sqlite_url):
    with signed_in(sqlite_url) as client:
        assert client.get("/partners", headers={"host": "rebound.example:8000"}).status_code == 400
        assert client.get("/partners", headers={"host": "localhost:8000"}).status_code == 200
