"""Contracts: what is promised of each published table, as ODCS 3.1, and whether a change keeps the promise.

Belongs here: making a contract from a mart, comparing two, testing one against the warehouse. `published/` holds what
was promised last. Does not belong here: what a table is (`warehouse/marts`).
"""
