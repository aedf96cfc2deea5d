"""The search page over a published hub: what it finds, why, in which order, and for whom."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.pipelines.golden_rig import DAY, Hub
from tests.web.browsing import signed_in
from warehouse.database import Database
from warehouse.queries import search_candidates as candidates
from warehouse.queries.search import search
from warehouse.viewer import OPERATOR, Viewer

KESTREL, FALCON, CUSTOMER = "crm/companies/0015g00000Kx9QmAAJ", "crm/companies/2", "crm/companies/3"
ANA = "crm/contacts/1"


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url))
    hub.stage(
        "organization", KESTREL, ["domain:kestrel.example", "name:turmfalke", "phone:+493012345678"],
        name="Kestrel Systems GmbH", domain="kestrel.example", phone="+493012345678", city="Köln",
    )  # fmt: skip
    hub.stage("organization", FALCON, ["domain:falcon.example"], name="Falcon & Søn", domain="falcon.example")
    hub.stage("organization", CUSTOMER, name="Kestrel Customer <b>")
    hub.stage("person", ANA, ["email:ana@kestrel.example"], name="Ana Solé", email="ana@kestrel.example")
    hub.stage("relation", f"{ANA}#job", from_record=ANA, to_record=KESTREL)
    for number, day in (("1", 3), ("2", 8)):
        at = DAY.format(day)
        hub.mail(
            f"mail/messages/{number}",
            "ana@kestrel.example",
            subject=f"Pricing round {number}",
            happened_at=at,
        )
    hub.publish()
    with hub.database.session() as connection, connection.transaction():
        for record in (KESTREL, FALCON):
            connection.execute(
                "INSERT INTO partnership (organization_id, program, rule) VALUES (?, 'default', 'crm: all')",
                (hub.id_of(record),),
            )
        connection.execute(
            "INSERT INTO cursor (source, stream, state_json, checksum, run_id, updated_at)"
            " VALUES ('crm', 'companies', '{}', 'c', 'r', ?)",
            (DAY.format(1),),
        )
    return hub


def found(hub: Hub, typed: str, viewer: Viewer = OPERATOR, only: str = "") -> dict[str, list[str]]:
    """The titles by group."""
    with hub.database.session() as connection:
        groups = search(viewer, connection, typed, only)
    return {group.name: [hit.title for hit in group.hits] for group in groups}


def why(hub: Hub, typed: str) -> tuple[str, str]:
    """What of the first hit matched."""
    with hub.database.session() as connection:
        hit = search(OPERATOR, connection, typed)[0].hits[0]
    return hit.line, hit.said


@pytest.mark.parametrize(
    "typed", ["kestrel", "KESTREL systems", "sys kest", "estrel", "kestrel.example", "koln"]
)
def test_a_partner_is_found_by_names_parts_of_them_site_and_city(hub, typed):
    assert found(hub, typed)["partners"] == ["Kestrel Systems GmbH"]


@pytest.mark.parametrize("typed", ["kestrl", "ksetrel systems", "kestrel sytsems", "kestrell"])
def test_typing_errors_are_forgiven(hub, typed):
    assert found(hub, typed)["partners"] == ["Kestrel Systems GmbH"]


def test_a_word_that_stands_almost_everywhere_is_no_slip_of_another(hub, monkeypatch):
    assert found(hub, "kestral")
    for name in ("COMMON", "COMMON_IN_KIND"):
        monkeypatch.setattr(candidates, name, getattr(candidates, name).replace("20000", "0"))
    assert found(hub, "kestral")
    with hub.database.session() as connection:
        assert candidates.by_likeness(OPERATOR, connection, "organization", ["kestrel"]) == []


def test_partners_come_before_other_organizations(hub):
    assert list(found(hub, "kestrel"))[:2] == ["partners", "organizations"]
    assert found(hub, "kestrel")["organizations"] == ["Kestrel Customer <b>"]


@pytest.mark.parametrize(
    ("typed", "line", "said"),
    [
        (KESTREL, "record", KESTREL),
        ("0015g00000Kx9QmAAJ", "record", "0015g00000Kx9QmAAJ"),
        ("0015g00000Kx9Qm", "record", "0015g00000Kx9Qm"),
        ("https://www.kestrel.example/about", "domain", "kestrel.example"),
        ("+49 30 1234-5678", "phone", "+493012345678"),
        ("030 12345678", "phone", "+493012345678"),
        ("turmfalke", "other_name", "turmfalke"),
        ("ana@kestrel.example", "email", "ana@kestrel.example"),
    ],
)
def test_what_names_it_exactly_is_said(hub, typed, line, said):
    assert why(hub, typed) == (line, said)


def test_an_id_that_was_merged_away_finds_who_it_is_now(hub):
    former = hub.id_of(FALCON)
    hub.groups = {KESTREL: KESTREL, FALCON: KESTREL}
    with hub.database.session() as connection, connection.transaction():
        hub.mark(connection, "organization", FALCON)
        connection.execute(
            "INSERT INTO redirect (from_id, started_at, entity, to_id) VALUES (?, ?, 'organization', ?)",
            (former, DAY.format(20), hub.id_of(KESTREL)),
        )
    hub.publish()
    assert why(hub, former) == ("former_id", former)
    assert why(hub, former.upper())[0] == "former_id"


def test_a_beginning_of_an_id_as_pages_show_it_is_enough(hub):
    assert why(hub, hub.id_of(KESTREL)[:8])[0] == "id"


def test_mail_is_found_by_its_subject_the_newest_first(hub):
    assert found(hub, "pricing")["mail"] == ["Pricing round 2", "Pricing round 1"]
    assert list(found(hub, "pricing", only="mail")) == ["mail"]


def test_nobody_finds_what_they_may_not_see(hub):
    viewer = Viewer("partner", frozenset({hub.id_of(FALCON)}))
    for typed in ("kestrel", "kestrl", "ana@kestrel.example", KESTREL, hub.id_of(KESTREL), "pricing", "solé"):
        assert found(hub, typed, viewer) == {}, typed
    assert found(hub, "falcon", viewer) == {"partners": ["Falcon & Søn"]}


@pytest.mark.parametrize(
    "typed", ["", " ", "\0", "%", '"', "' OR 1=1", "a*", "NEAR(", "x" * 200, "[::", "日本", "-"]
)
def test_nothing_somebody_types_is_an_error(hub, typed):
    with signed_in(hub.database.url) as browser:
        assert browser.get("/search", params={"q": typed}).status_code == 200


def test_the_page_marks_what_matched_and_runs_nothing(hub):
    with signed_in(hub.database.url) as browser:
        text = browser.get("/search?q=kestrel").text
        assert "<mark>Kestrel</mark> Systems GmbH" in text
        assert "<b>" not in text
        assert "Kestrel Customer <b>" in re.sub("</?mark>", "", unescape(text))
        assert "<mark>kestrel</mark>" in browser.get("/search?q=kestrel&in=people").text


def test_nothing_found_says_what_to_try(hub):
    with signed_in(hub.database.url) as browser:
        text = browser.get("/search?q=zzzqqq").text
    assert "Nothing matches" in text
    assert "a web site, an e-mail address or a phone number" in text


def test_a_mail_that_is_found_leads_to_its_place_on_the_timeline_and_names_its_partner(hub):
    kestrel = hub.id_of(KESTREL)
    with signed_in(hub.database.url, "manager", mail_levels={"mail": "everything"}) as browser:
        text = unescape(browser.get("/search?q=pricing+round+1").text)
        assert f'<a href="/partners/{kestrel}">Kestrel Systems GmbH</a>' in text
        (address,) = re.findall(rf'href="(/partners/{kestrel}/timeline\?at=[^"#]+)#found"', text)
        there = browser.get(address).text
    first = there.partition('<li class="stop')[2].partition("</li>")[0]
    assert "is-found" in first
    assert "Pricing round 1" in first
    assert "Pricing round 2" not in there


def test_an_attachment_that_is_found_leads_to_what_it_hangs_on(hub):
    hub.stage("document", "mail/attachments/1", title="Figures.pptx", parent_record="mail/messages/1")
    hub.publish()
    with signed_in(hub.database.url, "manager", mail_levels={"mail": "everything"}) as browser:
        (address,) = re.findall(
            r'href="(/partners/[^"#]+)#found"', unescape(browser.get("/search?q=figures").text)
        )
        first = browser.get(address).text.partition('<li class="stop')[2].partition("</li>")[0]
    assert "is-found" in first
    assert "Pricing round 1" in first


def test_what_is_not_on_the_timeline_any_more_is_told(hub):
    with signed_in(hub.database.url, "manager", mail_levels={"mail": "everything"}) as browser:
        text = browser.get(f"/partners/{hub.id_of(KESTREL)}/timeline?at=gone").text
    assert "not on this timeline any more" in text
    assert "Pricing round 2" in text
