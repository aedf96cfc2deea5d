"""Jira Cloud's REST API over a generated world."""

from __future__ import annotations

from partnerhub.simulator.jira.simulator import JiraSimulator

__all__ = ["JiraSimulator"]
