"""Validation: what must hold of the warehouse after every sync, each rule one query that lists its violations."""
