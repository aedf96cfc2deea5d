"""Exports: the marts and the views of streams as files that others read without the hub.

Belongs here: reading a view as typed batches in one snapshot, writing them, and what stands beside them (manifest, data
package). Does not belong here: what a table is (`warehouse/marts`), what is promised of it (`warehouse/contracts`).
"""
