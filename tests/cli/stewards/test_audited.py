"""What stewards do by a command is in the audit log as well, signed by the user of the machine; the chain holds."""

from __future__ import annotations

import json

import pytest

from partnerhub.cli.stewardship import user
from warehouse.commands.audit import Deed, did
from warehouse.queries.audit import verified

NEWEST = "SELECT actor, verb, subject, detail FROM audit_entry ORDER BY number DESC LIMIT 1"


@pytest.fixture
def last(database):
    """Actor, verb, subject and detail of the newest entry."""

    def read():
        with database.session() as connection:
            return connection.one(NEWEST)

    return read


def id_of(database, name):
    with database.session() as connection:
        return connection.one("SELECT organization_id FROM organization WHERE name = ?", (name,))[0]


def test_each_act_of_a_steward_is_one_entry_under_the_name_of_the_machines_user(ask, last, database, keys):
    bellago, dorado = keys["Bellago S.r.l."], keys["Dorado Ltd"]
    for command, verb in (
        (("decide", bellago, dorado, "unsure"), "identity.unsure"),
        (("merge", "Bellago", "Dorado"), "identity.merge"),
        (("undo",), "identity.undo"),
        (("review", "different", "Bellago", "Dorado"), "identity.different"),
        (("split", "Acme", keys["ACME Gesellschaft mbH"]), "identity.split"),
        (("pin", "Bellago", "tier", "Gold"), "value.pin"),
        (("unpin", "Bellago", "tier"), "value.unpin"),
    ):
        assert ask(*command).code == 0
        assert last()[:2] == (f"cli:{user()}", verb)
    with database.session() as connection:
        assert verified(connection).broken_at is None


def test_an_entry_says_whom_the_act_was_about_and_never_what_was_said(ask, last, database):
    assert ask("pin", "Bellago", "tier", "Secret", "--reason", "hush").code == 0
    _, _, subject, detail = last()
    assert subject == f"organization:{id_of(database, 'Bellago S.r.l.')}"
    assert json.loads(detail)["field"] == "tier"
    assert "Secret" not in detail
    assert "hush" not in detail


def test_whoever_speaks_for_somebody_else_is_named_beside_them(ask, last, database):
    assert ask("pin", "Bellago", "tier", "Gold", "--actor", "dana").code == 0
    actor, _, _, detail = last()
    assert actor == f"cli:{user()}"
    assert json.loads(detail)["said_by"] == "dana"
    with database.session() as connection:
        assert connection.one("SELECT actor FROM steward_act ORDER BY act_id DESC LIMIT 1") == ("dana",)


def test_whatever_command_somebody_else_is_named_by_signs_alike(ask, last, database):
    with database.session() as connection, connection.transaction():
        connection.execute("UPDATE source SET account = 'ida@example.org', connector = 'imap'")
    for command in (
        ("mail", "visibility", "ida@example.org", "private"),
        ("quarantine", "replay"),
        ("pause", "partners"),
    ):
        assert ask(*command, "--actor", "dana").code == 0
        actor, _, _, detail = last()
        assert (actor, json.loads(detail)["said_by"]) == (f"cli:{user()}", "dana")
    with database.session() as connection:
        assert connection.query("SELECT actor FROM mail_visibility") == [("dana",)]


def test_deletions_confirmed_beforehand_are_signed_alike(ask, monkeypatch, database, last):
    def run(*_, approver, **__):
        with database.session() as connection, connection.transaction():
            did(
                connection, "2026-10-01T00:00:00.000000Z", approver, Deed("change.approve", "source:partners")
            )
        raise SystemExit(0)

    monkeypatch.setattr("partnerhub.cli.syncing.run", run)
    ask("sync", "partners", "--confirm-deletions")
    assert last()[:2] == (f"cli:{user()}", "change.approve")


def test_what_only_was_tried_leaves_no_entry(ask, last):
    before = last()
    assert ask("merge", "Bellago", "Dorado", "--dry-run").code == 0
    assert last() == before


def test_pausing_redacting_and_logging_are_entries_too(ask, last, keys):
    assert ask("redact", keys["Dorado Ltd"], "--reason", "asked", "--yes").code == 0
    assert last()[:3] == (f"cli:{user()}", "record.redact", f"record:{keys['Dorado Ltd']}")
    assert ask("pause", "partners", "--reason", "moving").code == 0
    assert last()[:3] == (f"cli:{user()}", "source.pause", "source:partners")
    assert ask("log", "note", "Bellago", "--text", "Kept").code == 0
    assert last()[1] == "entry.log"
    assert "Kept" not in last()[3]
