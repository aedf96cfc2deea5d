"""Read a mailbox over IMAP4rev1: mails and their attachments. What mail means to the hub belongs in mappings."""

from connectors.imap.connector import ImapConnector

__all__ = ["ImapConnector"]
