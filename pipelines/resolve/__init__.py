"""Resolve: which records are the same. Splink proposes pairs, `partnerhub.identity` decides, the ledger remembers.

Belongs here: loading the neighborhood of a change, scoring its pairs with Splink, writing links, redirects and
events. Does not belong here: the rules themselves (`partnerhub/identity`), golden values (`pipelines/golden`).
"""

from pipelines.resolve.assignment import assign_organizations, assign_persons
from pipelines.resolve.explanation import Membership, explain_organization, explain_pair
from pipelines.resolve.ledger import Assigned
from pipelines.resolve.proposal import ProposeCounts, propose

__all__ = [
    "Assigned",
    "Membership",
    "ProposeCounts",
    "assign_organizations",
    "assign_persons",
    "explain_organization",
    "explain_pair",
    "propose",
]
