"""No page reads a whole table that grows with partners, touchpoints or runs: SQLite is asked for every statement."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute

from tests.web.partner_rig import ACME, browsing, partner_hub
from warehouse.database import Connection
from warehouse.queries.partner_orders import SORTS
from warehouse.schema import migrate

GROWS = frozenset({
    "change_log", "deal", "deal_value", "fact", "fact_link", "fact_source", "golden_value", "identity_event", "key",
    "match_edge", "organization", "organization_link", "organization_version", "participant", "partnership", "person",
    "person_link", "person_organization", "question", "raw_current", "raw_record", "search_entry", "signal",
    "staged_agreement", "staged_commitment",
    "staged_document", "staged_organization", "staged_person", "staged_touchpoint", "staged_work_item", "stream_run",
    "sync_error", "timeline", "deal_version",
})  # fmt: skip
IN_ORDER = (
    "organization_by_", "search_entry_contact", "question_order", "staged_agreement_by_day", "staged_commitment_by_day",
)  # fmt: skip
"""Indexes in the order of a list: who walks one for a page stops at its last row."""
FEW = ("fact_unmatched", "raw_current_set_aside")
"""Indexes that hold nothing but what a page is about."""
ALLOWED = {
    (
        "organization",
        "count(*)",
    ): "how many a list has, and what its filters offer: kept until the next publication",
    (
        "organization",
        "SELECT o.organization_id FROM organization o",
    ): "who they are, where they turn out to be few: the same",
    ("partnership", "SELECT DISTINCT program"): "the same",
    ("partnership", "SELECT rule, count("): "what the rules came to, on their own page",
    (
        "stream_run",
        "GROUP BY source, stream",
    ): "health: judged once in ten seconds for everybody, and by /metrics",
    ("stream_run", "SELECT DISTINCT source"): "/metrics, from an index alone",
    ("sync_error", "FROM sync_error"): "a row per kind of problem, not per time it is seen",
}
"""(table, what the statement says) → why it may read all of it."""
NAMED = re.compile(
    r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+(?!WHERE|JOIN|CROSS|LEFT|ON|ORDER|GROUP|LIMIT|INDEXED|UNION)(\w+))?"
)


def tables_of(statement: str) -> dict[str, str]:
    """Alias → table."""
    return {alias or table: table for table, alias in NAMED.findall(statement)}


def read_whole(
    connection: Connection, statement: str, parameters: tuple[object, ...]
) -> set[tuple[str, str]]:
    """Growing tables that a statement reads from one end to the other, each with how."""
    aliases, found = tables_of(statement), set()
    for *_, step in connection.raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall():
        walked = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if walked and aliases.get(walked[1]) in GROWS and not ends_early(walked[2] or "", statement):
            found.add((aliases[walked[1]], step))
    return found


def ends_early(index: str, statement: str) -> bool:
    """Whether walking an index takes no longer where there is more."""
    return index.startswith(FEW) or (index.startswith(IN_ORDER) and "LIMIT" in statement)


def is_allowed(table: str, statement: str) -> bool:
    """Whether there is a reason."""
    return any(table == name and words in statement for name, words in ALLOWED)


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """Address → growing tables it reads whole, with the statement; for every page that can be read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('plans')}/warehouse.db"
    migrate(url)
    hub = partner_hub(url)
    found: dict[str, set[tuple[str, str, str]]] = {}
    here = ""
    patch = pytest.MonkeyPatch()
    for name in ("query", "records"):
        asked = getattr(Connection, name)

        def explaining(self, statement, parameters=(), asked=asked):
            if here:
                for table, step in read_whole(self, statement, tuple(parameters)):
                    found.setdefault(here, set()).add((table, step, " ".join(statement.split())))
            return asked(self, statement, parameters)

        patch.setattr(Connection, name, explaining)
    with browsing(url, hub, "admin", "manager", "steward", "ops", "data", "auditor") as browser:
        for address in addresses(browser.app, hub.id_of(ACME)):
            here = address
            browser.get(address)
        here = ""
    patch.undo()
    return found


def addresses(app, organization_id):
    """Every page that can be read, then what filters and orders ask."""
    fill = {"organization_id": organization_id, "source": "crm", "stream": "companies", "name": "strength"}
    for route in app.routes:
        if isinstance(route, APIRoute) and "GET" in route.methods and "events" not in route.path:
            yield re.sub(r"\{(\w+)(?::path)?\}", lambda found: fill.get(found[1], "x"), route.path)
    for sort in SORTS:
        yield f"/partners?sort={sort}"
    yield from (
        "/partners?tier=Gold&owner=A",
        "/partners?q=ac",
        "/partners?attention=1",
        "/partners?quiet=90",
        "/partners?source=crm",
        "/partners?missing=crm&service=Training",
        "/commitments?state=all&owner=A",
        "/commitments?state=done",
        "/commitments?state=overdue",
    )
    for text in (
        "acme",
        "Acme Gold",
        "acme.example",
        "+4930123456",
        "crm/companies/1",
        "zzqq",
        organization_id,
    ):
        yield f"/search?q={text}"
    yield f"/partners/{organization_id}/timeline?kind=meeting&source=crm&q=a&since=2026-01-01"
    yield f"/partners/{organization_id}?as_of=2026-10-01"


def test_no_page_reads_a_whole_table_that_grows(explained):
    wrong = {
        (address, table, statement)
        for address, some in explained.items()
        for table, _, statement in some
        if not is_allowed(table, statement)
    }
    assert not wrong


def test_what_is_allowed_is_still_needed(explained):
    for name, words in ALLOWED:
        assert any(
            table == name and words in statement
            for some in explained.values()
            for table, _, statement in some
        )
