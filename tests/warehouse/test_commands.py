from __future__ import annotations

import json

import pytest

from mappings.compile import compile_stream
from mappings.hub import MAPPING
from mappings.rows import Context
from pipelines.golden.publish import carry_out
from tests.pipelines.golden_rig import DAY, Hub
from warehouse.commands.attach import attach_fact, detach_fact
from warehouse.commands.decide import decide_pair
from warehouse.commands.enter import Entry, log_entry
from warehouse.commands.pin import pin_value, unpin_value
from warehouse.commands.redact import redact_record
from warehouse.database import Database
from warehouse.errors import NotFound, WarehouseError

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


def test_an_entry_lands_as_a_raw_version_of_the_hub_and_maps_to_a_touchpoint(hub):
    entry = Entry(
        "call", WHEN, about=(ACME,), subject="Renewal", direction="out", participants=("Ann@Acme.example",)
    )
    with hub.database.session() as connection, connection.transaction():
        known_as = log_entry(connection, entry, actor="bo", now=WHEN, run_id="r", entry_id="e-1")
        log_entry(connection, entry, actor="bo", now=WHEN, run_id="r", entry_id=known_as)
        payload = connection.query("SELECT payload FROM raw_record WHERE source = 'hub' ORDER BY raw_id")[1][
            0
        ]
    assert hub.rows("raw_current", "source", "stream", "source_id") == [("hub", "touchpoints", "e-1")]
    context = Context("hub", "touchpoints", "e-1", 1, "r", WHEN, None, "US", frozenset(), frozenset(), {})
    output = compile_stream(MAPPING.streams["touchpoints"])(json.loads(bytes(payload)), context)
    assert output.findings == []
    row = output.rows["touchpoint"][0]
    assert (row["kind"], row["happened_at"], row["subject"], row["mailbox"]) == (
        "call",
        WHEN,
        "Renewal",
        "bo",
    )
    assert output.rows["relation"][0]["to_record"] == ACME
    assert output.participants[0][3] == "ann@acme.example"


def test_an_entry_of_an_unknown_kind_is_refused(hub):
    with hub.database.session() as connection, connection.transaction(), pytest.raises(WarehouseError):
        log_entry(connection, Entry("telepathy", WHEN), actor="bo", now=WHEN, run_id="r")
