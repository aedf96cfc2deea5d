"""The feed of changes for programs: what docs/warehouse/changes.md says to copy, refusals in words, its OpenAPI."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.alerts.channels import signature
from tests.conftest import REPOSITORY
from tests.pipelines.golden_rig import DAY
from tests.web.partner_rig import LONE, browsing
from warehouse.changes.feed import read_changes
from warehouse.changes.kinds import KINDS
from warehouse.changes.logged import log_reading
from warehouse.database import Database
from warehouse.queries.audit import everything
from warehouse.viewer import OPERATOR

PAGE = REPOSITORY / "docs/warehouse/changes.md"
FENCE = re.compile(r"^```python (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def api(small):
    hub, url = small
    with browsing(url, hub, "data") as client:
        yield client


def recipe(name):
    found: dict[str, Any] = {}
    exec(dict(FENCE.findall(PAGE.read_text(encoding="utf-8")))[name], found)
    return found


def test_the_consumer_of_the_documentation_is_told_everything_once_and_then_what_is_new(
    api, small, tmp_path, monkeypatch
):
    hub, _ = small
    monkeypatch.chdir(tmp_path)
    consume = recipe("consumer")["consume"]
    seen: list[dict[str, Any]] = []
    consume(api, seen.append)
    assert {"partner.created", "partner.joined"} <= {each["kind"] for each in seen}
    assert len({each["id"] for each in seen}) == len(seen)
    seen.clear()
    hub.stage("organization", LONE, name="Lone Wolf")
    hub.publish()
    consume(api, seen.append)
    assert [(each["kind"], each["after"]) for each in seen] == [("partner.changed", "Lone Wolf")]


def test_a_signature_is_checked_as_the_documentation_says():
    is_ours, body = recipe("verify")["is_ours"], b'{"type": "partner.created"}'
    now = int(datetime.now(UTC).timestamp())
    headers = signature(SECRET, "a-1", now, body)
    assert is_ours(SECRET, headers, body)
    assert not is_ours(SECRET, headers, body + b" ")
    assert not is_ours(SECRET, signature(SECRET, "a-1", now - 600, body), body)


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"cursor": "nonsense"}, 400, "This is not a cursor of this feed."),
        ({"kinds": "weather"}, 400, "There is no kind of change 'weather'."),
        ({"limit": 0}, 422, "This was not understood"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_send(api, asked, status, said):
    answer = api.get("/api/changes", params=asked)
    assert (answer.status_code, answer.json()["title"]) == (status, said)
    assert answer.json()["do"]


def test_a_cursor_that_expired_is_gone_and_names_the_export(api, small):
    _, url = small
    cursor = api.get("/api/changes", params={"cursor": "now"}).json()["next"]
    with Database(url).session() as connection, connection.transaction():
        connection.execute("UPDATE hub_state SET value = 'restored' WHERE name = 'changes'")
    answer = api.get("/api/changes", params={"cursor": cursor})
    assert answer.status_code == 410
    assert "partnerhub export" in answer.json()["do"]


def test_an_answer_is_what_the_openapi_document_says(api):
    document = api.get("/api/openapi.json").json()
    operation = document["paths"]["/api/changes"]["get"]
    assert operation["x-permission"] == "export:read"
    shape = operation["responses"]["200"]["content"]["application/json"]["schema"]
    change = shape["properties"]["changes"]["items"]["properties"]
    assert set(api.get("/api/changes").json()["changes"][0]) == set(change)
    assert set(change["kind"]["enum"]) == set(KINDS)


def readings(hub):
    """What the audit log says of who read the feed, oldest first."""
    with hub.database.session() as connection:
        return [
            (entry.actor, json.loads(entry.detail))
            for entry in everything(connection)
            if entry.verb == "changes.read"
        ]


def test_a_program_that_asks_all_day_is_one_line_in_the_audit_log_and_one_where_it_began_anew(api, small):
    hub, _ = small
    cursor = api.get("/api/changes", params={"limit": 1, "kinds": "partner"}).json()["next"]
    going_on = {"cursor": cursor, "kinds": "partner"}
    answers = [api.get("/api/changes", params=going_on).json() for _ in range(3)]
    api.get("/api/changes")
    (_, anew), (_, on) = readings(hub)
    assert anew == {"is_anew": True, "next": cursor, "changes": 1, "kinds": ["partner"]}
    assert (on["is_anew"], on["cursor"], on["next"]) == (False, cursor, answers[0]["next"])


def test_the_next_day_and_another_reader_are_lines_of_their_own(small):
    hub, _ = small
    with hub.database.session() as connection:
        page = read_changes(OPERATOR, connection)
        days = (DAY.format(1), DAY.format(1), DAY.format(2))
        told = [log_reading(connection, at, "ann", page.next, (), page) for at in days]
        other = log_reading(connection, DAY.format(2), "bob", page.next, (), page)
    assert (told, other) == ([True, False, True], True)
    assert [actor for actor, _ in readings(hub)] == ["ann", "ann", "bob"]


def test_who_asks_only_where_the_feed_ends_reads_nothing(api, small):
    api.get("/api/changes", params={"cursor": "now"})
    assert readings(small[0]) == []
