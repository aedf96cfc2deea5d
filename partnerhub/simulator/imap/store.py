"""What the simulated mail server keeps: mailboxes of folders of messages, exactly as bytes. Plain data, no protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

INBOX = "INBOX"
SENT = "Gesendete Elemente"
PARTNERS = "Partner/Zürich"
SPECIAL_USE = {
    SENT: "\\Sent",
    "Trash": "\\Trash",
    "Drafts": "\\Drafts",
    "Junk": "\\Junk",
    "Archive": "\\Archive",
}
FIRST_UIDVALIDITY = 1_700_000_000


@dataclass(slots=True)
class StoredMessage:
    """One message in one folder. `raw` is served verbatim; `internaldate` is when the server received it."""

    uid: int
    raw: bytes
    internaldate: datetime
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    """One folder. UIDs only grow; a new `uidvalidity` renumbers every message."""

    name: str
    uidvalidity: int = FIRST_UIDVALIDITY
    uidnext: int = 1
    messages: list[StoredMessage] = field(default_factory=list)

    def append(self, raw: bytes, internaldate: datetime | None = None) -> int:
        """Add a message at the end and return its UID. Times without a zone count as UTC."""
        moment = internaldate or datetime.now(UTC)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        uid = self.uidnext
        self.messages.append(StoredMessage(uid, raw, moment))
        self.uidnext += 1
        return uid

    def delete(self, uid: int) -> None:
        """Remove a message for good; unknown UIDs are ignored."""
        self.messages = [message for message in self.messages if message.uid != uid]

    def renumber(self, uidvalidity: int | None = None) -> None:
        """Give the folder a new UIDVALIDITY and its messages the UIDs 1..n, as a restored or rebuilt server does."""
        self.uidvalidity = uidvalidity or self.uidvalidity + 1
        for uid, message in enumerate(self.messages, start=1):
            message.uid = uid
        self.uidnext = len(self.messages) + 1


@dataclass(slots=True)
class Mailbox:
    """One colleague's mailbox, with the two secrets that open it."""

    address: str
    password: str
    token: str
    folders: dict[str, Folder] = field(default_factory=dict)

    def folder(self, name: str) -> Folder:
        """The folder of that name, made when it does not exist."""
        return self.folders.setdefault(name, Folder(name))


def empty_mailbox(address: str) -> Mailbox:
    """A mailbox with the usual folders; password and token follow from the address, so that tests know them."""
    mailbox = Mailbox(address, password=f"secret-of-{address}", token=f"token-of-{address}")
    for name in (INBOX, SENT, "Archive", "Drafts", "Trash", PARTNERS):
        mailbox.folder(name)
    return mailbox
