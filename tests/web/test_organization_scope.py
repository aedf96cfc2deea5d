"""Who may know of one organization only finds nothing of another: every address is asked, with every id there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from partnerhub.access.roles import Role
from partnerhub.web.guard import Needs, declared
from tests.pipelines.golden_rig import DAY
from tests.web.browsing import client, link_for
from tests.web.partner_rig import ACME, LONE, PublishingActs, partner_hub, put
from tests.web.sync_rig import SettingsOf
from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from tests.pipelines.golden_rig import Hub

MARK, WORD = "zzplanted", "findable"
BEFORE, ANN, EVE, MAX = DAY.format(3), "ann@acme.example", f"eve@{MARK}.example", "max@lone.example"
CHOSEN = {
    "currency",
    "record",
    "source",
    "stream",
    "source_id",
    "kind",
    "nature",
    "sensitivity",
    "direction",
    "rules",
}
"""Columns that are a key or one of a few words."""


class Likely(NamedTuple):
    """What matching would answer: an organization that may be meant."""

    organization_id: str
    bits: float = 9.0
    probability: float = 0.9
    certain: bool = False


def marked(kind: str) -> dict[str, str]:
    """A text with the mark for every column that takes any text."""
    columns = [column for column in table(f"staged_{kind}").columns if str(column.type) == "TEXT"]
    plain = [name for column in columns if (name := column.name) not in CHOSEN]
    ends = ("_at", "_on", "_json", "_record", "_date", "since", "until", "same_as", "recurrence", "left_out")
    return {name: f"{MARK} {WORD} {name}" for name in plain if not name.endswith(ends)}


def hub_of_two(url: str) -> Hub:
    """Acme, and beside it an organization of which everything bears the mark."""
    hub = partner_hub(url)
    said = marked("organization") | {"domain": f"{MARK}.example"}
    more = {"labels_json": [f"{MARK} label"], "custom_json": {"x": f"{MARK} custom"}}
    hub.stage("organization", LONE, [f"domain:{MARK}.example"], **said, **more)
    contact = hub.stage("person", "crm/contacts/9", [f"email:{EVE}"], **marked("person") | {"email": EVE})
    other = hub.stage("person", "crm/contacts/8", [f"email:{MAX}"], name="Max", email=MAX)
    for each in (contact, other):
        hub.stage("relation", f"{each}#job", from_record=each, to_record=LONE, role=f"{MARK} role")
    for kind in ("deal", "work_item", "agreement", "commitment", "document"):
        named = {"organization_record": LONE} if kind in {"agreement", "commitment"} else {}
        record = hub.stage(kind, f"crm/{kind}s/9", **marked(kind), **named)
        hub.stage("relation", f"{record}#about", kind="about", from_record=record, to_record=LONE)
    for number, to in enumerate(((EVE,), (MAX, ANN))):
        said = marked("touchpoint") if number == 0 else {"subject": "Both", "text": "For both of you"}
        hub.mail(
            f"crm/calls/{number}", "nora@hub.example", *to, **said | {"kind": "call"}, happened_at=BEFORE
        )
    hub.publish()
    of_lone(hub)
    return hub


def of_lone(hub: Hub) -> None:
    """What is written beside staged records: what arrived, a problem with it, a run, a signal, a list."""
    lone, place = hub.id_of(LONE), {"source": "crm", "stream": "companies", "source_id": "2"}
    version = place | {"raw_id": 1, "op": "upsert", "content_hash": b"x"}
    write(
        hub, "raw_record", **version, payload=f'{{"name": "{MARK}"}}'.encode(), run_id="r", landed_at=BEFORE
    )
    write(hub, "raw_current", **version, quarantine="bad_date")
    said = {
        "code": "bad_date",
        "to_do": "Mend it",
        "happened": f"{MARK} is no date",
        "sample": MARK,
        "count": 1,
    }
    seen = {"first_seen_at": BEFORE, "last_seen_at": BEFORE, "first_run_id": "r", "last_run_id": "r"}
    state = {"fingerprint": "f1", "severity": "error", "stage": "stage", "state": "open"}
    write(hub, "sync_error", **place, **said, **seen, **state)
    write(hub, "sync_run", run_id="r", started_at=BEFORE, trigger="cli", state="complete")
    told = {"rule": "gone_silent", "subject": "s", "sentence": f"{MARK} is silent", "evidence_json": "{}"}
    write(hub, "signal", signal_id="s", organization_id=lone, **told, level="warning", opened_at=BEFORE)
    named = {"view_id": "v", "name": f"{MARK} list", "kind": "cohort", "query_json": "[]"}
    write(hub, "saved_view", **named, created_at=BEFORE, created_by="nora")
    write(hub, "saved_view_member", view_id="v", organization_id=lone, added_at=BEFORE, added_by="nora")


def write(hub: Hub, table_name: str, **row: Any) -> None:
    """One row."""
    put(hub, table_name, tuple(row), [tuple(row.values())])


@pytest.fixture
def two(database_url: str) -> tuple[Hub, str]:
    return hub_of_two(database_url), database_url


@pytest.fixture
def two_on_sqlite(sqlite_url: str) -> tuple[Hub, str]:
    return hub_of_two(sqlite_url), sqlite_url


def reading(two: tuple[Hub, str], only: list[str] | None, *roles: str) -> TestClient:
    """A browser of somebody who may know of these organizations."""
    hub, url = two
    levels = {"crm": "everything"}
    likely = [Likely(hub.id_of(LONE))]
    made = client(
        url, acts=PublishingActs(hub), settings=SettingsOf(), mail_levels=levels, likely=lambda *_: likely
    )
    secret = link_for(url, f"pia{len(only or ())}@partner.example", *(roles or list(Role)), only=only)
    assert made.post(f"/sign-in/{secret}", follow_redirects=False).status_code == 303
    return made


def examples(hub: Hub) -> dict[str, list[str]]:
    """Parameter of a path → every id there is."""
    facts = [row[0] for row in hub.rows("fact", "fact_id")]
    return {
        "organization_id": [hub.id_of(ACME), hub.id_of(LONE)],
        "fact_id": facts,
        "run_id": ["r"],
        "source": ["crm"],
        "stream": ["companies"],
        "source_id": ["2"],
        "name": ["strength", "pipeline", "engagement", "risks"],
        "view_id": ["v"],
    }


QUERIED = {
    "/api/likely": [{"name": WORD}],
    "/api/reconcile": [{"query": WORD}],
    "/api/reconcile/suggest/entity": [{"prefix": WORD}],
    "/api/reconcile/preview": [{"id": "{lone}"}],
    "/api/partners": [{}, {"search": WORD}],
    "/partners": [{}, {"q": WORD}, {"list": "v"}],
    "/partners/{organization_id}": [{}, {"as_of": "2026-10-01"}],
    "/partners/{organization_id}/values": [{"field": "name"}],
    "/partners/{organization_id}/timeline": [{}, {"q": WORD}],
    "/partners.csv": [{}, {"list": "v"}],
    "/search": [{"q": WORD}, {"q": "eve"}, {"q": "crm/companies/2"}, {"q": "{lone}"}],
    "/quarantine": [{}, {"source": "crm", "rule": "bad_date"}],
    "/errors": [{}, {"state": "all"}],
}


EVERYWHERE = {
    "/partners", "/partners.csv", "/partners/{organization_id}", "/partners/{organization_id}/timeline", "/search",
    "/partners/{organization_id}/values", "/partners/{organization_id}/records", "/touchpoints/{fact_id}", "/errors",
    "/quarantine", "/records/{source}/{stream}/{source_id:path}", "/lists", "/runs/{run_id}", "/sync/{source}",
    "/api/partners", "/api/partners/{organization_id}", "/api/partners/{organization_id}/values", "/api/likely",
    "/api/partners/{organization_id}/timeline", "/api/reconcile", "/api/reconcile/suggest/entity",
}  # fmt: skip
"""Where somebody who may know of all does find it: the proof that looking for it finds it."""


def addresses(browser: TestClient, hub: Hub) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Route, path and query of everything that answers to GET and asks for a permission, with every id."""
    known, lone = examples(hub), hub.id_of(LONE)
    for route in browser.app.routes:
        if (
            not isinstance(route, APIRoute)
            or "GET" not in route.methods
            or not isinstance(declared(route), Needs)
        ):
            continue
        paths = [route.path_format]
        for name in route.param_convertors:
            paths = [
                path.replace(f"{{{name}}}", quote(value, safe=""))
                for path in paths
                for value in known.get(name, ["1"])
            ]
        for path in paths:
            for query in QUERIED.get(route.path, [{}]):
                yield route.path, path, {key: value.replace("{lone}", lone) for key, value in query.items()}


def showing(browser: TestClient, hub: Hub) -> dict[str, str]:
    """Route → an address of it that shows the mark, beyond what was asked with it."""
    found = {}
    for route, path, query in addresses(browser, hub):
        answer = browser.get(path, params=query)
        assert answer.status_code < 500, (path, answer.text[:300])
        shown = answer.text
        if MARK in shown or (hub.id_of(LONE) in shown and hub.id_of(LONE) not in f"{path}{query}"):
            found[route] = f"{path} {query} {shown[max(0, shown.find(MARK) - 80) : shown.find(MARK) + 40]}"
    return found


def test_no_address_shows_anything_of_another_organization(two):
    hub, _ = two
    with reading(two, [hub.id_of(ACME)]) as browser:
        assert showing(browser, hub) == {}
    with reading(two, None) as browser:
        assert set(showing(browser, hub)) >= EVERYWHERE


FORMS = {
    "/partners/{lone}/values": {"act": "pin", "field": "tier", "value": "Gold"},
    "/partners/{lone}/log": {"kind": "note", "text": "x"},
    "/partners/{lone}/records": {"record": LONE},
    "/mail/{fact}/visibility": {"level": "private"},
    "/errors/decide": {"act": "discard", "fingerprint": "f1", "reason": "x"},
    "/quarantine/replay": {"source": "crm", "rule": "bad_date", "everything": "1"},
    "/accounts": {"login": "eve@partner.example", "roles": "admin"},
    "/keys": {"name": "x", "allow": "partners:read"},
    "/lists/v/remove": {},
}


def test_nothing_of_another_organization_is_changed(two_on_sqlite):
    hub, _ = two_on_sqlite
    lone = hub.id_of(LONE)
    facts = dict(hub.rows("timeline", "organization_id", "fact_id"))
    with reading(two_on_sqlite, [hub.id_of(ACME)]) as browser:
        for path, form in FORMS.items():
            there = path.format(lone=lone, fact=facts[lone])
            answer = browser.post(there, data=form, follow_redirects=False)
            assert answer.status_code in {403, 404}, (path, answer.text[:200])
