"""HubSpot: companies, contacts, deals, tickets, engagements, owners and associations of one account.

Belongs here: HubSpot's paths, cursors and limits. Does not belong here: what a property means (`mappings.hubspot`).
"""

from connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]
