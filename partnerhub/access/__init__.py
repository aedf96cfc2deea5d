"""Who may see and do what: roles, passwords, sessions, keys. Knows no page and no command; rows are the warehouse's."""
