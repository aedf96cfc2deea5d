"""Writes people trigger: decide, pin, attach, redact, enter by hand. Each works inside the caller's transaction.

A command writes the ledger or raw, and marks what it touches as pending. `pipelines.golden.publish.carry_out` runs it
with the publication that follows in one transaction: its outcome is seen at once, or not at all.
"""
