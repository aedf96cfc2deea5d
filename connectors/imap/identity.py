"""Which mail is which: an id made of a message's content, so that it outlives folders, UIDs and rebuilt servers."""

from __future__ import annotations

import hashlib
import re

HEADER_FIELD = re.compile(rb"^([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")

REWRITTEN = frozenset(
    b"status x-status x-uid x-uidl x-keywords x-imap x-imapbase content-length lines x-mozilla-status "
    b"x-mozilla-status2 x-mozilla-keys x-gmail-labels x-folder x-evolution-source x-tuid".split()
)
"""Headers that mail stores rewrite in place; the same mail must keep its id when they change."""

PEOPLE = frozenset({b"from", b"to", b"cc", b"bcc", b"sender", b"reply-to", b"organizer"})
LONGEST_ID = 100
OPENING_BYTES = 16 * 1024
"""How much of the body takes part in the id of a mail that its headers do not tell from others."""


def header_fields(header: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of a header block in order: lower-case name and raw value, folds kept."""
    return [(name.lower(), value) for name, value in HEADER_FIELD.findall(header)]


def message_id(header: bytes) -> str | None:
    """The first Message-ID without white space, as it was written; None where there is none."""
    for name, value in header_fields(header):
        if name == b"message-id":
            text = re.sub(r"[^\x21-\x7e]+", "", value.decode("latin-1"))
            return text or None
    return None


def needs_opening(header: bytes) -> bool:
    """Whether the headers alone do not identify the mail: no Message-ID, or no trace of a delivery."""
    names = {name for name, _ in header_fields(header)}
    return b"message-id" not in names or b"received" not in names


def source_id(header: bytes, size: int, opening: bytes) -> str:
    """The id of a mail: its Message-ID (cut) and a hash of the header, length of the body and its opening.

    size: RFC822.SIZE. opening: the first bytes of the body where `needs_opening` asks for them, else empty. Mails that
    share a Message-ID stay apart; copies of one mail in several folders are one.
    """
    digest = hashlib.sha256()
    lasting = HEADER_FIELD.sub(lambda field: b"" if field[1].lower() in REWRITTEN else field[0], header)
    digest.update(b" ".join(lasting.split()) + b"\n")
    digest.update(b"%d\n" % max(size - len(header), 0))
    digest.update(opening)
    known = (message_id(header) or "no-id").strip("<>")[:LONGEST_ID]
    return f"{known}~{digest.hexdigest()[:24]}"


def addresses(header: bytes) -> frozenset[str]:
    """Every e-mail address among the people named in a header block, in lower case."""
    named = (value.decode("latin-1") for name, value in header_fields(header) if name in PEOPLE)
    return frozenset(found.lower().strip("'.") for value in named for found in ADDRESS.findall(value))
