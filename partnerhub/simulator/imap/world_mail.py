"""The world's mails as real messages (RFC 5322, MIME) in the colleagues' mailboxes. One world, one set of bytes.

Every copy of a mail has the same headers and body but for its own `Received` lines, as in life.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from email import policy
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from html import escape

from partnerhub.simulator.imap.store import INBOX, PARTNERS, SENT, Mailbox, empty_mailbox
from partnerhub.simulator.world.model import Mail, World

FILED_EVERY = 7
"""Every so many received partner mails, a colleague keeps a second copy in the partner folder."""

SERVER = "mx.mail.example"
WIRE = policy.compat32.clone(linesep="\r\n", mangle_from_=False)
FAILED = ("Action: failed", "Status: 5.1.1")

KIND_HEADERS: dict[str, dict[str, str]] = {
    "auto_reply": {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "bulk"},
    "bounce": {"Auto-Submitted": "auto-replied", "Return-Path": "<>"},
    "newsletter": {"Precedence": "bulk"},
}


def mailboxes_of(world: World) -> dict[str, Mailbox]:
    """Every mailbox the hub may read, by address, filled oldest mail first."""
    mailboxes = {
        staff.email: empty_mailbox(staff.email) for staff in world.staff.values() if staff.has_mailbox
    }
    for mail in sorted(world.mails, key=lambda mail: (mail.sent_at, mail.id)):
        deliver(mail, mailboxes)
    return mailboxes


def deliver(mail: Mail, mailboxes: dict[str, Mailbox]) -> None:
    """Put a copy of the mail into each mailbox among sender and receivers. Also for mail that arrives later."""
    body = message_bytes(mail)
    sender = mail.sender[1].lower()
    if sender in mailboxes:
        folder = mailboxes[sender].folder(SENT)
        folder.append(body, mail.sent_at)
    for _, address in dict.fromkeys([*mail.to, *mail.cc]):
        mailbox = mailboxes.get(address.lower())
        if mailbox is None:
            continue
        arrived = mail.sent_at + timedelta(seconds=2)
        raw = received(mail, address, arrived) + body
        mailbox.folder(INBOX).append(raw, arrived)
        if mail.org_id and zlib.crc32(mail.id.encode()) % FILED_EVERY == 0:
            mailbox.folder(PARTNERS).append(raw, arrived)


def received(mail: Mail, address: str, arrived: datetime) -> bytes:
    """The trace line of one delivery, different in every mailbox."""
    text = f"Received: from {SERVER} by {SERVER} for <{address}>;\r\n\t{format_datetime(arrived)}\r\n"
    return f"Delivered-To: {address}\r\n{text}".encode("ascii", "replace") if mail.id else b""


def message_bytes(mail: Mail) -> bytes:
    """One mail as it left its sender, with CRLF line ends."""
    message = _content(mail)
    charset = mail.charset if _fits(mail.subject, mail.charset) else "utf-8"
    _set(message, "From", _address(mail.sender))
    _set(message, "To", ", ".join(_address(person) for person in mail.to))
    if mail.cc:
        _set(message, "Cc", ", ".join(_address(person) for person in mail.cc))
    _set(
        message,
        "Subject",
        Header(mail.subject, charset if not mail.subject.isascii() else "us-ascii").encode(),
    )
    _set(message, "Date", format_datetime(mail.sent_at))
    if mail.message_id:
        _set(message, "Message-ID", _angled(mail.message_id))
    if mail.in_reply_to:
        _set(message, "In-Reply-To", _angled(mail.in_reply_to))
    if mail.references:
        _set(message, "References", "\r\n ".join(_angled(reference) for reference in mail.references))
    for name, value in _kind_headers(mail).items():
        _set(message, name, value)
    return message.as_bytes(policy=WIRE)


def _set(message: Message, name: str, value: str) -> None:
    message[name] = value.replace("\r\n", "\n")


def _kind_headers(mail: Mail) -> dict[str, str]:
    headers = dict(KIND_HEADERS.get(mail.kind, {}))
    if mail.kind == "newsletter":
        host = mail.sender[1].rpartition("@")[2]
        headers |= {"List-Id": f"News <news.{host}>", "List-Unsubscribe": f"<https://{host}/unsubscribe>"}
    return headers


def _angled(identity: str) -> str:
    return identity if identity.startswith("<") else f"<{identity}>"


def _address(person: tuple[str, str]) -> str:
    name, address = person
    return formataddr((name, address), charset="utf-8")


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _content(mail: Mail) -> Message:
    text = mail.text + (f"\n\n{_quoted(mail)}" if mail.quoted else "")
    body = (
        _alternative(mail, text)
        if mail.html or mail.kind == "newsletter"
        else _text(text, "plain", mail.charset)
    )
    if mail.kind == "bounce":
        return _report(mail, body)
    if mail.kind == "invite":
        return _mixed(mail, [body, _invitation(mail)])
    return (
        _mixed(mail, [body, *(_attachment(*parts) for parts in mail.attachments)])
        if mail.attachments
        else body
    )


def _text(text: str, subtype: str, charset: str) -> MIMEText:
    return MIMEText(text, subtype, charset if _fits(text, charset) else "utf-8")


def _boundary(mail: Mail, level: str) -> str:
    return f"=_{level}_{zlib.crc32(mail.id.encode()):08x}_{len(mail.text):x}"


def _alternative(mail: Mail, text: str) -> Message:
    whole = MIMEMultipart("alternative", boundary=_boundary(mail, "alt"))
    paragraphs = "".join(f"<p>{escape(block)}</p>" for block in mail.text.split("\n\n"))
    quoted = f"<blockquote type='cite'>{escape(mail.quoted)}</blockquote>" if mail.quoted else ""
    pixel = (
        "<img src='https://track.example/p.gif' width='1' height='1'>" if mail.kind == "newsletter" else ""
    )
    page = (
        f"<html><head><style>p {{color: #123}}</style></head><body>{paragraphs}{quoted}{pixel}</body></html>"
    )
    whole.attach(_text(text, "plain", mail.charset))
    whole.attach(_text(page, "html", mail.charset))
    return whole


def _mixed(mail: Mail, parts: list[Message]) -> Message:
    whole = MIMEMultipart("mixed", boundary=_boundary(mail, "mix"))
    for part in parts:
        whole.attach(part)
    return whole


def _attachment(name: str, media_type: str, content: bytes) -> Message:
    main, _, sub = media_type.partition("/")
    part = MIMEBase(main or "application", sub or "octet-stream")
    part.set_payload(content)
    encode_base64(part)
    part.add_header(
        "Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name)
    )
    return part


def _report(mail: Mail, body: Message) -> Message:
    whole = MIMEMultipart("report", boundary=_boundary(mail, "rep"))
    whole.set_param("report-type", "delivery-status")
    whole.attach(body)
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    lost = mail.bounced or (mail.to[0][1] if mail.to else "unknown@example.com")
    status.set_payload(
        [_fields(f"Reporting-MTA: dns; {SERVER}"), _fields(*FAILED, f"Final-Recipient: rfc822; {lost}")]
    )
    whole.attach(status)
    return whole


def _fields(*lines: str) -> Message:
    block = Message()
    for line in lines:
        name, _, value = line.partition(": ")
        block[name] = value
    return block


def _invitation(mail: Mail) -> Message:
    """The calendar part of an invitation: the one the world drew, else one made here."""
    drawn = next((content for _, kind, content in mail.attachments if kind == "text/calendar"), None)
    part = MIMEText(drawn.decode() if drawn else _calendar(mail), "calendar", "utf-8")
    part.set_param("method", "REQUEST")
    return part


def _calendar(mail: Mail) -> str:
    starts = mail.sent_at + timedelta(days=3)
    own = mail.sender[1].rpartition("@")[2]
    guests = [f"ATTENDEE;CN={name}:mailto:{address}" for name, address in [*mail.to, *mail.cc]]
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//simulator//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{mail.id}@{own}",
        f"DTSTAMP:{mail.sent_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{starts:%Y%m%dT%H0000Z}",
        f"DTEND:{starts + timedelta(hours=1):%Y%m%dT%H0000Z}",
        f"SUMMARY:{mail.subject}",
        f"ORGANIZER;CN={mail.sender[0]}:mailto:{mail.sender[1]}",
        *guests,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines)


def _quoted(mail: Mail) -> str:
    """The earlier mail below the answer, in the manner of one of the common mail programs."""
    quoted = mail.quoted or ""
    if "\n>" in f"\n{quoted}":  # already as a mail program quotes it
        return quoted
    earlier = mail.sent_at - timedelta(hours=5)
    name, address = mail.to[0] if mail.to else mail.sender
    arrows = "\n".join(f"> {line}" for line in quoted.split("\n"))
    styles = (
        f"On {earlier:%a, %d %b %Y at %H:%M}, {name} <{address}> wrote:\n{arrows}",
        f"Am {earlier:%d.%m.%Y} um {earlier:%H:%M} schrieb {name} <{address}>:\n{arrows}",
        f"Le {earlier:%d/%m/%Y} à {earlier:%H:%M}, {name} <{address}> a écrit :\n{arrows}",
        f"-----Original Message-----\nFrom: {name} <{address}>\nSubject: {mail.subject}\n\n{quoted}",
    )
    return styles[zlib.crc32(mail.id.encode()) % len(styles)]
