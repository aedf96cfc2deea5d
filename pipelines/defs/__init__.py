"""Dagster wrappers: an asset calls one function of `pipelines.steps` and returns counts as metadata. No logic here."""
