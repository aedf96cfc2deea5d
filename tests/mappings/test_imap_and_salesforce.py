"""A mail Salesforce logged as a task and the one in a mailbox are one fact."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.record import Connector
from mappings.compile import compile_stream
from mappings.discover import mapping_for
from mappings.rows import Context
from partnerhub.simulator.imap import ImapSimulator
from partnerhub.simulator.salesforce import SalesforceSimulator
from partnerhub.simulator.world.generate import generate_world
from tests.connectors.conformance.imap_rig import connector_for
from tests.connectors.conformance.salesforce_rig import settings_for

WORLD = generate_world(7, 40, datetime(2026, 9, 1, 12, tzinfo=UTC))


def facts(connector: Connector, stream: str) -> set[str]:
    """Every `same_as` of the touchpoints in a stream."""
    found = set()
    stage, own = compile_stream(mapping_for(connector.name).streams[stream]), frozenset({WORLD.own_domain})
    for page in connector.pull(stream, None):
        for record in page.records:
            context = Context("x", stream, record.source_id, 1, "r", None, None, "DE", own, frozenset(), {})
            rows = stage(record.payload or {}, context).rows.get("touchpoint", [])
            found |= {row["same_as"] for row in rows}
    return found - {None}


def test_what_salesforce_logged_and_what_lies_in_a_mailbox_is_one_fact() -> None:
    with SalesforceSimulator(WORLD) as crm:
        logged = facts(settings_for(crm, page_size=2000), "Task")
    with ImapSimulator(WORLD) as server:
        mailboxes = [
            facts(connector_for(server, mailbox=box, password=server.password(box)), "messages")
            for box in list(server.mailboxes)
        ]
    expected = {task.mail_id for task in WORLD.sales.activities.values() if task.mail_id}
    assert len(logged & set().union(*mailboxes)) == len(expected) > 0
