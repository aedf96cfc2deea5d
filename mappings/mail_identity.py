"""When two records are one mail: the same copy in several mailboxes, and the one the CRM logged."""

from __future__ import annotations

import hashlib
import re

from mappings.clean.emails import clean_email
from mappings.clean.text import clean_line
from mappings.clean.unreadable import Unreadable

REPLY_PREFIX = re.compile(
    r"^(?:(?:re|aw|fw|fwd|wg|sv|vs|antw|tr|rif|r|odp)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)


def mail_same_as(
    message_id: str | None,
    sent_at: str | None,
    from_address: str | None,
    subject: str | None,
) -> str | None:
    """The `same_as` of a mail: equal for every copy of it, whoever's mailbox or CRM it lies in. None without an id.

    Message-ID plus a short hash of subject and sender, because real mail shares ids between different messages.
    `sent_at` takes no part (a CRM rounds it), but is asked for so that a caller need not know that.
    """
    del sent_at
    identity = normalized_message_id(message_id)
    if identity is None:
        return None
    said = f"{normalized_subject(subject)}\n{_sender(from_address)}"
    digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
    return f"mail:{identity}:{digest}"


def normalized_message_id(message_id: str | None) -> str | None:
    """A Message-ID without angle brackets and white space, domain in lower case. None for empty."""
    bare = re.sub(r"\s+", "", clean_line(message_id) or "").strip("<>")
    local, at, domain = bare.rpartition("@")
    return f"{local}{at}{domain.lower()}" if bare else None


def normalized_subject(subject: str | None) -> str:
    """A subject without reply prefixes, case and spacing, for comparing."""
    return REPLY_PREFIX.sub("", clean_line(subject) or "").casefold().strip()


def _sender(address: str | None) -> str:
    try:
        return clean_email(address) or ""
    except Unreadable:
        return (clean_line(address) or "").casefold()
