"""Requests no page of ours would send: whatever stands in them, the answer is a refusal, and nothing breaks."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from partnerhub.web.app import MOST_BYTES
from partnerhub.web.guard import COOKIE
from partnerhub.web.routes.signing_in import inside
from tests.web.browsing import client, link_for
from tests.web.partner_rig import ACME, browsing
from tests.web.sync_rig import SettingsOf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant

DEEP: Final = "[" * 2900
"""Lists in lists, deeper than a reader of JSON goes."""
TEXTS: Final = (
    "a\0b",
    "'; DROP TABLE fact; --",
    '"a* OR (b',
    "%_!\\",
    "00000199999999",
    "../../etc/passwd",
    "x" * 4000,
    "\r\nX: y",
    "{{7*7}}",
    base64.urlsafe_b64encode(DEEP.encode()).decode(),
    base64.urlsafe_b64encode(b'["9e999","\\u0000"]').decode(),
)
NUMBERS: Final = ("-1", "9" * 20, "1e9")
ENDLESS: Final = "/events"


def asked(dependant: Dependant, whole: bool) -> Iterator[str]:
    """The parameters of an address's query: those that are whole numbers, or the others."""
    for field in dependant.query_params:
        if ("int" in str(field.field_info.annotation)) == whole:
            yield field.alias
    for each in dependant.dependencies:
        yield from asked(each, whole)


def requests_of(app: Any, known: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address that answers to GET, with each hostile text in all of its parameters at once."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or "GET" not in route.methods or route.path.endswith(ENDLESS):
            continue
        usual = re.sub(r"{(\w+)(:path)?}", lambda found: known.get(found[1], "1"), route.path)
        texts = [
            *asked(route.dependant, whole=False),
            *(("q", "quiet", "list", "sort") if "partners" in usual else ()),
        ]
        for text in TEXTS:
            if texts:
                yield usual, dict.fromkeys(texts, text)
            if "{" in route.path:
                yield re.sub(r"{(\w+)(:path)?}", quote(text, safe=""), route.path), {}
        for number in NUMBERS:
            for name in asked(route.dependant, whole=True):
                yield usual, {name: number}


def test_no_text_or_number_in_an_address_breaks_a_page(partners, database_url):
    known = {"organization_id": partners.id_of(ACME), "source": "crm", "name": "strength"}
    with browsing(database_url, partners, "admin", settings=SettingsOf()) as browser:
        for path, query in requests_of(browser.app, known):
            answer = browser.get(path, params=query, follow_redirects=False)
            assert answer.status_code < 500, (path, query)
            assert "Traceback" not in answer.text
            assert not {"x", "X"} & set(answer.headers), path


@pytest.mark.parametrize(
    "sent",
    [
        DEEP,
        '{"query": "x", "type": 5}',
        '{"query": "x", "properties": 7}',
        '{"query": "x", "properties": [{"pid": ["a"], "v": 1}]}',
        '{"query": "\\ud800\\u0000"}',
        '{"query": "x", "limit": 1e99}',
    ],
)
def test_no_query_of_a_batch_breaks_the_matching(small, sent):
    hub, url = small
    with browsing(url, hub) as browser:
        for form in ({"query": sent}, {"queries": f'{{"q0": {sent}}}'}):
            assert browser.post("/api/reconcile", data=form).status_code in {200, 422}


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\u0000"', DEEP, "\xff", '"no/such/record"'])
def test_no_body_breaks_the_api(hub, text):
    known = hub.one("SELECT organization_id FROM organization WHERE record_count = 2")[0]
    body, json = f'{{"records": [{text}]}}', {"content-type": "application/json"}
    with hub.browser("steward") as browser:
        answer = browser.post(f"/api/partners/{known}/split", content=body.encode("latin-1"), headers=json)
    assert 400 <= answer.status_code < 500, answer.text


def test_a_body_that_is_too_large_is_refused_unread_whoever_sends_it(sqlite_url):
    def endless() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 100_000 + 2):
            yield b"x" * 100_000

    with client(sqlite_url) as browser:
        for content, headers in (
            (b"login=a", {"content-length": str(MOST_BYTES + 1)}),
            (b"login=a", {"content-length": "9" * 30}),
            (endless(), {"content-type": "application/x-www-form-urlencoded"}),
        ):
            assert browser.post("/sign-in", content=content, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/partners?q=a", "/partners?q=a"),
        ("https://evil.example", "/partners"),
        ("//evil.example", "/partners"),
        ("/\\evil.example", "/partners"),
        ("/\t/evil.example", "/partners"),
        ("/\n\\evil.example", "/partners"),
        ("javascript:alert(1)", "/partners"),
        ("\\\\evil.example", "/partners"),
        ("", "/partners"),
    ],
)
def test_an_address_to_go_on_to_is_one_of_ours(wanted, reached):
    assert inside(wanted) == reached


def test_a_name_that_is_not_the_hubs_is_not_answered(sqlite_url):
    with client(sqlite_url, public_url="https://hub.example") as browser:
        for host, status in (
            ("hub.example", 200),
            ("evil.example", 400),
            ("hub.example.evil.example", 400),
            ("", 400),
        ):
            assert browser.get("/sign-in", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://hub.example"},
        {"origin": "https://evil.example"},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer x", "cookie": "a=b"},
    ],
)
def test_over_https_only_a_page_fetched_over_https_may_send_a_form(sqlite_url, headers):
    with client(sqlite_url, public_url="https://hub.example") as browser:
        del browser.headers["sec-fetch-site"]
        secret = link_for(sqlite_url, "ana@hub.example")
        told = {"host": "hub.example", **headers}
        assert browser.post(f"/sign-in/{secret}", headers=told).status_code == 403
        ours = {"host": "hub.example", "origin": "https://hub.example"}
        answer = browser.post(f"/sign-in/{secret}", headers=ours, follow_redirects=False)
        assert answer.status_code == 303


def test_no_file_beside_the_pages_own_is_served(sqlite_url):
    with client(sqlite_url) as browser:
        for path in ("..%2f..%2fapp.py", "%2e%2e/%2e%2e/app.py", "/etc/passwd", "hub.css%00.js"):
            assert browser.get(f"/static/x/{path}").status_code in {404, 303}


def test_every_answer_says_what_a_browser_may_do_with_it(small):
    hub, url = small
    with browsing(url, hub, "admin", public_url="https://hub.example") as browser:
        cookie = {"cookie": f"__Host-{COOKIE}={browser.cookies.get(f'__Host-{COOKIE}')}"}
        for path in ("/partners", "/sign-in", "/nothing", "/api/partners", "/partners.csv", "/healthz"):
            said = browser.get(path, headers=cookie, follow_redirects=False).headers
            assert said["cache-control"] == "no-store"
            assert said["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in said["content-security-policy"]
            assert "frame-ancestors 'none'" in said["content-security-policy"]
            assert said["strict-transport-security"].startswith("max-age=31536000")
