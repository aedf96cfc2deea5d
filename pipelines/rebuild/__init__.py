"""The rebuild proof: whatever is derived comes out of the raw layer and the ledger again, row for row.

Belongs here: what is derived and what is kept, proving it in a second warehouse, and putting the outcome in the hub's
place. Does not belong here: deriving itself (`stage`, `resolve`, `golden`, `signals`).
"""
