"""Asana's API over the world: projects, tasks, stories, offsets that expire, events with tokens that expire.

Belongs here: what Asana answers. Shares no code with the connector it tests.
"""

from partnerhub.simulator.asana.simulator import AsanaSimulator

__all__ = ["AsanaSimulator"]
