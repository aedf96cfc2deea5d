"""The change preview: what another mapping, rule or threshold would make of all that ever landed, before it counts.

Belongs here: reading a change, trying it in a second warehouse, and saying what differs in words of partners, fields
and figures. Does not belong here: deriving itself, and the second warehouse (`pipelines/scratch`).
"""
