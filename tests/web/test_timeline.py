"""The timeline in a browser: one stream, its filters, gaps and pages, mail as far as it is shown, logging by hand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest

import partnerhub.web.routes.timeline as route
from tests.pipelines.golden_rig import DAY, Hub
from tests.web.browsing import signed_in
from tests.web.partner_rig import ACME, PublishingActs, partner_hub, put
from warehouse.commands.enter import Entry, check
from warehouse.queries.stream import stream

NORA, ANN = "nora@hub.example", "ann@acme.example"
MAIL = "mail_nora/messages/1"
BODY, SUBJECT = "Plantedbody", "Zweigstelle Plantedsubject"
HTML = f"<p>{BODY}</p><script>alert(1)</script><img src='https://t.example/1.gif'>"


@dataclass
class Entries:
    """Lands an entry as its staged record: what `partnerhub serve` hands in does it through the mapping."""

    hub: Hub

    def enter(self, now: str, entry: Entry, actor: str) -> str:
        check(entry, now)
        key = f"hub/touchpoints/{self.hub.runs}"
        said = entry.fields
        self.hub.mail(
            key, ANN, kind=entry.kind, happened_at=said["happened_at"], text=said["text"], mailbox=actor
        )
        self.hub.publish()
        return key


@pytest.fixture
def hub(database_url):
    found = partner_hub(database_url)
    said = {"mailbox": NORA, "direction": "in", "thread": "mail:1@x", "subject": SUBJECT, "text": BODY}
    found.mail(MAIL, ANN, NORA, raw_id=71, happened_at="2026-06-20T08:00:00.000000Z", **said)
    found.mail("mail_nora/messages/2", ANN, NORA, happened_at="2026-06-21T08:00:00.000000Z", **said)
    found.stage(
        "document", f"{MAIL}#a", title="Plantedname.pdf", parent_record=MAIL, created_at=DAY.format(2)
    )
    for number in range(1, 4):
        found.mail(f"crm/calls/{number}", ANN, kind="call", subject=f"Call {number}", text=f"About {number}",
                   happened_at=f"2026-0{number}-01T08:00:00.000000Z")  # fmt: skip
    payload = json.dumps({"body": [{"type": "text/html", "text": HTML}]}).encode()
    columns = (
        "raw_id",
        "source",
        "stream",
        "source_id",
        "op",
        "content_hash",
        "payload",
        "run_id",
        "landed_at",
    )
    put(found, "raw_record", columns,
        [(71, "mail_nora", "messages", "1", "upsert", b"x", payload, "r", DAY.format(1))])  # fmt: skip
    found.publish()
    return found


@pytest.fixture
def browse(hub, database_url):
    opened = []

    def start(level="everything", *roles, login="dana@hub.example"):
        client = signed_in(
            database_url, *(roles or ("manager",)), login=login, acts=PublishingActs(hub), entries=Entries(hub),
            mail_levels={"mail_nora": level},
        )  # fmt: skip
        opened.append(client)
        return client

    yield start
    for client in opened:
        client.close()


def address(hub, rest=""):
    return f"/partners/{hub.id_of(ACME)}/timeline{rest}"


def fact_of(hub, key=MAIL):
    with hub.database.session() as connection:
        return connection.query("SELECT fact_id FROM fact_source WHERE record = ?", (key,))[0][0]


def titles(page):
    return re.findall(
        r'<li class="stop is-[a-z_]+" id="[^"]+">.*?<a href="[^"]+">([^<]*)</a>', page, re.DOTALL
    )


def test_one_stream_with_conversations_in_one_and_silences_as_stops_of_their_own(hub, browse):
    page = browse().get(address(hub)).text
    assert titles(page) == [SUBJECT, "Call 3", "Call 2", "Call 1"]
    assert "1 earlier mail of this conversation" in page
    assert re.findall(r"(\d+) days of silence", page)[1:] == ["111", "31"]
    assert page.index("Today") < page.index("Call 3")


def test_filters_stand_in_the_address_and_each_can_be_taken_away(hub, browse):
    page = browse().get(address(hub, "?kind=call&kind=mail&q=call+2&since=2026-01-05")).text
    assert titles(page) == ["Call 2"]
    assert 'aria-label="Without: Mail"' in page
    assert f'href="{address(hub)}?kind=mail&amp;kind=call&amp;since=2026-01-05"' in page


@pytest.mark.fault("F95")
def test_a_filter_never_finds_what_its_reader_may_not_see(hub, browse):
    assert titles(browse("subject").get(address(hub, "?q=plantedbody")).text) == []
    private = browse("private", login="ed@hub.example")
    assert titles(private.get(address(hub, "?q=Plantedsubject")).text) == []


def test_pages_follow_one_another_without_a_gap_or_a_double(hub, browse, monkeypatch):
    monkeypatch.setattr(route, "stream", lambda *args, **more: stream(*args, **more, limit=2))
    client, seen, following = browse(), [], address(hub, "?kind=call")
    while following:
        page = client.get(following).text
        seen += titles(page)
        found = re.search(r'id="older".*?href="([^"]+)"', page)
        following = found.group(1).replace("&amp;", "&") if found else ""
    assert seen == ["Call 3", "Call 2", "Call 1"]


def test_htmx_gets_the_stream_alone(hub, browse):
    part = browse().get(address(hub), headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<section id="timeline"')


@pytest.mark.fault("F95")
@pytest.mark.parametrize(
    ("level", "seen"),
    [
        ("private", {"subject": False, "sender": False, "file": False, "body": False}),
        ("metadata", {"subject": False, "sender": True, "file": False, "body": False}),
        ("subject", {"subject": True, "sender": True, "file": True, "body": False}),
        ("everything", {"subject": True, "sender": True, "file": True, "body": True}),
    ],
)
def test_no_page_shows_more_of_a_mail_than_its_level(hub, browse, level, seen):
    client, fact = browse(level), fact_of(hub)
    partner = f"/partners/{hub.id_of(ACME)}"
    pages = [address(hub, "?kind=mail"), f"/touchpoints/{fact}", partner, f"/mail/{fact}/body",
             f"{partner}?as_of=2026-07-01", "/search?q=Plantedsubject"]  # fmt: skip
    got = [client.get(each) for each in pages]
    text = "\n".join(
        answer.text.replace('value="Plantedsubject"', "").replace("q=Plantedsubject", "") for answer in got
    )
    assert got[3].status_code == (200 if seen["body"] else 404)
    assert (SUBJECT in text, "Plantedname" in text, BODY in text) == (
        seen["subject"],
        seen["file"],
        seen["body"],
    )
    assert (ANN in got[1].text) == seen["sender"]


@pytest.mark.fault("F96", "F97")
def test_a_mails_text_comes_alone_in_a_frame_that_can_do_nothing_and_reading_is_written_down(hub, browse):
    answer = browse().get(f"/mail/{fact_of(hub)}/body")
    assert answer.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'self'"
    )
    assert BODY in answer.text
    assert "script" not in answer.text
    assert "1 remote image withheld" in answer.text
    with hub.database.session() as connection:
        rows = connection.query("SELECT actor, subject, detail FROM audit_entry WHERE verb = 'mail.read'")
    assert rows == [("dana@hub.example", f"fact:{fact_of(hub)}", "{}")]


@pytest.mark.fault("F95")
def test_the_owner_reads_own_mail_and_decides_who_sees_the_conversation(hub, browse):
    owner, other, fact = (
        browse("private", login=NORA),
        browse("everything", login="ed@hub.example"),
        fact_of(hub),
    )
    assert owner.get(f"/mail/{fact}/body").status_code == 200
    assert other.post(f"/mail/{fact}/visibility", data={"level": "everything"}).status_code == 404
    assert owner.post(f"/mail/{fact}/visibility", data={"level": "private"}).status_code == 200
    assert other.get(f"/mail/{fact}/body").status_code == 404
    assert SUBJECT not in other.get(address(hub)).text


def test_a_call_that_lacks_something_says_so_at_the_field_and_keeps_what_was_written(hub, browse):
    log = f"/partners/{hub.id_of(ACME)}/log"
    answer = browse().post(
        log, data={"kind": "call", "happened_at": "2026-08-01T10:00", "text": "Kept words"}
    )
    assert answer.status_code == 422
    assert 'id="field-participants-error">Say with whom.' in answer.text
    assert "Kept words" in answer.text


def test_what_is_logged_stands_on_the_timeline_at_once(hub, browse):
    said = {"kind": "call", "happened_at": "2026-08-01T10:00", "text": "Talked terms", "participants": ANN}
    answer = browse().post(f"/partners/{hub.id_of(ACME)}/log", data=said)
    assert answer.status_code == 200
    assert "Talked terms" in answer.text


def test_a_time_to_come_and_a_strange_amount_are_refused_at_their_fields(hub, browse):
    client, log = browse(), f"/partners/{hub.id_of(ACME)}/log"
    later = client.post(log, data={"kind": "note", "happened_at": "2999-01-01T10:00", "text": "x"})
    assert 'id="field-happened_at-error">This is still to come' in later.text
    said = {
        "kind": "agreement",
        "title": "T",
        "starts_on": "2026-09-01",
        "ends_on": "2026-08-01",
        "amount": "many",
    }
    answer = client.post(log, data=said)
    assert 'id="field-amount-error"' in answer.text
    assert 'id="field-ends_on-error">It would end before it starts' in answer.text
