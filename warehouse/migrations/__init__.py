"""Numbered schema steps, one linear history for both engines. Each goes up and down and is tested with data."""
