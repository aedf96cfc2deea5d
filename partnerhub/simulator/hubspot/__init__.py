"""HubSpot on loopback: CRM objects, search, associations, owners and account of the generated world.

Differences from the real service: `docs/develop/simulator-differences.md`.
"""

from partnerhub.simulator.hubspot.simulator import HubSpotSimulator

__all__ = ["HubSpotSimulator"]
