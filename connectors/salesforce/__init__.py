"""Salesforce: accounts, people, opportunities, activities, cases, contracts, users and custom objects of one org.

Belongs here: Salesforce's paths, queries, cursors and limits. Does not belong here: what a field means
(`mappings.salesforce`).
"""

from connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
