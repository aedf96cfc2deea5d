"""A partner on a day in the past: what its records said then, what hung on it then, and what nobody kept."""

from __future__ import annotations

import json
from contextlib import contextmanager

from pipelines.recall import Recollection
from pipelines.stage.rules import SourceRules, StageSettings
from tests.web.partner_rig import ACME, LONE, RULES, Page, browsing, put

RECALL = Recollection(StageSettings({"crm": SourceRules("hubspot")}), RULES)
RAW = ("source", "stream", "source_id", "op", "content_hash", "payload", "run_id", "landed_at")
EARLY, BETWEEN, LATE = "2026-10-02", "2026-10-05", "2026-10-08"
MOMENT = "{}T12:00:00.000000Z"
LINK = ("record", "started_at", "organization_id", "method", "run_id", "ended_at")


@contextmanager
def pages(hub, url):
    """The page of Acme, over a hub that can read former versions back."""
    with browsing(url, hub, recall=RECALL) as client:
        yield Page(client, hub.id_of(ACME))


def landed(hub, record, day, op="upsert", /, payload=None, **properties):
    """One raw version of a HubSpot record."""
    source, stream, source_id = record.split("/")
    said = payload or ({"id": source_id, "properties": properties} if properties else None)
    content = json.dumps(said).encode() if said else None
    put(hub, "raw_record", RAW, [(source, stream, source_id, op, b"x", content, "r", MOMENT.format(day))])


def deal(hub, number=1, anchor=ACME, **values):
    """A deal of Acme as it is now."""
    record = hub.stage("deal", f"crm/deals/{number}", **{"name": "Rollout", "status": "open", **values})
    hub.stage("relation", f"{record}#party", kind="party", from_record=record, to_record=anchor)
    return record


def test_a_deal_is_shown_with_the_amount_and_stage_of_that_day(small):
    hub, url = small
    record = deal(
        hub, name="Rollout, extended", stage="Won", status="won", amount_minor=90_000, currency="EUR"
    )
    landed(
        hub, record, EARLY, dealname="Rollout", dealstage="proposal", amount="500", deal_currency_code="EUR"
    )
    landed(
        hub,
        record,
        LATE,
        dealname="Rollout, extended",
        dealstage="won",
        amount="900",
        deal_currency_code="EUR",
    )
    hub.publish()
    with pages(hub, url) as page:
        then = page.text(as_of=BETWEEN)
        assert "500.00 EUR · proposal" in then
        assert "extended" not in then
        assert "extended" in page.text(as_of=LATE)


def test_a_deal_that_came_later_is_no_part_of_that_day(small):
    hub, url = small
    landed(hub, deal(hub), LATE, dealname="Rollout")
    hub.publish()
    with pages(hub, url) as page:
        assert "No deals." in page.text(as_of=BETWEEN)
        assert "Rollout" in page.text(as_of=LATE)


def test_a_deal_deleted_since_is_still_there_on_its_day(partners, database_url):
    hub, url = partners, database_url
    record = deal(hub)
    landed(hub, record, EARLY, dealname="Rollout")
    hub.publish()
    landed(hub, record, LATE, "delete")
    deal(hub, deleted_at=MOMENT.format(LATE))
    hub.publish()
    with pages(hub, url) as page:
        assert "Rollout" in page.text(as_of=BETWEEN)
        assert "Rollout" not in page.text(as_of=LATE)


def test_a_mail_and_a_call_deleted_since_stand_on_the_timeline_of_their_day(partners, database_url):
    hub, url = partners, database_url
    gone = {"happened_at": MOMENT.format("2026-09-20")}
    mail = ("crm/emails/1", "ann@acme.example", "me@hub.example")
    hub.stage("person", "crm/contacts/1", ["email:ann@acme.example"], name="Ann Lee")
    hub.stage("relation", "crm/jobs/1", from_record="crm/contacts/1", to_record=ACME)
    call = hub.stage("touchpoint", "crm/calls/1", kind="call", subject="About prices", **gone)
    hub.stage("relation", f"{call}#about", kind="about", from_record=call, to_record=ACME)
    hub.mail(*mail, subject="The offer", kind="message", **gone)
    landed(hub, call, EARLY, hs_call_title="About prices", hs_timestamp=gone["happened_at"])
    landed(hub, mail[0], EARLY, hs_email_subject="The offer", hs_timestamp=gone["happened_at"])
    hub.publish()
    deleted = {**gone, "deleted_at": MOMENT.format(LATE)}
    hub.stage("touchpoint", call, kind="call", subject="About prices", **deleted)
    hub.mail(*mail, subject="The offer", kind="message", **deleted)
    hub.publish()
    with pages(hub, url) as page:
        then = page.text(as_of=BETWEEN)
        assert then.count("deleted since") == 2
        assert "2 in 180 days" in page.text("/readings/strength", as_of=BETWEEN)
        assert "0 in 180 days" in page.text("/readings/strength", as_of=LATE)
        assert "About prices" in then
        assert "The offer" in then
        assert "About prices" not in page.text(as_of=LATE) + page.text()
        assert "About prices" not in page.text(as_of="2026-10-01")


def test_a_deal_hangs_on_a_partner_from_when_its_source_said_so(small):
    hub, url = small
    record = hub.stage("deal", "crm/deals/1", name="Rollout", status="open")
    tie = hub.stage(
        "relation", "crm/deals_to_companies/1#party", kind="party", from_record=record, to_record=ACME
    )
    landed(hub, record, EARLY, dealname="Rollout")
    landed(hub, tie.partition("#")[0], LATE, anything="here")
    hub.publish()
    with pages(hub, url) as page:
        assert "Rollout" not in page.text(as_of=BETWEEN)
        assert "Rollout" in page.text(as_of=LATE)


def test_people_have_the_title_of_that_day_and_whoever_came_later_is_not_there(partners, database_url):
    hub, url = partners, database_url
    for number, first, title, day in ((1, "Ann", "Trainee", EARLY), (2, "Bob", "Head", LATE)):
        record = hub.stage("person", f"crm/contacts/{number}", name=first, title="Boss")
        tie = f"crm/contacts_to_companies/{number}"
        hub.stage("relation", f"{tie}#1", kind="works_at", from_record=record, to_record=ACME)
        landed(hub, record, day, firstname=first, lastname="Lee", jobtitle=title)
        payload = {"from": {"id": str(number)}, "to_type": "companies", "to": [{"toObjectId": 1}]}
        landed(hub, tie, day, payload=payload)
    hub.publish()
    with pages(hub, url) as page:
        then = page.text(as_of=BETWEEN)
        assert "Ann Lee" in then
        assert "Trainee" in then
        assert "Boss" not in then
        assert "Bob" not in then


def test_readings_are_those_of_the_day_with_their_formula_one_click_away(small):
    hub, url = small
    landed(
        hub,
        deal(hub, status="won"),
        EARLY,
        dealname="Rollout",
        dealstage="appointmentscheduled",
        hs_is_closed="false",
    )
    for number, day in ((1, EARLY), (2, LATE)):
        hub.mail(f"mail/I/{number}", "ann@acme.example", "me@hub.example", kind="meeting", direction="in")
        landed(hub, f"mail/I/{number}", day, anything="here")
    hub.publish()
    with pages(hub, url) as page:
        assert "1 in 180 days" in page.text(as_of=BETWEEN)
        assert f'href="{page.address}/readings/strength?as_of={BETWEEN}"' in page.text(as_of=BETWEEN)
        formula = page.text("/readings/strength", as_of=BETWEEN)
        assert "on 5 October 2026" in formula
        assert "1 in 180 days" in formula
        assert "2 in 180 days" in page.text("/readings/strength", as_of=LATE)


def test_the_next_action_is_that_of_the_signal_that_was_open_then(small):
    hub, url = small
    columns = (
        "signal_id",
        "organization_id",
        "rule",
        "sentence",
        "evidence_json",
        "level",
        "opened_at",
        "closed_at",
    )
    opened, closed = MOMENT.format(EARLY), MOMENT.format(LATE)
    put(hub, "signal", columns, [
        ("1", hub.id_of(ACME), "unanswered", "They wait.", "[]", "urgent", opened, closed),
        ("2", hub.id_of(ACME), "silence", "Quiet.", "[]", "urgent", closed, None),
    ])  # fmt: skip
    with pages(hub, url) as page:
        then = page.text(as_of=BETWEEN)
        assert "They wait." in then
        assert "Quiet." not in then
        assert "They wait." not in page.text()


def merged(hub, url, day):
    """Lone came into Acme on a day; each has a deal."""
    landed(hub, deal(hub), EARLY, dealname="Rollout")
    landed(hub, deal(hub, 2, LONE, name="Pilot"), EARLY, dealname="Pilot")
    hub.publish()
    acme, lone, at = hub.id_of(ACME), hub.id_of(LONE), MOMENT.format(day)
    with hub.database.session() as connection, connection.transaction():
        connection.execute("UPDATE organization_link SET ended_at = ? WHERE record = ?", (at, LONE))
        connection.execute("UPDATE timeline SET organization_id = ? WHERE organization_id = ?", (acme, lone))
    put(hub, "organization_link", LINK, [(LONE, at, acme, "decision", "r", None)])
    put(hub, "redirect", ("from_id", "started_at", "entity", "to_id"), [(lone, at, "organization", acme)])
    return lone


def test_what_came_in_by_a_merge_was_the_other_ones_before(partners, database_url):
    hub, url, day = partners, database_url, BETWEEN
    lone = merged(hub, url, "2026-10-06")
    with pages(hub, url) as page:
        assert "Rollout" in page.text(as_of=day)
        assert "Pilot" not in page.text(as_of=day)
        assert "Pilot" in page.text(as_of=LATE)
        before = Page(page.client, lone).text(as_of=day)
        assert "Pilot" in before
        assert "It was merged into another one since" in before
        after = page.client.get(f"/partners/{lone}?as_of={LATE}", follow_redirects=False)
        assert after.headers["location"] == f"{page.address}?as_of={LATE}"


def test_a_title_is_that_of_the_day(small):
    hub, url = small
    record = deal(hub, name="Secret new name", created_at=MOMENT.format("2026-09-09"))
    landed(hub, record, EARLY, dealname="Rollout")
    hub.publish()
    with pages(hub, url) as page:
        timeline = page.text(as_of=BETWEEN).partition("Timeline up to then")[2]
        assert "Rollout" in timeline
        assert "Secret" not in timeline


def test_what_was_redacted_since_is_counted_and_not_shown(small):
    hub, url = small
    record = deal(hub, name="Now")
    landed(hub, record, EARLY)
    hub.publish()
    with pages(hub, url) as page:
        then = page.text(as_of=BETWEEN)
        assert "1 thing known then cannot be read back" in then
        assert ">Now<" not in then


def test_a_hub_that_cannot_read_back_says_so_and_shows_nothing_of_today(small):
    hub, url = small
    deal(hub)
    hub.publish()
    with browsing(url, hub) as client:
        then = Page(client, hub.id_of(ACME)).text(as_of=BETWEEN)
        assert "Former versions cannot be read back here" in then
        assert "No deals." not in then
        assert client.get(f"/partners/{hub.id_of(ACME)}/readings/strength?as_of={BETWEEN}").status_code == 404


def test_programs_get_the_same_day_and_are_told_what_is_not_kept(small):
    hub, url = small
    landed(hub, deal(hub, stage="Won"), EARLY, dealname="Rollout", dealstage="proposal")
    hub.publish()
    with pages(hub, url) as page:
        told = page.client.get(f"/api{page.address}/then", params={"as_of": BETWEEN}).json()
        assert [(each["name"], each["stage"]) for each in told["held"]["deals"]] == [("Rollout", "proposal")]
        assert "provenance of values" in told["not_kept"]
        assert page.client.get(f"/api{page.address}/then", params={"as_of": "2999-01-01"}).status_code == 409


def test_an_earlier_opening_of_a_signal_is_what_was_open_then(small):
    hub, url = small
    columns = (
        "signal_id",
        "opened_at",
        "closed_at",
        "organization_id",
        "rule",
        "level",
        "sentence",
        "evidence_json",
    )
    opened, closed = MOMENT.format(EARLY), MOMENT.format(LATE)
    put(hub, "signal_opening", columns, [
        ("1", opened, closed, hub.id_of(ACME), "unanswered", "urgent", "They waited.", "[]"),
    ])  # fmt: skip
    with pages(hub, url) as page:
        assert "They waited." in page.text(as_of=BETWEEN)
        assert "They waited." not in page.text(as_of=LATE)


def test_programs_are_those_of_the_day(small):
    hub, url = small
    (program,) = {name for (name,) in hub.rows("partnership", "program")}
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "UPDATE change_log SET recorded_at = ? WHERE field LIKE 'partnership.%'", (MOMENT.format(EARLY),)
        )
        connection.execute("DELETE FROM partnership")
    change = ("change_id", "organization_id", "field", "before", "after", "run_id", "recorded_at")
    left = (900, hub.id_of(ACME), f"partnership.{program}", "a rule", None, "r", MOMENT.format(LATE))
    put(hub, "change_log", change, [left])
    with pages(hub, url) as page:
        then, later = (
            page.client.get(f"/api{page.address}/then", params={"as_of": day}).json()["partnerships"]
            for day in (BETWEEN, LATE)
        )
        assert [each["program"] for each in then] == [program]
        assert later == []
        assert f'<p class="item-title">{program}</p>' in page.text(as_of=BETWEEN)


def test_family_is_what_records_stated_on_the_day(small):
    hub, url = small
    related = {
        "toObjectId": 2,
        "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 13, "label": "Parent"}],
    }
    for day, others in ((EARLY, [related]), (LATE, [])):
        said = {"from": {"id": "1"}, "to": others}
        landed(hub, "crm/companies_to_companies/1", day, payload=said)
    stated = {"from_record": ACME, "to_record": LONE}
    hub.stage("relation", "crm/companies_to_companies/1#2", kind="branch_of", **stated)
    hub.publish()
    with pages(hub, url) as page:
        then = page.text(as_of=BETWEEN).partition('id="family"')[2].partition("</section>")[0]
        assert "Lone" in then
        assert 'id="family"' not in page.text(as_of=LATE)
