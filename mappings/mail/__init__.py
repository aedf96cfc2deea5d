"""Read what a mail says: headers, texts, invitations, its nature. Pure functions; no mailbox is known here."""
