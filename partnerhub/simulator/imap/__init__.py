"""A mail server for tests and the demo: IMAP4rev1 on loopback over the world's mails. No connector code."""

from partnerhub.simulator.imap.faults import Fault, FaultPlan
from partnerhub.simulator.imap.server import ImapSimulator
from partnerhub.simulator.imap.store import (
    INBOX,
    PARTNERS,
    SENT,
    Folder,
    Mailbox,
    StoredMessage,
    empty_mailbox,
)

__all__ = [
    "INBOX",
    "PARTNERS",
    "SENT",
    "Fault",
    "FaultPlan",
    "Folder",
    "ImapSimulator",
    "Mailbox",
    "StoredMessage",
    "empty_mailbox",
]
