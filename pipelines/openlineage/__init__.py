"""Runs told as OpenLineage events: when one began and ended, what it read, which tables that made, column by column."""
