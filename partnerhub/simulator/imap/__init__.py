"""A mail server for tests and the demo: IMAP4rev1 on loopback over the world's mails. No connector code.

Known differences from real services: one connection sees changes at once and is told of none (no IDLE, no EXPUNGE
notices); no quotas, throttling or connection limits but as declared faults; SEARCH knows UID ranges and headers only;
no CONDSTORE, QRESYNC, MOVE or STORE; no STARTTLS; ENVELOPE inside message/rfc822 structures is empty; a token never
expires; Gmail's labels and Exchange's inexact sizes are not imitated.
"""

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
