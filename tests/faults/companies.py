"""A made-up HubSpot that has just the companies a test says."""

from __future__ import annotations

from connectors.record import Page, SourceRecord, Stream
from tests.pipelines.scripted import ScriptedConnector, pages

COMPANIES = Stream("companies", "incremental")


def crm(*records):
    """A made-up HubSpot with just these companies."""
    return ScriptedConnector(source="crm").plays(COMPANIES, pages(Page("companies", list(records))))


def made(number, **properties):
    """A company of the made-up HubSpot."""
    return SourceRecord(str(number), {"id": str(number), "archived": False, "properties": properties})
