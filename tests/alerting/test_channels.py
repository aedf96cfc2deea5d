"""What arrives by each channel, and what a failed try says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from partnerhub.config.alerts import Email, Slack, Webhook
from pipelines.alerts.channels import NotDelivered, send_mail, send_signed, send_slack, signature
from pipelines.alerts.message import Message
from tests.alerting.listeners import mail_server, web_server

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = Message(
    "41/opened",
    "opened",
    "crm",
    "signed_out",
    "The token was revoked.",
    "Renew it.",
    "2026-10-01T09:00",
    ("deals",),
)


def test_mail_reaches_every_recipient_with_error_and_remedy() -> None:
    with mail_server() as server:
        send_mail(
            Email("127.0.0.1", "hub@a.example", ("x@a.example", "y@a.example"), server.port, "off"), MESSAGE
        )
    (mail,) = server.mails
    assert server.recipients == [["x@a.example", "y@a.example"]]
    assert mail["Subject"] == "Partner Hub: crm needs somebody (signed_out)"
    assert mail["Message-ID"] == "<41.opened@partnerhub.invalid>"
    assert "The token was revoked." in mail.get_payload()
    assert "What to do: Renew it." in mail.get_payload()


def test_mail_is_not_sent_in_the_clear_where_tls_is_asked_for() -> None:
    with mail_server() as server, pytest.raises(NotDelivered, match="cannot be reached"):
        send_mail(Email("127.0.0.1", "hub@a.example", ("x@a.example",), server.port, "starttls"), MESSAGE)
    assert server.mails == []


def test_slack_gets_a_text() -> None:
    with web_server() as server:
        send_slack(Slack(f"{server.url}/hook"), MESSAGE)
    ((path, _, body),) = server.posts
    assert path == "/hook"
    assert json.loads(body)["text"].startswith("*Partner Hub: crm needs somebody (signed_out)*\nThe token")


def test_signed_webhook_can_be_checked_by_whoever_has_the_secret() -> None:
    with web_server() as server:
        send_signed(Webhook(server.url, KEY), MESSAGE)
    ((_, headers, body),) = server.posts
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(KEY.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["type"] == "incident.opened"
    assert json.loads(body)["data"]["streams"] == ["deals"]


def test_signature_is_the_one_of_the_published_example() -> None:
    body = b'{"test": 2432232314}'
    found = signature(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_same_incident_has_the_same_id_at_every_try_and_another_when_it_is_over() -> None:
    with web_server() as server:
        for each in (MESSAGE, MESSAGE, replace(MESSAGE, message_id="41/closed", about="closed")):
            send_signed(Webhook(server.url, KEY), each)
    assert [headers["webhook-id"] for _, headers, _ in server.posts] == [
        "41/opened",
        "41/opened",
        "41/closed",
    ]


@pytest.mark.parametrize(
    ("status", "said"), [(404, "answered 404"), (500, "answered 500"), (302, "answered 302")]
)
def test_answer_other_than_success_is_no_delivery_and_is_followed_nowhere(status: int, said: str) -> None:
    with web_server() as server:
        server.status = status
        with pytest.raises(NotDelivered, match=said):
            send_signed(Webhook(server.url, KEY), MESSAGE)
    assert len(server.posts) == 1
