"""What changed, in the order in which it was published: read from a cursor on, at least once, by programs of others.

Belongs here: positions, kinds of changes, reading them. Does not belong here: sending them (`pipelines.changes`).
"""
