"""Salesforce for tests and the demo: an org on loopback over the world's sales, encrypted. No connector code."""

from partnerhub.simulator.salesforce.simulator import SalesforceSimulator

__all__ = ["SalesforceSimulator"]
