from __future__ import annotations

import json
from threading import Thread

import pytest

from mappings.compile import compile_stream
from mappings.hub import MAPPING
from mappings.rows import Context
from pipelines import leases
from pipelines.golden.publish import carry_out
from pipelines.problems import Problem, record_problems
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.commands.attach import attach_fact, detach_fact
from warehouse.commands.decide import decide_pair
from warehouse.commands.enter import Entry, EntryIncomplete, enter
from warehouse.commands.pin import pin_value, unpin_value
from warehouse.commands.redact import redact_record
from warehouse.database import Database
from warehouse.errors import NotFound, WarehouseError
from warehouse.queries.people import person_meant
from warehouse.viewer import OPERATOR

ACME, BETA, NOTE = "crm/companies/1", "crm/companies/2", "crm/notes/1"
SECRET = b"sixteen bytes at least"
WHEN = DAY.format(20)


@pytest.fixture
def hub(database_url):
    hub = Hub(Database(database_url))
    hub.stage("organization", ACME, name="Acme", tier="Silver")
    hub.stage("organization", BETA, name="Beta")
    hub.stage("touchpoint", NOTE, kind="note")
    hub.stage("relation", f"{NOTE}#about", kind="about", from_record=NOTE, to_record=ACME)
    hub.publish()
    return hub


def carry(hub, command, *arguments, **values):
    outcome, _ = carry_out(
        hub.database, hub.settings, "run-c", DAY.format(28), lambda c: command(c, *arguments, **values),
        identity=hub.identity(),
    )  # fmt: skip
    return outcome


def timeline(hub):
    return hub.rows("timeline", "organization_id", "method")


def test_a_pin_outranks_every_source_until_it_is_lifted(hub):
    acme = hub.id_of(ACME)
    assert carry(hub, pin_value, acme, "tier", "Gold", actor="ann", now=WHEN)
    assert not carry(hub, pin_value, acme, "tier", "Gold", actor="ann", now=WHEN)
    hub.stage("organization", ACME, name="Acme", tier="Bronze")
    hub.publish()
    assert ("Acme", "Gold") in hub.rows("organization", "name", "tier")
    assert carry(hub, unpin_value, acme, "tier", now=WHEN)
    assert ("Acme", "Bronze") in hub.rows("organization", "name", "tier")


def test_a_pin_of_a_field_nobody_can_pin_is_refused_and_nothing_is_written(hub):
    with pytest.raises(WarehouseError, match="cannot be pinned"):
        carry(hub, pin_value, hub.id_of(ACME), "record_count", "7", actor="ann", now=WHEN)
    assert hub.rows("pin") == []


def test_attaching_by_hand_adds_and_detaching_takes_away(hub):
    (fact,) = hub.rows("fact", "fact_id")[0]
    carry(hub, attach_fact, fact, hub.id_of(BETA), actor="ann", now=WHEN)
    assert sorted(timeline(hub)) == sorted([(hub.id_of(ACME), "crm_id"), (hub.id_of(BETA), "decision")])
    carry(hub, detach_fact, fact, hub.id_of(ACME), actor="ann", now=WHEN)
    assert timeline(hub) == [(hub.id_of(BETA), "decision")]
    assert not carry(hub, detach_fact, fact, hub.id_of(ACME), actor="ann", now=WHEN)


def test_a_verdict_waits_for_identity_in_one_order(hub):
    with hub.database.session() as connection, connection.transaction():
        assert decide_pair(connection, BETA, ACME, "same", actor="ann", now=WHEN)
        assert not decide_pair(connection, ACME, BETA, "same", actor="bo", now=WHEN)
    assert hub.rows("decision", "left_record", "right_record", "verdict", "actor") == [
        (ACME, BETA, "same", "ann")
    ]
    assert hub.rows("pending") == [(ACME, "organization"), (BETA, "organization")]


def test_a_verdict_on_an_unknown_record_is_refused(hub):
    with hub.database.session() as connection, connection.transaction(), pytest.raises(NotFound):
        decide_pair(connection, ACME, "crm/companies/99", "same", actor="ann", now=WHEN)


def test_a_redacted_record_loses_every_payload_its_staged_rows_and_what_followed_from_them(hub):
    with hub.database.session() as connection, connection.transaction():
        columns = "raw_id, source, stream, source_id, op, content_hash, payload, run_id, landed_at"
        for raw_id in (901, 902):
            connection.execute(
                f"INSERT INTO raw_record ({columns}) VALUES (?, 'crm', 'notes', '1', 'upsert', ?, ?, 'r', ?)",
                (raw_id, b"plain hash", b'{"text": "private"}', WHEN),
            )
        connection.execute(
            "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, staged_raw_id, staged_rules)"
            " VALUES ('crm', 'notes', '1', 902, 'upsert', ?, 902, '')",
            (b"plain hash",),
        )
    done = carry(hub, redact_record, "crm", "notes", "1", reason="asked to", secret=SECRET, now=WHEN)
    assert done == 2
    assert hub.rows("raw_record", "payload", "redaction") == [(None, "asked to")] * 2
    assert b"plain hash" not in {bytes(row[0]) for row in hub.rows("raw_record", "content_hash")}
    assert (hub.rows("staged_touchpoint"), hub.rows("fact"), timeline(hub)) == ([], [], [])
    assert len(hub.rows("redaction")) == 1
    assert carry(hub, redact_record, "crm", "notes", "1", reason="again", secret=SECRET, now=WHEN) == 0


def arrived(hub, record, payload=b"{}"):
    """Raw rows of a staged record, as landing leaves them."""
    source, stream, source_id = record.split("/", 2)
    with hub.database.session() as connection, connection.transaction():
        (raw_id,) = connection.one("SELECT coalesce(max(raw_id), 0) + 1 FROM raw_record")
        connection.execute(
            "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, payload, run_id, landed_at)"
            " VALUES (?, ?, ?, ?, 'upsert', ?, ?, 'r', ?)",
            (raw_id, source, stream, source_id, b"plain hash", payload, WHEN),
        )
        connection.execute(
            "INSERT INTO raw_current (source, stream, source_id, raw_id, op, content_hash, staged_raw_id, staged_rules)"
            " VALUES (?, ?, ?, ?, 'upsert', ?, ?, '')",
            (source, stream, source_id, raw_id, b"plain hash", raw_id),
        )


def redact(hub, record):
    return carry(hub, redact_record, *record.split("/", 2), reason="asked to", secret=SECRET, now=WHEN)


def test_redaction_blanks_what_was_once_published_and_nobody_else_says(hub):
    hub.groups[BETA] = ACME
    hub.stage(
        "organization", BETA, name="Acme", phone="+49301", labels_json=["private", "shared"], tier="Silver"
    )
    hub.stage("organization", ACME, name="Acme", tier="Silver", labels_json=["shared"])
    hub.publish()
    hub.stage("organization", BETA, name="Acme", phone="+49302", custom_json={"note": "secret"})
    hub.publish()
    arrived(hub, BETA)
    redact(hub, BETA)
    history = repr(hub.rows("organization_version")) + repr(hub.rows("change_log"))
    for private in ("+49301", "+49302", "private", "secret", "Beta"):
        assert private not in history
    assert ("Acme", "Silver") in hub.rows("organization_version", "name", "tier")
    assert '"shared"' in history


def test_redaction_blanks_the_reasons_of_scores_that_quote_the_record(hub):
    with hub.database.session() as connection, connection.transaction():
        connection.execute(
            "INSERT INTO match_edge (left_record, right_record, entity, score, band, why_json, rules, run_id,"
            " recorded_at) VALUES (?, ?, 'organization', 1, 'review', '[{\"left\": \"Beta\"}]', 'r', 'r', ?)",
            (ACME, BETA, WHEN),
        )
    arrived(hub, BETA)
    redact(hub, BETA)
    assert hub.rows("match_edge", "why_json") == [("[]",)]


def test_redaction_clears_samples_of_findings_which_may_be_the_records_own(hub):
    finding = Problem(
        "finding", "stage", "crm", "companies", "unreadable", "Mend it.", "No phone.", sample="+49 secret"
    )
    with hub.database.session() as connection, connection.transaction():
        record_problems(connection, [finding], "r", WHEN)
    arrived(hub, BETA)
    redact(hub, BETA)
    assert hub.rows("sync_error", "sample") == [(None,)]


def test_redaction_takes_attachments_along_and_bytes_nobody_else_holds(hub):
    copy, other = "mail/attachments/7-2", "mail/attachments/8-2"
    hub.mail("mail/messages/7", "ann@acme.example", "me@hub.example")
    hub.stage("document", copy, sha256="a" * 64, parent_record="mail/messages/7")
    hub.stage("document", "mail/attachments/7-3", sha256="b" * 64, parent_record="mail/messages/7")
    hub.stage("document", other, sha256="b" * 64)
    for record in ("mail/messages/7", copy, "mail/attachments/7-3"):
        arrived(hub, record)
    with hub.database.session() as connection, connection.transaction():
        for letter in "ab":
            connection.execute(
                "INSERT INTO raw_blob VALUES (?, 'text/plain', 1, ?, 'r')", (letter * 64, b"x")
            )
    assert redact(hub, "mail/messages/7") == 3
    assert hub.rows("staged_document", "record") == [(other,)]
    left = {key[0]: content and bytes(content) for key, content in hub.rows("raw_blob", "sha256", "content")}
    assert left == {"a": None, "b": b"x"}


def test_a_redacted_person_is_found_by_no_key(hub):
    ann = hub.stage("person", "crm/contacts/1", ["email:ann@acme.example"], name="Ann")
    hub.publish()
    arrived(hub, ann)
    redact(hub, ann)
    assert (hub.rows("key"), hub.rows("staged_person"), hub.rows("person")) == ([], [], [])


def test_redaction_waits_for_a_page_that_is_being_stored(hub):
    arrived(hub, NOTE)
    with hub.database.session() as landing:
        lease = leases.acquire(landing, "sync:crm")
        redacting = Thread(target=redact, args=(hub, NOTE))
        with landing.transaction():
            leases.renew(landing, lease)
            redacting.start()
            redacting.join(0.5)
            landing.execute(
                "INSERT INTO raw_record (raw_id, source, stream, source_id, op, content_hash, payload, run_id,"
                " landed_at) VALUES (9, 'crm', 'notes', '1', 'upsert', ?, ?, 'r', ?)",
                (b"hash", b"private", WHEN),
            )
        redacting.join(20)
    assert hub.rows("raw_record", "payload") == [(None,), (None,)]


def test_the_last_word_on_a_fact_counts_after_a_merge_too(hub):
    (fact,) = hub.rows("fact", "fact_id")[0]
    carry(hub, attach_fact, fact, hub.id_of(BETA), actor="ann", now=WHEN)
    hub.groups[BETA] = ACME
    hub.stage("organization", BETA, name="Beta")
    hub.publish()
    assert carry(hub, detach_fact, fact, hub.id_of(ACME), actor="bo", now=DAY.format(21))
    assert timeline(hub) == []
    assert not carry(hub, detach_fact, fact, hub.id_of(ACME), actor="bo", now=DAY.format(22))


CALL = Entry(
    "call",
    [ACME],
    {
        "happened_at": WHEN,
        "text": "They renew.",
        "subject": "Renewal",
        "direction": "out",
        "participants": [{"address": "Ann@Acme.example"}, {"name": "Bo"}],
    },
)


def put(hub, entry, entry_id="e-1"):
    with hub.database.session() as connection, connection.transaction():
        return enter(connection, entry, actor="bo", now=WHEN, run_id="r", entry_id=entry_id)


def mapped(hub, stream):
    """What the last version of an entry becomes."""
    with hub.database.session() as connection:
        payload = connection.query("SELECT payload FROM raw_record WHERE source = 'hub' ORDER BY raw_id")[-1][
            0
        ]
    context = Context("hub", stream, "e-1", 1, "r", WHEN, None, "US", frozenset(), frozenset(), {})
    output = compile_stream(MAPPING.streams[stream])(json.loads(bytes(payload)), context)
    assert output.findings == []
    return output


def test_an_entry_lands_as_a_raw_version_of_the_hub_and_maps_to_a_touchpoint(hub):
    assert put(hub, CALL) == put(hub, CALL) == "hub/touchpoints/e-1"
    assert hub.rows("raw_current", "source", "stream", "source_id") == [("hub", "touchpoints", "e-1")]
    output = mapped(hub, "touchpoints")
    row = output.rows["touchpoint"][0]
    assert (row["kind"], row["happened_at"], row["subject"], row["mailbox"]) == (
        "call",
        WHEN,
        "Renewal",
        "bo",
    )
    assert output.rows["relation"][0]["to_record"] == ACME
    assert [person[3:5] for person in output.participants] == [("ann@acme.example", None), (None, "Bo")]


def test_an_agreement_and_a_commitment_belong_to_the_organization_they_are_with(hub):
    frame = {"title": "Frame", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "kind": "contract",
             "amount_minor": 48_000_000, "currency": "USD"}  # fmt: skip
    put(hub, Entry("agreement", [ACME], frame))
    (agreement,) = mapped(hub, "agreements").rows["agreement"]
    assert {name: agreement[name] for name in frame} == frame
    put(hub, Entry("commitment", [ACME], {"title": "Training", "due_on": "2026-05-01"}))
    (commitment,) = mapped(hub, "commitments").rows["commitment"]
    assert (commitment["due_on"], commitment["organization_record"]) == ("2026-05-01", ACME)
    assert agreement["organization_record"] == ACME


@pytest.mark.parametrize(
    ("kind", "fields", "missing"),
    [
        ("call", {}, "when it happened, with whom, what was said"),
        ("meeting", {"happened_at": WHEN, "text": "x"}, "with whom"),
        ("note", {"happened_at": WHEN}, "what was said"),
        ("agreement", {"title": "Frame", "starts_on": "2026-01-01"}, "its end or its renewal"),
        ("commitment", {"title": "Training"}, "when it is due"),
    ],
)
def test_an_entry_that_lacks_something_is_refused_with_all_of_it_and_nothing_lands(
    hub, kind, fields, missing
):
    with pytest.raises(EntryIncomplete, match=f" needs {missing}\\."):
        put(hub, Entry(kind, [ACME], fields))
    assert hub.rows("raw_record") == []


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        ("telepathy", {}, "knows no telepathy"),
        ("call", {**CALL.fields, "direction": "up"}, "knows no up call"),
        ("call", {**CALL.fields, "happened_at": "yesterday"}, "not a time"),
        ("call", {**CALL.fields, "happened_at": DAY.format(21)}, "still to come"),
        ("commitment", {"title": "Training", "due_on": "2026-02-30"}, "not a day"),
        ("agreement", {"title": "F", "starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "before it starts"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(hub, kind, fields, why):
    with pytest.raises(WarehouseError, match=why):
        put(hub, Entry(kind, [ACME], fields))


def test_a_redacted_entry_gets_no_new_version(hub):
    put(hub, CALL)
    redact(hub, "hub/touchpoints/e-1")
    with pytest.raises(WarehouseError, match="redacted"):
        put(hub, CALL)
    assert hub.rows("raw_record", "payload") == [(None,)]


def test_a_person_is_known_by_name_first_name_or_address_and_a_stranger_keeps_what_was_said(hub):
    for number, name in enumerate(("Ann Weber", "Ann Berg"), 1):
        key = hub.stage("person", f"crm/contacts/{number}", name=name, email=f"{number}@acme.example")
        hub.stage("relation", f"crm/jobs/{number}", kind="works_at", from_record=key, to_record=ACME)
    hub.publish()
    with hub.database.session() as connection:
        for said in ("ann weber", "Weber", "1@acme.example"):
            assert person_meant(OPERATOR, connection, hub.id_of(ACME), said)["record"] == "crm/contacts/1"
        assert person_meant(OPERATOR, connection, hub.id_of(ACME), "Leo") == {"name": "Leo"}
        with pytest.raises(WarehouseError, match="Several"):
            person_meant(OPERATOR, connection, hub.id_of(ACME), "Ann")
