"""`partnerhub mail blocked`: how many mails stay out of the hub, and which landed before the rule."""

from __future__ import annotations

import json

import pytest

from partnerhub.cli.app import main
from pipelines.golden.settings import PublishSettings
from tests.pipelines.golden_rig import DAY, Hub
from warehouse import bulk
from warehouse.database import Database

OWNER = "desk@hub.example"
CONFIG = """
sources:
  mail: {connector: imap, host: mail.example, mailbox: desk@hub.example, password: x, blocked: [clinic.example]}
"""


@pytest.fixture
def mailbox(configured):
    """One mail of a clinic that landed before it was blocked, one of a partner, and three left out since."""
    (configured / "partnerhub.yaml").write_text(CONFIG)
    hub = Hub(Database(f"sqlite:///{configured}/warehouse.db"), PublishSettings())
    for number, sender in enumerate(("who@lab.clinic.example", "ann@partner.example")):
        hub.mail(f"mail/messages/<{number}>~a", sender, OWNER, happened_at=DAY.format(2), mailbox=OWNER)
    state = json.dumps({"folders": {"INBOX": {"uidvalidity": 1, "uid": 9, "left_out": 3}}})
    columns = ("source", "stream", "state_json", "checksum", "run_id", "updated_at")
    with hub.database.session() as connection, connection.transaction():
        bulk.insert(connection, "cursor", columns, [("mail", "messages", state, "", "run", DAY.format(3))])
    hub.publish()
    return hub


def told(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["mail", "blocked", *arguments])
    assert left.value.code in (None, 0)
    return str(capsys.readouterr().out)


def test_it_counts_what_was_left_out_and_names_what_landed_before_the_rule(mailbox, capsys):
    (found,) = json.loads(told(capsys, "--json"))["mailboxes"]
    assert (found["source"], found["blocked"], found["left_out"]) == ("mail", ["clinic.example"], 3)
    assert [each["record"] for each in found["held"]] == ["mail/messages/<0>~a"]


def test_a_person_is_told_the_commands_that_take_it_out_and_hide_it(mailbox, capsys):
    said = told(capsys)
    assert "partnerhub redact 'mail/messages/<0>~a' --reason blocked" in said
    assert "partnerhub mail visibility" in said
