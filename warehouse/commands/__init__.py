"""Writes that people trigger (decide, pin, attach, redact, log): each one transaction, the golden record included."""
