"""Cleaners: one value in, its one canonical spelling out, or None for nothing. Pure, idempotent, no network.

Belongs here: what a well-formed text, name, host, phone, address, amount or time looks like. Does not belong here:
which source field it comes from (`mappings`). What cannot be read raises `Unreadable(code)`; the compiler turns that
into a finding and keeps the record.
"""
