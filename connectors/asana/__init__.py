"""Asana: users, projects, memberships, sections, tasks with their subtasks, and stories of one workspace.

Belongs here: Asana's paths, cursors, event tokens and limits. Does not belong here: what a field means
(`mappings.asana`). The vendor's SDK is not used: its event iterator repeats pages and swallows the 412 that says that
events were lost, and its page iterators turn a truncated answer into an AttributeError.
"""

from connectors.asana.connector import Asana

__all__ = ["Asana"]
