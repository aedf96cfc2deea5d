"""Whoever is asked about a value is told of it: once, and without a word of a record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from partnerhub.config.alerts import Alerts, Email, Slack
from tests.alerting.hub import WatchedHub, text
from tests.alerting.listeners import MailServer, WebServer

PRIVATE = ("Acme", "+49 30 1", "He wrote: not my number")


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path, slack: WebServer, mail: MailServer) -> WatchedHub:
    email = Email("127.0.0.1", "hub@hub.example", ("ops@hub.example",), mail.port, "off")
    hub = WatchedHub(sqlite_url, Alerts(email=email, slack=Slack(f"{slack.url}/T0/secret")), tmp_path)
    hub.config = replace(hub.config, own_domains=frozenset({"hub.example"}))
    hub.looked(-1)
    return hub


def ask(hub: WatchedHub, to: str, minute: int = 0) -> None:
    row = {
        "number": 7, "organization_id": "o", "field": "phone", "value": PRIVATE[1], "stood_json": "{}",
        "wrong": "outdated", "words": PRIVATE[2], "to_name": "Bo", "to_email": to, "asked_by": "ana@hub.example",
        "asked_at": text(minute),
    }  # fmt: skip
    statement = f"INSERT INTO value_question ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    with hub.database.session() as connection, connection.transaction():
        connection.execute(statement, tuple(row.values()))


def test_the_colleague_who_is_asked_gets_one_mail_that_holds_no_word_of_a_record(
    hub: WatchedHub, slack: WebServer, mail: MailServer
) -> None:
    ask(hub, "bo@hub.example")
    assert hub.looked(1).told == 2
    assert hub.looked(11).told == 0
    assert mail.recipients == [["bo@hub.example"]]
    told = mail.mails[0].as_string() + slack.posts[0][2].decode()
    assert "/asked/7" in told
    assert mail.mails[0]["Auto-Submitted"] == "auto-generated"
    assert not any(private in told for private in PRIVATE)


def test_nobody_outside_gets_a_mail(hub: WatchedHub, mail: MailServer) -> None:
    ask(hub, "bo@partner.example")
    assert hub.looked(1).told == 1
    assert mail.mails == []


def test_nobody_is_told_of_old_questions_or_where_it_is_switched_off(
    hub: WatchedHub, slack: WebServer
) -> None:
    ask(hub, "bo@hub.example", minute=-3 * 24 * 60)
    hub.looked(1)
    with hub.database.session() as connection, connection.transaction():
        connection.execute("UPDATE value_question SET asked_at = ?", (text(0),))
    hub.config = replace(hub.config, alerts=replace(hub.config.alerts, questions=False))
    hub.looked(2)
    assert slack.posts == []


def test_a_mail_that_is_refused_is_tried_again(hub: WatchedHub, mail: MailServer) -> None:
    mail.refuses = "451 later"
    ask(hub, "bo@hub.example")
    hub.looked(1)
    mail.refuses = ""
    hub.looked(11)
    assert ["bo@hub.example"] in mail.recipients
