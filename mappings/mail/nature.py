"""What kind of mail it is (people, machine, bounce, list, invitation), and which way it went."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mappings.mail.headers import Headers, MailPerson

BULK = frozenset({"bulk", "list", "junk"})
LIST_FIELDS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "feedback-id",
    "x-mailchimp-id",
    "x-campaign",
    "x-csa-complaints",
)
REPLY_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from")
NO_REPLY = re.compile(
    r"^(?:no|do[-_.]?not|dont|nicht)[-_.]?(?:reply|respond|antworten|replies)\b|^(?:noreply|donotreply|notifications?|"
    r"newsletter|mailings?|nepasrepondre)\b",
    re.IGNORECASE,
)
DAEMON = re.compile(r"^(?:mailer[-_]daemon|postmaster|mail delivery (?:sub)?system)", re.IGNORECASE)
AWAY = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|automatische antwort|"
    r"abwesenheits|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|autosvar)",
    re.IGNORECASE,
)
FAILED = re.compile(
    r"undeliver|delivery status notification|returned mail|mail delivery failed|failure notice|unzustellbar|"
    r"non remis|delivery has failed|delivery failure",
    re.IGNORECASE,
)
REPORT = re.compile(r"report-type\s*=\s*\"?([\w-]+)", re.IGNORECASE)


def nature_of(headers: Headers, types: Iterable[str], subject: str | None, sender: MailPerson | None) -> str:
    """`bounce`, `invite`, `auto_reply`, `list` or `person`. types: media types of the mail's parts."""
    kinds = set(types)
    if _is_bounce(headers, kinds, subject, sender):
        return "bounce"
    if "text/calendar" in kinds or headers.word("content-type") == "text/calendar":
        return "invite"
    if _is_auto_reply(headers, kinds, subject):
        return "auto_reply"
    return "list" if _is_list(headers, sender) else "person"


def _is_bounce(headers: Headers, kinds: set[str], subject: str | None, sender: MailPerson | None) -> bool:
    report = (
        REPORT.search(headers.raw("content-type"))
        if headers.word("content-type") == "multipart/report"
        else None
    )
    if (report and report.group(1).lower() == "delivery-status") or "message/delivery-status" in kinds:
        return True
    if "x-failed-recipients" in headers:
        return True
    daemon = sender is not None and any(DAEMON.match(text) for text in (sender.address, sender.name) if text)
    nobody = headers.raw("return-path").replace(" ", "") == "<>"
    return daemon and (nobody or bool(FAILED.search(subject or "")))


def _is_auto_reply(headers: Headers, kinds: set[str], subject: str | None) -> bool:
    if headers.word("auto-submitted") == "auto-replied" or "message/disposition-notification" in kinds:
        return True
    if any(name in headers for name in REPLY_FIELDS) or headers.word("precedence") == "auto_reply":
        return True
    return bool(AWAY.match(subject or ""))


def _is_list(headers: Headers, sender: MailPerson | None) -> bool:
    if headers.word("precedence") in BULK or any(name in headers for name in LIST_FIELDS):
        return True
    if headers.word("auto-submitted") not in {"", "no"}:
        return True
    return bool(sender and sender.address and NO_REPLY.match(sender.address))


def direction_of(
    people: Iterable[MailPerson], own: frozenset[str], own_domains: frozenset[str]
) -> str | None:
    """`out`, `in` or `internal`, by who sent it to whom; None when nobody is known to have sent it."""
    everyone = [person for person in people if person.address]
    senders = [person.address for person in everyone if person.role == "from"]
    others = [person.address for person in everyone if person.role != "from"]
    if not senders:
        return None
    if not any(_is_own(address, own, own_domains) for address in senders):
        return "in"
    return "internal" if others and all(_is_own(address, own, own_domains) for address in others) else "out"


def _is_own(address: str | None, own: frozenset[str], own_domains: frozenset[str]) -> bool:
    domain = (address or "").rpartition("@")[2]
    return address in own or any(domain == ours or domain.endswith(f".{ours}") for ours in own_domains)
