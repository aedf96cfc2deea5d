"""Pipelines: when and in which order. The only room that knows Dagster and Splink.

land (source → raw) · stage (raw → staged) · resolve (which records are the same) · golden (publication) · validate.
Each is a plain library; `defs/` wraps them for Dagster and holds no logic of its own.
"""
