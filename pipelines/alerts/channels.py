"""The ways out: SMTP, a Slack-compatible address, a signed webhook. One try each; what fails says why, not where to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

import urllib3

from partnerhub.config.alerts import signing_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partnerhub.config.alerts import Alerts, Email, Slack, Webhook
    from pipelines.alerts.message import Telling

SECONDS: Final = 10.0
"""How long one try may take to connect, and to be answered."""
TAKEN: Final = range(200, 300)
DOMAIN: Final = "partnerhub.invalid"
"""Of message ids: a name that nobody owns."""


class NotDelivered(Exception):
    """A try failed. Its text is for people and names neither address nor secret."""


def senders(alerts: Alerts) -> dict[str, Callable[[Telling], None]]:
    """Channel → how to send by it; what it raises is NotDelivered."""
    found: dict[str, Callable[[Telling], None]] = {}
    if (email := alerts.email) is not None:
        found["email"] = lambda message: send_mail(email, message)
    if (slack := alerts.slack) is not None:
        found["slack"] = lambda message: send_slack(slack, message)
    if (webhook := alerts.webhook) is not None:
        found["webhook"] = lambda message: send_signed(webhook, message)
    return found


def send_mail(email: Email, message: Telling) -> None:
    """Hand a plain text mail to the server, for every recipient or for none."""
    try:
        with connected(email) as server:
            if email.username:
                server.login(email.username, email.password)
            refused = server.send_message(mail_of(email, message))
    except smtplib.SMTPAuthenticationError as error:
        raise NotDelivered(f"The mail server refused user and password ({error.smtp_code}).") from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"The mail server refused the message ({error.smtp_code}).") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise NotDelivered(f"The mail server takes no mail for {len(error.recipients)} recipients.") from None
    except ssl.SSLCertVerificationError:
        raise NotDelivered("The mail server's certificate is not one this machine trusts.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"The mail server cannot be reached ({type(error).__name__}).") from None
    if refused:
        raise NotDelivered(f"The mail server takes no mail for {len(refused)} of the recipients.")


def connected(email: Email) -> smtplib.SMTP:
    """A session with the server, encrypted as configured before anything is said."""
    context = ssl.create_default_context()
    if email.tls == "implicit":
        return smtplib.SMTP_SSL(email.host, email.port, timeout=SECONDS, context=context)
    server = smtplib.SMTP(email.host, email.port, timeout=SECONDS)
    if email.tls == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def mail_of(email: Email, message: Telling) -> EmailMessage:
    """The mail itself. Its id is the message's, so that a second try is known as one."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = email.sender, ", ".join(email.recipients), message.title
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message.message_id.replace('/', '.')}@{DOMAIN}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail


def send_slack(slack: Slack, message: Telling) -> None:
    """Post a text."""
    body = json.dumps({"text": f"*{message.title}*\n{message.text}"}).encode()
    post(slack.url, body, {"Content-Type": "application/json"})


def send_signed(webhook: Webhook, message: Telling) -> None:
    """Post the facts, signed with time and id, so that nobody else can write or repeat them."""
    body = json.dumps(message.facts, ensure_ascii=False, separators=(",", ":")).encode()
    headers = signature(webhook.secret, message.message_id, int(datetime.now(UTC).timestamp()), body)
    post(webhook.url, body, {"Content-Type": "application/json", **headers})


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks (HMAC-SHA256, version 1)."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    mark = base64.b64encode(hmac.new(signing_key(secret), signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{mark}",
    }


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """One POST without repeats or redirects: what is signed for one address goes to no other."""
    try:
        with urllib3.PoolManager() as pool:
            answer = pool.request(
                "POST", url, body=body, headers=headers, timeout=SECONDS, retries=False, redirect=False
            )
    except urllib3.exceptions.HTTPError as error:
        raise NotDelivered(f"The address cannot be reached ({type(error).__name__}).") from None
    if answer.status not in TAKEN:
        raise NotDelivered(f"The address answered {answer.status}.")
