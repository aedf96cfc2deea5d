"""A mail or meeting the CRM logged and the one in a mailbox are one fact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from connectors.record import Connector
from mappings.compile import compile_stream
from mappings.discover import mapping_for
from mappings.rows import Context
from partnerhub.simulator.hubspot import HubSpotSimulator
from partnerhub.simulator.imap import ImapSimulator
from partnerhub.simulator.world.generate import generate_world
from tests.connectors.conformance.hubspot_rig import settings_for
from tests.connectors.conformance.imap_rig import connector_for

WORLD = generate_world(7, 40, datetime(2026, 9, 1, 12, tzinfo=UTC))


def facts(connector: Connector, streams: Iterable[str]) -> set[str]:
    """Every `same_as` of a source's touchpoints."""
    found = set()
    for stream in streams:
        stage = compile_stream(mapping_for(connector.name).streams[stream])
        for page in connector.pull(stream, None):
            for record in page.records:
                own = frozenset({WORLD.own_domain})
                context = Context(
                    "x", stream, record.source_id, 1, "r", None, None, "DE", own, frozenset(), {}
                )
                found.add(stage(record.payload or {}, context).rows["touchpoint"][0]["same_as"])
    return found - {None}


def test_what_the_crm_logged_and_what_lies_in_a_mailbox_is_one_fact() -> None:
    with HubSpotSimulator(WORLD) as crm:
        logged = facts(settings_for(crm, list_page_size=100, search_page_size=100), ("emails", "meetings"))
    with ImapSimulator(WORLD) as server:
        mailboxes = [
            facts(connector_for(server, mailbox=box, password=server.password(box)), ("messages",))
            for box in list(server.mailboxes)
        ]
    seen = set().union(*mailboxes)
    expected = sum(activity.mail_id is not None for activity in WORLD.activities.values())
    assert len(logged & seen) == expected > 0
    assert len(seen) == len(WORLD.mails)
