"""The pages people read: the partner list and one page per partner, server-rendered, read-only.

Belongs here: routes, templates, the stylesheet. Does not belong here: SQL (`warehouse.queries`), connectors, and any
request to another machine: what a page needs is served from here.
"""
