"""Jira Cloud: projects, users, issues, comments, changelog and worklogs of one site.

Belongs here: Jira's paths, query language, cursors and limits. Does not belong here: what a field means
(`mappings.jira`).
"""

from connectors.jira.connector import Jira

__all__ = ["Jira"]
