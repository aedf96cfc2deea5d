"""Connectors: one module (or package) per system; each turns a vendor's API or file into pages of source records.

Belongs here: talking to one system, its cursors, its error codes. Does not belong here: what a field means
(`mappings`), where a record is kept (`warehouse`), when it is pulled (`pipelines`). Imports nothing of ours.
"""

from connectors.registry import connector_class, connector_names

__all__ = ["connector_class", "connector_names"]
