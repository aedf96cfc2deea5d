"""Read what a mail says: headers, texts, invitations, its nature. Pure functions over text; where it comes from is not known here."""
